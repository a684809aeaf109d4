"""Complete matrices, and tell by what they were completed."""

from functools import lru_cache

import torch

from descent.exercises.cases import called, each_has_its_own
from descent.exercises.measure import array, expect, expect_close
from descent.exercises.model import Exercise, Wrong


def matrices() -> list[tuple[torch.Tensor, float]]:
    """Matrices and thresholds."""
    rng = torch.Generator().manual_seed(8)
    return [
        (torch.randn(n, n, generator=rng, dtype=torch.float64), by)
        for n, by in ((3, 0.5), (5, 1.5), (5, 20.0))
    ]


def check_shrunk(shrink) -> None:
    """The result is the minimum of |X - A|² / 2 + by |X|_*."""
    for a, by in matrices():
        mine = array(shrink(a, by), "the matrix", a.shape)
        u, s, vh = torch.linalg.svd(a)
        wanted = u @ torch.diag((s - by).clamp(min=0)) @ vh
        expect_close(mine, wanted, f"the minimum for a threshold of {by:g}", atol=1e-7)


SHRUNK = """
def shrink(a, by):
    u, s, vh = torch.linalg.svd(a)
    return u @ torch.diag((s - by).clamp(min=0)) @ vh
"""

SHRINK = Exercise(
    id="implicit_bias.shrink",
    kind="code",
    title="One step towards a small nuclear norm",
    stars=2,
    minutes=20,
    name="shrink",
    prompt=r"""
The heart of every solver for the nuclear norm is
$\argmin_X\tfrac12\norm{X-A}_F^2+\mu\norm{X}_*$. Write it: `shrink(a, by)` with `by` $=\mu$.
""",
    stub='''
def shrink(a, by):
    """Return the minimizer, the shape of a."""
    ...
''',
    solution=SHRUNK,
    hints=(
        "Both terms do not change when X and A are turned alike. So start with a diagonal A.",
        "For one number: $\\argmin\\tfrac12(x-s)^2+\\mu\\abs x$.",
        "Lower each singular value by $\\mu$, and stop at 0.",
    ),
    checks=(check_shrunk,),
    probe=lambda answer: [
        v for m in matrices() for v in array(answer(*m), "the matrix").flatten().tolist()
    ],
    wrong={
        "entries": Wrong(
            "def shrink(a, by):\n    return torch.sign(a) * (a.abs() - by).clamp(min=0)",
            "That shrinks entries, for the sum of their sizes. The nuclear norm sums singular "
            "values.",
        ),
        "hard": Wrong(
            SHRUNK.replace("(s - by).clamp(min=0)", "torch.where(s > by, s, 0 * s)"),
            "Singular values above the threshold are lowered as well: that is the bias of the "
            "convex answer.",
        ),
        "negative": Wrong(
            SHRUNK.replace(".clamp(min=0)", ""),
            "Singular values cannot become negative: stop at 0.",
        ),
    },
    explanation=r"""
Soft thresholding of the singular values. Note its price: the *large* ones are lowered too. A
penalty on the nuclear norm biases what it keeps; a product of three factors does not.
""",
)

CAUSES = ("three factors", "two factors", "smallest nuclear norm", "Adam, two factors")
DIAGNOSIS = {
    "A": "smallest nuclear norm",
    "B": "Adam, two factors",
    "C": "three factors",
    "D": "two factors",
}

LOGS = Exercise(
    id="implicit_bias.logs",
    kind="diagnose",
    title="Who filled it in?",
    stars=2,
    minutes=15,
    name="diagnosis",
    prompt=r"""
The same 600 entries of a 50 by 50 matrix were completed by four methods; all of them fit what is
seen. The hidden matrix has rank 3 and nuclear norm 85.4.

| log | nuclear norm | effective rank | singular values 1, 2, 3, 4 |
|-|-|-|-|
| A | 83.9 | 4.6 | 31.8, 23.9, 19.1, 2.2 |
| B | 95.3 | 10.3 | 27.7, 22.5, 12.7, 5.1 |
| C | 85.4 | 3.0 | 35.0, 26.8, 23.4, 0.1 |
| D | 85.2 | 3.7 | 34.3, 26.0, 21.0, 1.4 |

Name each: `"three factors"`, `"two factors"`, `"smallest nuclear norm"` or `"Adam, two factors"`.
""",
    stub='diagnosis = {"A": ..., "B": ..., "C": ..., "D": ...}',
    solution="""
diagnosis = {
    "A": "smallest nuclear norm",
    "B": "Adam, two factors",
    "C": "three factors",
    "D": "two factors",
}
""",
    hints=(
        "One number can only belong to one method: which column has a minimum by definition?",
        "Which rule lets all singular values grow at once?",
        "Of the two that are left, the deeper one separates large from small more sharply.",
    ),
    checks=(each_has_its_own("log", "method", DIAGNOSIS, CAUSES),),
    wrong={
        "rank_is_norm": Wrong(
            'diagnosis = {"A": "two factors", "B": "Adam, two factors", "C": "smallest nuclear '
            'norm", "D": "three factors"}',
            "C has the lowest rank, but its nuclear norm is above that of A. By definition nothing "
            "that fits is below the smallest.",
            like=called("C", "smallest nuclear norm"),
        ),
        "depths": Wrong(
            'diagnosis = {"A": "smallest nuclear norm", "B": "Adam, two factors", "C": "two '
            'factors", "D": "three factors"}',
            "The exponent $2-2/N$ grows with depth: which log has the sharper gap between third "
            "and fourth?",
            like=called("C", "two factors"),
        ),
    },
    explanation=r"""
A has the smallest norm, so it is the convex program, whose bias lowers the large singular values. B
is Adam: rank ten. C has a gap of four hundred between the third and the fourth value, D one of
fifteen.
""",
)


