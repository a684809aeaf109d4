"""How many examples a precision costs."""

from descent.exercises.model import Exercise, Number, Wrong

EXERCISE = Exercise(
    id="mini_batching.precision",
    kind="predict",
    title="The price of a digit",
    stars=1,
    minutes=8,
    name="answer",
    question=Number(unit="examples", within=0.02, digits=4),
    prompt=r"""
A run stands at a point where the exact gradient has length 0.1 and one example's gradient deviates
from it by 3 on average (the root of $\tr\Sigma$). The data are a stream that never repeats.

How many examples must a batch hold so that the error of its gradient is 5 % of the gradient's
length?
""",
    stub="answer = ...",
    solution="""
from descent import mini_batching as mb

signal, noise, share = 0.1, 3.0, 0.05
answer = (mb.standard_error(noise, 1) / (share * signal)) ** 2
""",
    hints=(
        "What is the error, in the same units as the gradient, that you are allowed?",
        "0.005. The error of a batch is $\\sqrt{\\operatorname{tr}\\Sigma/B}$.",
        "Solve $3/\\sqrt B = 0.005$.",
    ),
    wrong={
        "no_square": Wrong(
            "answer = 3.0 / 0.005",
            "The error falls with the *root* of the number of examples.",
        ),
        "signal_forgotten": Wrong(
            "answer = (3.0 / 0.05) ** 2",
            "5 % of the gradient's length is 0.005: the precision is relative to a short vector.",
        ),
        "scale_only": Wrong(
            "answer = (3.0 / 0.1) ** 2",
            "That is the noise scale, where the error is as long as the gradient. You want a "
            "twentieth of that.",
        ),
    },
    explanation=r"""
$B = \tr\Sigma/(0.05\,\norm g)^2 = 9/0.000025 = 360{,}000$. The noise scale itself is
$\tr\Sigma/\norm g^2 = 900$, and a precision of 5 % costs 400 times that. Nobody trains with such
precise gradients, because nobody needs them: beyond a few noise scales a better gradient does not
make the step better.
""",
)
