"""Permute the hidden units of a network without changing what it computes."""

import torch

from descent.exercises.measure import array, expect, expect_close
from descent.exercises.model import Exercise, NotYet, Wrong

INPUTS, HIDDEN, OUTPUTS = 3, 5, 2
ORDER = (3, 0, 4, 1, 2)


def weights() -> tuple[torch.Tensor, ...]:
    """Draw W1, b1, W2, b2."""
    rng = torch.Generator().manual_seed(5)
    shapes = ((HIDDEN, INPUTS), (HIDDEN,), (OUTPUTS, HIDDEN), (OUTPUTS,))
    return tuple(torch.randn(*s, generator=rng, dtype=torch.float64) for s in shapes)


def outputs(w1, b1, w2, b2) -> torch.Tensor:
    """Evaluate the network on a few inputs."""
    rng = torch.Generator().manual_seed(6)
    u = torch.randn(7, INPUTS, generator=rng, dtype=torch.float64)
    return torch.tanh(u @ w1.mT + b1) @ w2.mT + b2


def shuffled(shuffle) -> tuple[torch.Tensor, ...]:
    """Call the reader's function and read what it returns."""
    found = shuffle(*weights(), list(ORDER))
    if found is None:
        raise NotYet
    expect(isinstance(found, tuple | list) and len(found) == 4, "shuffle returns four arrays")
    names = ("W1", "b1", "W2", "b2")
    pairs = zip(found, names, weights(), strict=True)
    return tuple(array(value, name, like.shape) for value, name, like in pairs)


def check_order(shuffle) -> None:
    """The first unit is the one that the order names first."""
    w1 = shuffled(shuffle)[0]
    expect_close(w1, weights()[0][list(ORDER)], "W1 with its rows in the new order")


def check_function(shuffle) -> None:
    """The network computes the same."""
    expect_close(outputs(*shuffled(shuffle)), outputs(*weights()), "what the network computes")


SOLUTION = """
def shuffle(W1, b1, W2, b2, order):
    return W1[order], b1[order], W2[:, order], b2
"""

EXERCISE = Exercise(
    id="saddles.shuffle",
    kind="code",
    title="The same network in another order",
    stars=1,
    minutes=10,
    name="shuffle",
    prompt=r"""
A network computes $W_2\tanh(W_1u+b_1)+b_2$ with five hidden units.

Write `shuffle(W1, b1, W2, b2, order)`: return the four arrays after the hidden units are reordered,
so that unit `order[0]` comes first, and so on. The function must not change.
""",
    stub='''
def shuffle(W1, b1, W2, b2, order):
    """Return W1, b1, W2, b2 with the hidden units in the given order."""
    ...
''',
    solution=SOLUTION,
    hints=(
        "Everything that is attached to a hidden unit moves with it: what enters, its bias, what "
        "leaves.",
        "A hidden unit is a *row* of $W_1$ and a *column* of $W_2$.",
        "`W1[order]` reorders rows, `W2[:, order]` columns. $b_2$ belongs to the outputs.",
    ),
    checks=(check_order, check_function),
    probe=lambda answer: [value.flatten()[:4].tolist() for value in shuffled(answer)],
    wrong={
        "no_columns": Wrong(
            SOLUTION.replace("W2[:, order]", "W2"),
            "The units have moved and the weights that leave them have not: each output now "
            "listens to the wrong units.",
        ),
        "no_bias": Wrong(
            SOLUTION.replace("b1[order]", "b1"),
            "The bias belongs to the unit and must move with it.",
        ),
        "backwards": Wrong(
            """
def shuffle(W1, b1, W2, b2, order):
    back = [order.index(i) for i in range(len(order))]
    return W1[back], b1[back], W2[:, back], b2
""",
            "The function is the same, but this is the inverse order: unit `order[0]` should come "
            "first.",
        ),
    },
    explanation=r"""
With a permutation matrix $P$ the new weights are $PW_1$, $Pb_1$, $W_2P^\top$: since tanh acts on
each unit alone, $P$ passes through it and cancels. There are $5!=120$ such copies, and flipping the
sign of a unit's weights on both sides makes it $120\cdot2^5=3840$, because tanh is odd.
""",
)
