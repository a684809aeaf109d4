"""Tell what is behind three training logs."""

from descent.exercises.cases import called, each_has_its_own
from descent.exercises.model import Exercise, Wrong

CAUSES = ("random labels", "leak", "stopped late", "healthy")
DIAGNOSIS = {"A": "stopped late", "B": "random labels", "C": "leak", "D": "healthy"}


EXERCISE = Exercise(
    id="cost_functions.shapes",
    kind="diagnose",
    title="Four logs",
    stars=2,
    minutes=15,
    name="diagnosis",
    prompt=r"""
Four classifiers of ten balanced classes have finished training. The table shows the last training
loss, the lowest and the last validation loss, and two error rates: on the validation set, and on
fresh examples collected a month later.

| log | training loss | lowest validation loss | last | validation error | fresh error |
|-|-:|-:|-:|-:|-:|
| A | 0.001 | 0.21 | 0.44 | 6 % | 6 % |
| B | 0.002 | 2.30 | 5.10 | 90 % | 90 % |
| C | 0.003 | 0.02 | 0.02 | 0.4 % | 9 % |
| D | 0.19 | 0.22 | 0.22 | 6 % | 6 % |

Name each: `"random labels"`, `"leak"` (validation examples were in the training set),
`"stopped late"` or `"healthy"`.
""",
    stub='diagnosis = {"A": ..., "B": ..., "C": ..., "D": ...}',
    solution="""
diagnosis = {
    "A": "stopped late",
    "B": "random labels",
    "C": "leak",
    "D": "healthy",
}
""",
    hints=(
        "What error rate does guessing one of ten classes have, and what loss has a uniform "
        "answer?",
        "In which log does validation disagree with the fresh examples? Validation should not "
        "know them better than the future.",
        "Compare the lowest with the last validation loss: in one log they differ while the error "
        "stays low.",
    ),
    checks=(each_has_its_own("log", "cause", DIAGNOSIS, CAUSES),),
    wrong={
        "loss_is_all": Wrong(
            'diagnosis = {"A": "leak", "B": "random labels", "C": "healthy", "D": "stopped late"}',
            "C has the lowest validation loss, and that is what makes it suspicious: look at the "
            "last column.",
            like=called("C", "healthy"),
        ),
        "a_is_random": Wrong(
            'diagnosis = {"A": "random labels", "B": "stopped late", "C": "leak", "D": "healthy"}',
            "A still answers 94 % of fresh examples rightly. Labels without meaning cannot teach "
            "that.",
            like=called("A", "random labels"),
        ),
        "d_late": Wrong(
            'diagnosis = {"A": "healthy", "B": "random labels", "C": "leak", "D": "stopped late"}',
            "In D the last validation loss *is* the lowest. Which log trained on past its lowest "
            "validation loss?",
            like=called("D", "stopped late"),
        ),
    },
    explanation=r"""
B ends at chance with a training loss of zero: memory without meaning. C knows its validation set
too well. A and D are equally good *by error rate*, but A's probabilities are spoiled: its
validation loss doubled after the best epoch, because it grew certain of its mistakes.
""",
)