def hidden() -> tuple[torch.Tensor, torch.Tensor]:
    """A 12 by 12 matrix of rank 1 with half of its entries seen, three in every row at least."""
    rng = torch.Generator().manual_seed(1)
    left, right = torch.randn(2, 12, 1, generator=rng, dtype=torch.float64)
    truth = left @ right.T
    truth = truth / truth.square().mean().sqrt()
    seen = torch.zeros(144, dtype=torch.float64)
    seen[torch.randperm(144, generator=rng)[:72]] = 1
    return truth, seen.reshape(12, 12)


@lru_cache(maxsize=8)
def filled(complete) -> torch.Tensor:
    """What the reader's function completes."""
    truth, seen = hidden()
    return array(complete(truth * seen, seen), "the matrix", truth.shape)


def check_seen(complete) -> None:
    """Seen entries are fitted."""
    truth, seen = hidden()
    off = float(((filled(complete) - truth) * seen).square().sum() / (truth * seen).square().sum())
    expect(off < 1e-3, f"the relative error on seen entries is below 0.001; yours was {off:.3g}")


def check_unseen(complete) -> None:
    """Unseen entries are right."""
    truth, seen = hidden()
    rest = 1 - seen
    off = float(((filled(complete) - truth) * rest).square().sum() / (truth * rest).square().sum())
    expect(off < 0.01, f"the relative error on unseen entries is below 0.01; yours was {off:.3g}")


COMPLETE = """
def complete(data, seen):
    rng = torch.Generator().manual_seed(0)
    start = torch.randn(3, 12, 12, generator=rng, dtype=data.dtype)
    a, b, c = 1e-3 ** (1 / 3) * start / 12**0.5
    for _ in range(3000):
        r = seen * (c @ b @ a - data)
        ga, gb, gc = b.T @ c.T @ r, c.T @ r @ a.T, r @ a.T @ b.T
        a, b, c = a - 0.02 * ga, b - 0.02 * gb, c - 0.02 * gc
    return c @ b @ a
"""

REPLICATE = Exercise(
    id="implicit_bias.complete",
    kind="replicate",
    title="Rank without asking for it",
    stars=3,
    minutes=40,
    name="complete",
    prompt=r"""
A 12 by 12 matrix of rank 1 is hidden; you get its 72 seen entries. Complete it by gradient descent
on a product of three *square* factors, without using the rank: `complete(data, seen)`. `data` is 0
where `seen` is 0. The relative squared error on the unseen entries must be below 0.01.
""",
    stub='''
def complete(data, seen):
    """Return the completed matrix, (12, 12)."""
    ...
''',
    solution=COMPLETE,
    hints=(
        "The loss is half the sum of squares over seen entries. Its gradient by W is the masked "
        "residual.",
        "Gaussian factors of standard deviation $s^{1/3}n^{-1/2}$ with $s$ about 0.001.",
        "Rate 0.02 and a few thousand steps. Wait through the plateau at the start.",
    ),
    checks=(check_seen, check_unseen),
    probe=lambda answer: filled(answer).flatten().tolist(),
    wrong={
        "large_start": Wrong(
            COMPLETE.replace("1e-3 ** (1 / 3)", "2"),
            "It fits what is seen, but its start is large: what it put between the examples stays.",
        ),
        "one_factor": Wrong(
            "def complete(data, seen):\n    return data",
            "One factor: the unseen entries have no gradient and stay 0.",
        ),
        "impatient": Wrong(
            COMPLETE.replace("range(3000)", "range(50)"),
            "It has hardly left the start. A small start waits before it moves.",
        ),
    },
    explanation=r"""
Nothing asks for rank 1, yet the second singular value never gets going before the data fit. The
same loop from a large start fits as well and is wrong.
""",
)
