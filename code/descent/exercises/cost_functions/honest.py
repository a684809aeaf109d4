"""An error rate that was not chosen for being low."""

import torch

from descent.exercises.measure import expect, expect_close, number
from descent.exercises.model import Exercise, Wrong


def sheets(seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Measured validation and test error of 200 candidates that are all equally good."""
    generator = torch.Generator().manual_seed(seed)
    rates = torch.bernoulli(torch.full((2, 200, 100), 0.3), generator=generator).mean(-1)
    return rates[0], rates[1]


def check_choice(report) -> None:
    """It is the test error of the candidate with the best validation error."""
    for seed in range(5):
        validation, test = sheets(seed)
        mine = number(report(validation, test), "the reported error")
        expect_close(mine, float(test[validation.argmin()]), "the reported error")


def check_bias(report) -> None:
    """Over many repetitions the report is right on average."""
    mean = sum(number(report(*sheets(s)), "the error") for s in range(300)) / 300
    expect(abs(mean - 0.3) < 0.02, f"the mean report is the true 0.3; yours was {mean:.3f}")


EXERCISE = Exercise(
    id="cost_functions.honest",
    kind="code",
    title="Report it honestly",
    stars=1,
    minutes=10,
    name="report",
    prompt=r"""
`validation` and `test` hold the measured error rates of the same candidates on two held-out sets,
tensors of equal length. Choose a candidate and write `report(validation, test)`: the error rate
that you may publish for it. All candidates may be equally good; your number must be right on
average.
""",
    stub='''
def report(validation, test):
    """Return the error rate to publish."""
    ...
''',
    solution="""
def report(validation, test):
    return test[validation.argmin()]
""",
    hints=(
        "A minimum over many noisy numbers is lower than any of their means.",
        "Choose by one set, measure by the other.",
        "`validation.argmin()` names the candidate.",
    ),
    checks=(check_choice, check_bias),
    probe=lambda answer: [float(answer(*sheets(seed))) for seed in range(5)],
    wrong={
        "best_test": Wrong(
            """
def report(validation, test):
    return test.min()
""",
            "The test set has chosen the candidate, so its noise is in the number: on average "
            "this is far below the true rate.",
        ),
        "validation": Wrong(
            """
def report(validation, test):
    return validation.min()
""",
            "This is the number that the candidate was chosen for. It is low because it was "
            "chosen.",
        ),
        "average": Wrong(
            """
def report(validation, test):
    return test.mean()
""",
            "Right on average here, but it is the rate of *all* candidates, not of the one you "
            "will use.",
        ),
    },
    explanation=r"""
With 200 equal candidates and 100 examples the lowest of the measured rates is about 0.18, though
every true rate is 0.3. The rate of the chosen one on examples that had no part in the choice has no
such bias.
""",
)
