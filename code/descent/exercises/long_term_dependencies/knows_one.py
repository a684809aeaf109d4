"""What half a memory is worth on the adding problem."""

from descent.exercises.model import Exercise, Number, Wrong

EXERCISE = Exercise(
    id="long_term_dependencies.knows_one",
    kind="predict",
    title="Half a memory",
    stars=1,
    minutes=5,
    name="error",
    question=Number(within=0.03, digits=3),
    prompt=r"""
In the adding problem two of many numbers, uniform in $[0,1]$, are marked, and the answer is their
sum. A network always remembers the second marked number exactly and knows nothing about the first.
What is its mean squared error, at best?
""",
    stub="error = ...",
    solution="""
from descent.long_term_dependencies import adding

inputs, targets = adding(200_000, 20, dtype=torch.float64)
values, marks = inputs.unbind(-1)
second = (values * marks)[:, 10:].sum(1)
error = float((targets[:, 0, 0] - second - 0.5).square().mean())
""",
    hints=(
        "What does it answer for the number that it does not know?",
        "Its best guess is the mean, one half. What is left is a variance.",
        "A uniform number on $[0,1]$ has the variance $1/12$.",
    ),
    wrong={
        "no_memory": Wrong(
            "error = 1 / 6",
            "That is the error of knowing *neither*: two variances.",
        ),
        "square": Wrong(
            "error = 1 / 3",
            "That is the mean square of the unknown number. A good guess subtracts its mean first.",
        ),
        "deviation": Wrong(
            "error = 12**-0.5",
            "That is a standard deviation. The error is squared.",
        ),
    },
    explanation=r"""
One unknown uniform number leaves its variance, $1/12=0.083$; two leave $1/6=0.167$.
On a learning curve a plateau at 0.083 would tell of a network that sees one half of the sequence.
The networks of the chapter show none: they learn the rule "keep what is marked" and with it both.
""",
)
