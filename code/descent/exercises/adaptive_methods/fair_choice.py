"""What a search of so many trials is expected to report."""

import itertools

import torch
from torch import Tensor

from descent.exercises.measure import expect_close, number
from descent.exercises.model import Exercise, Wrong


def cases() -> list[tuple[Tensor, Tensor, int]]:
    """Tuning losses, reported losses, and numbers of trials."""
    generator = torch.Generator().manual_seed(2)
    pairs = torch.rand(3, 2, 6, generator=generator, dtype=torch.float64)
    return [(*pair, n) for pair, n in zip(pairs, (1, 3, 6), strict=True)]


def by_hand(tuned: Tensor, reported: Tensor, trials: int) -> float:
    """Mean over all sets of so many candidates of what the best tuned one reports."""
    found = [
        float(reported[min(drawn, key=lambda i: float(tuned[i]))])
        for drawn in itertools.combinations(range(len(tuned)), trials)
    ]
    return sum(found) / len(found)


def check_expectation(expected) -> None:
    """The answer is the mean over searches."""
    for tuned, reported, trials in cases():
        got = number(expected(tuned.clone(), reported.clone(), trials), "the expected loss")
        what = f"the mean reported loss of a search with {trials} of {len(tuned)} candidates"
        expect_close(torch.tensor(got), by_hand(tuned, reported, trials), what)


SOLUTION = """
import itertools


def expected(tuned, reported, trials):
    total, searches = 0.0, 0
    for drawn in itertools.combinations(range(len(tuned)), trials):
        best = min(drawn, key=lambda i: float(tuned[i]))
        total += float(reported[best])
        searches += 1
    return total / searches
"""

EXERCISE = Exercise(
    id="adaptive_methods.fair_choice",
    kind="code",
    title="What a budget buys",
    stars=2,
    minutes=15,
    name="expected",
    prompt=r"""
A method has been trained once at each of $M$ learning rates. For each you have the loss on the
seeds that *choose* and the loss on other seeds that *report*. A poorer reader tries only `trials`
of the rates, drawn at random without repetition, and keeps the one with the smallest tuning loss.

Return the reported loss that this reader should expect: the mean over all possible searches.
""",
    stub='''
def expected(tuned, reported, trials):
    """Return the expected reported loss of a search with so many trials."""
    ...
''',
    solution=SOLUTION,
    hints=(
        "`itertools.combinations(range(M), trials)` lists all searches.",
        "In each search find the drawn rate with the smallest `tuned`, and note its `reported`.",
        "Average over the searches. (A formula with binomial coefficients does the same faster.)",
    ),
    checks=(check_expectation,),
    probe=lambda answer: [float(answer(*case)) for case in cases()],
    wrong={
        "best_reported": Wrong(
            SOLUTION.replace("float(tuned[i])", "float(reported[i])"),
            "You choose by the losses that are reported. Choosing and reporting on the same seeds "
            "is optimistic: the luck of the seeds is chosen too.",
        ),
        "tuning_loss": Wrong(
            SOLUTION.replace("float(reported[best])", "float(tuned[best])"),
            "This reports the tuning loss of the choice. It was the smallest of several, and so "
            "is biased low.",
        ),
        "full_search": Wrong(
            "def expected(tuned, reported, trials):\n    return float(reported[tuned.argmin()])",
            "That reader has tried every rate. With fewer trials the best one may not be drawn.",
        ),
        "best_of_all": Wrong(
            "def expected(tuned, reported, trials):\n    return float(reported.min())",
            "The best number in the table is not what a search is expected to find.",
        ),
    },
    explanation=r"""
Order the rates by tuning loss. A search of $n$ keeps rate $j$ when it draws $j$ and none of those
before it: probability $\binom{M-j}{n-1}/\binom{M}{n}$. A comparison that shows only $n = M$ hides
which method is easy to tune, and one that shows only defaults hides everything else.
""",
)
