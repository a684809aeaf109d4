"""Two tasks that cannot be done without memory: adding and copying."""

import torch
from torch import Tensor

from descent import validate
from descent.oracles import seeded


def adding(
    count: int, length: int, *, seed: int = 0, step: int = 0, dtype: torch.dtype = torch.float32
) -> tuple[Tensor, Tensor]:
    r"""Draw the adding problem: remember two numbers of a long sequence, and add them.

    Each input holds a number, uniform in [0, 1], and a marker. One marker stands in the first half,
    one in the second; the target is the sum of the two marked numbers. Answering 1 always leaves
    the mean squared error $2\cdot\tfrac1{12} = \tfrac16$; knowing one of the two, $\tfrac1{12}$.

    Args:
        count: Number n of sequences.
        length: Length T, at least 2.
        seed: Seed of a run.
        step: Step of the run; every step has a batch of its own.
        dtype: Floating-point type.

    Returns:
        Inputs (n, T, 2) and targets (n, 1, 1).

    Raises:
        TypeError: If `count` or `length` is not an integer.
        ValueError: If `count` < 1 or `length` < 2.

    Reference: Hochreiter, Schmidhuber (1997), in the form of Le, Jaitly, Hinton (2015).
    """
    validate.count("count", count)
    validate.count("length", length, low=2)
    g, rows = seeded(seed, step), torch.arange(count)
    values = torch.rand(count, length, generator=g, dtype=dtype)
    first = torch.randint(length // 2, (count,), generator=g)
    second = torch.randint(length // 2, length, (count,), generator=g)
    marks = torch.zeros_like(values)
    marks[rows, first] = marks[rows, second] = 1
    return torch.stack([values, marks], -1), (values * marks).sum(1)[:, None, None]


def copying(
    count: int,
    delay: int,
    *,
    symbols: int = 8,
    length: int = 5,
    seed: int = 0,
    step: int = 0,
    dtype: torch.dtype = torch.float32,
) -> tuple[Tensor, Tensor]:
    r"""Draw the copying problem: hold a word through a silence, then say it.

    One-hot inputs: `length` random symbols, `delay - 1` blanks, a signal to speak, and blanks. The
    targets are the symbols, at the last `length` places. Without memory the cross-entropy is the
    logarithm of `symbols`.

    Args:
        count: Number n of sequences.
        delay: Steps between the last symbol and the first answer, at least 1.
        symbols: Size of the alphabet.
        length: Length of the word.
        seed: Seed of a run.
        step: Step of the run; every step has a batch of its own.
        dtype: Floating-point type.

    Returns:
        Inputs (n, 2 length + delay, symbols + 2) and targets (n, length, symbols).

    Raises:
        TypeError: If a number is not an integer.
        ValueError: If one of them is below 1, or `symbols` below 2.

    Reference: Hochreiter, Schmidhuber (1997); Arjovsky, Shah, Bengio (2016), arXiv:1511.06464.
    """
    for name, value, low in (
        ("count", count, 1),
        ("delay", delay, 1),
        ("symbols", symbols, 2),
        ("length", length, 1),
    ):
        validate.count(name, value, low=low)
    word = torch.randint(symbols, (count, length), generator=seeded(seed, step))
    heard = torch.full((count, 2 * length + delay), symbols)
    heard[:, :length] = word
    heard[:, length + delay - 1] = symbols + 1
    one_hot = torch.eye(symbols + 2, dtype=dtype)
    return one_hot[heard], one_hot[word][..., :symbols]
