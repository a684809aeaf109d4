"""Tell what is behind three training logs."""

from descent.exercises.model import Exercise, Failed, NotYet, Wrong

CAUSES = ("random labels", "leak", "stopped late", "healthy")
DIAGNOSIS = {"A": "stopped late", "B": "random labels", "C": "leak", "D": "healthy"}


def check_diagnosis(diagnosis) -> None:
    """Each log has its one cause."""
    if not isinstance(diagnosis, dict) or set(diagnosis) != set(DIAGNOSIS):
        raise Failed("the answer is a dictionary with the keys 'A', 'B', 'C' and 'D'")
    if None in diagnosis.values() or ... in diagnosis.values():
        raise NotYet
    if not set(diagnosis.values()) <= set(CAUSES):
        raise Failed(f"each value is one of {', '.join(map(repr, CAUSES))}")
    right = sum(diagnosis[letter] == DIAGNOSIS[letter] for letter in DIAGNOSIS)
    if right < len(DIAGNOSIS):
        raise Failed(f"every log has its own cause; {right} of 4 are right")


def says(letter: str, cause: str):
    """Make a predicate: the reader gave this log this cause."""
    return lambda diagnosis: diagnosis[letter] == cause


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
    checks=(check_diagnosis,),
    wrong={
        "loss_is_all": Wrong(
            'diagnosis = {"A": "leak", "B": "random labels", "C": "healthy", "D": "stopped late"}',
            "C has the lowest validation loss, and that is what makes it suspicious: look at the "
            "last column.",
            like=says("C", "healthy"),
        ),
        "a_is_random": Wrong(
            'diagnosis = {"A": "random labels", "B": "stopped late", "C": "leak", "D": "healthy"}',
            "A still answers 94 % of fresh examples rightly. Labels without meaning cannot teach "
            "that.",
            like=says("A", "random labels"),
        ),
        "d_late": Wrong(
            'diagnosis = {"A": "healthy", "B": "random labels", "C": "leak", "D": "stopped late"}',
            "In D the last validation loss *is* the lowest. Which log trained on past its lowest "
            "validation loss?",
            like=says("D", "stopped late"),
        ),
    },
    explanation=r"""
B ends at chance with a training loss of zero: memory without meaning. C knows its validation set
too well. A and D are equally good *by error rate*, but A's probabilities are spoiled: its
validation loss doubled after the best epoch, because it grew certain of its mistakes.
""",
)
