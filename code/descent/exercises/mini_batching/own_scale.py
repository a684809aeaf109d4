"""The noise scale from the lengths of gradients alone."""

import torch

from descent.exercises.measure import array, expect_close
from descent.exercises.model import Exercise, Wrong

CASES = ((2.0, 50.0, 8, 64), (0.01, 3.0, 1, 32), (4.0, 0.0, 10, 20))


def lengths(square: float, trace: float, b: int, big: int) -> tuple[float, float]:
    """Mean squared lengths of the gradients of small and of big batches."""
    return square + trace / b, square + trace / big


def answers(estimate) -> torch.Tensor:
    """Signal and noise that the reader finds in exact mean lengths."""
    rows = [estimate(*lengths(s, t, b, big), b, big) for s, t, b, big in CASES]
    return torch.stack([array(row, "signal and noise", (2,)) for row in rows])


def check_means(estimate) -> None:
    """Exact mean lengths give the exact signal and noise."""
    want = torch.tensor([case[:2] for case in CASES], dtype=torch.float64)
    expect_close(answers(estimate), want, "signal and noise", rtol=1e-9)


EXERCISE = Exercise(
    id="mini_batching.own_scale",
    kind="code",
    title="A noise scale for free",
    stars=2,
    minutes=15,
    name="estimate",
    prompt=r"""
Training on several machines computes two gradients in every step anyway: that of one machine's
batch of $b$ examples and that of all machines together, $B$ examples. Their squared lengths are two
numbers. From these alone, no single example's gradient, find signal and noise.

Write `estimate(small, big, b, B)`, where `small` and `big` are the two squared lengths. Return the
pair $\bigl(\norm g^2, \tr\Sigma\bigr)$ such that both are right on average over batches that are
drawn with replacement.
""",
    stub='''
def estimate(small, big, b, B):
    """Return the signal, and the noise of one example."""
    ...
''',
    solution="""
def estimate(small, big, b, B):
    noise = (small - big) / (1 / b - 1 / B)
    signal = (B * big - b * small) / (B - b)
    return signal, noise
""",
    hints=(
        "What is the mean of the squared length of a noisy vector?",
        "$\\mathbb E\\|\\hat g_b\\|^2 = \\|g\\|^2 + \\operatorname{tr}\\Sigma/b$, and likewise "
        "for $B$.",
        "Two linear equations with two unknowns. Subtract them, and the signal drops out.",
    ),
    checks=(check_means,),
    probe=answers,
    wrong={
        "big_is_exact": Wrong(
            """
def estimate(small, big, b, B):
    return big, b * (small - big)
""",
            "You treat the big batch as exact. Its squared length holds noise as well, "
            "$\\operatorname{tr}\\Sigma/B$.",
        ),
        "length_not_square": Wrong(
            """
def estimate(small, big, b, B):
    noise = (small**0.5 - big**0.5) / (1 / b - 1 / B)
    return big - noise / B, noise
""",
            "Variances add, lengths do not. The arguments are squared lengths already.",
        ),
        "root_of_size": Wrong(
            """
def estimate(small, big, b, B):
    noise = (small - big) / (1 / b**0.5 - 1 / B**0.5)
    return big - noise / B**0.5, noise
""",
            "The *error* falls with the root of the batch size; the squared error with the batch "
            "size itself.",
        ),
    },
    explanation=r"""
$\E\norm{\hat g_b}^2=\norm g^2+\tr\Sigma/b$ and the same with $B$.
Their difference is $\tr\Sigma\,(1/b-1/B)$; $B$ times the second less $b$ times the first is
$(B-b)\norm g^2$.
Both estimates are unbiased, and for a single step both are poor: average them over many steps
*before* you divide one by the other, because the ratio of two noisy numbers is biased
{cite}`mccandlish2018`.
""",
)
