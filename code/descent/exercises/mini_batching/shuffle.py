"""What a shuffle saves."""

import torch

from descent.exercises.measure import array, expect_close, number
from descent.exercises.model import Exercise, Wrong

VALUES = torch.tensor([-1.5, 0.2, 0.9, -0.4, 1.1, -0.3], dtype=torch.float64)
LR = 0.1


def after(x: float, order: list[int]) -> float:
    """One epoch, one example at a time."""
    for i in order:
        x = x - LR * (x - float(VALUES[i]))
    return x


def answers(epoch) -> torch.Tensor:
    """Where the reader's epoch ends for a few seeds."""
    ends = [number(epoch(VALUES, 1.0, LR, seed), "the end of an epoch") for seed in range(5)]
    return array(ends, "the ends of an epoch", (5,))


def check_permutation(epoch) -> None:
    """The epoch visits every example once, in the order of `randperm`."""
    want = []
    for seed in range(5):
        generator = torch.Generator().manual_seed(seed)
        want.append(after(1.0, torch.randperm(len(VALUES), generator=generator).tolist()))
    expect_close(answers(epoch), want, "the end of an epoch", rtol=1e-9)


EXERCISE = Exercise(
    id="mini_batching.shuffle",
    kind="code",
    title="One epoch, every example once",
    stars=1,
    minutes=10,
    name="epoch",
    prompt=r"""
Example $i$ has the loss $f_i=\tfrac12(x-a_i)^2$. Write `epoch(a, x, lr, seed)`: one epoch of SGD
with batches of one, each example exactly once, in the order of `torch.randperm` with a generator of
that seed. Return the last `x`.
""",
    stub='''
def epoch(a, x, lr, seed):
    """Return the point after one epoch."""
    ...
''',
    solution="""
def epoch(a, x, lr, seed):
    generator = torch.Generator().manual_seed(seed)
    for i in torch.randperm(len(a), generator=generator):
        x = x - lr * (x - a[i])
    return x
""",
    hints=(
        "`torch.randperm(n, generator=...)` is a list of all indices in a random order.",
        "The gradient of one example is $x-a_i$.",
        "`for i in torch.randperm(len(a), generator=generator): x = x - lr * (x - a[i])`",
    ),
    checks=(check_permutation,),
    probe=answers,
    wrong={
        "replacement": Wrong(
            """
def epoch(a, x, lr, seed):
    generator = torch.Generator().manual_seed(seed)
    for i in torch.randint(len(a), (len(a),), generator=generator):
        x = x - lr * (x - a[i])
    return x
""",
            "`randint` draws with replacement: some examples come twice, others not at all.",
        ),
        "stale": Wrong(
            """
def epoch(a, x, lr, seed):
    return x - lr * (x - a).sum()
""",
            "All gradients are taken at the same point: that is one full-batch step, not an epoch "
            "of single ones.",
        ),
        "in_order": Wrong(
            """
def epoch(a, x, lr, seed):
    for i in range(len(a)):
        x = x - lr * (x - a[i])
    return x
""",
            "The order is that of the file. If the file is sorted, the last examples win.",
        ),
    },
    explanation=r"""
After an epoch, $x\to q^Nx+\eta\sum_jq^{N-1-j}a_{\pi(j)}$ with $q=1-\eta$.
If the weights were equal, every order would give the same sum, and the noise of an epoch would be
zero. They differ by a factor of $q^{N-1}$ between the first and the last example; that is all the
noise that is left, and for $\eta N\ll1$ it is smaller by $(\eta N)^2/12$ than with replacement.
""",
)
