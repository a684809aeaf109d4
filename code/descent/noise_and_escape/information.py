r"""How many bits a layer keeps of its input: an experiment that can be counted, not estimated.

All $2^{12}$ inputs are listed, each equally likely. A layer's outputs are put into bins; as the
network is deterministic, the information that the binned layer $\hat T$ keeps about the input is
its entropy, $I(X;\hat T)=H(\hat T)$, and that is counted exactly.
"""

import torch
from torch import Tensor

from descent import validate
from descent.data import Dataset
from descent.networks import MLP

BITS = 12


def all_inputs(bits: int = BITS) -> Tensor:
    """All words of -1 and 1, (2**bits, bits), float32.

    Args:
        bits: Length of a word.
    """
    count = torch.arange(2 ** validate.count("bits", bits))
    return ((count[:, None] >> torch.arange(bits)) & 1).float() * 2 - 1


def symmetric_rule(seed: int = 0, features: int = 5, bits: int = BITS) -> Dataset:
    r"""All inputs with a balanced label: whether $\norm{Bw}_1$ lies above its median.

    Args:
        seed: Seed of the Gaussian matrix B, (features, bits).
        features: Rows of B.
        bits: Length of an input.

    Returns:
        The examples; the label of $w$ is that of $-w$.
    """
    words = all_inputs(bits)
    rng = torch.Generator().manual_seed(validate.count("seed", seed, low=0))
    score = (words @ torch.randn(features, bits, generator=rng).mT).abs().sum(-1)
    return Dataset(words, (score > score.median()).long(), 2)


def layers(network: MLP, x: Tensor, inputs: Tensor) -> list[Tensor]:
    """Outputs of the hidden layers, (*batch, n, width) each.

    Args:
        network: The architecture.
        x: Parameters (*batch, P).
        inputs: Examples (n, m).
    """
    a, found = inputs, []
    for w, b in network.unflatten(x)[:-1]:
        a = network.phi.value(a @ w.mT + b.unsqueeze(-2))
        found.append(a)
    return found


def binned(outputs: Tensor, bins: int, span: tuple[float, float]) -> Tensor:
    """Number the bins that outputs fall into, clipped to the range.

    Args:
        outputs: Any shape.
        bins: Bins of equal width.
        span: Lower end of the first and upper end of the last bin.
    """
    low, high = span
    place = ((outputs - low) / (high - low) * bins).floor()
    return place.clamp(0, validate.count("bins", bins) - 1).long()


def entropy_bits(places: Tensor) -> Tensor:
    r"""Entropy of rows that are equally likely, $-\sum_t \hat p_t\log_2\hat p_t$.

    Args:
        places: Whole numbers (n, width): one row for each input.

    Returns:
        Bits; at most $\log_2 n$.

    >>> entropy_bits(torch.tensor([[0, 1], [0, 1], [2, 2], [3, 3]]))
    tensor(1.5000)
    """
    # Rows are told apart by a random hash of 64 bits: two of 4096 collide with odds of 10^-12.
    rng = torch.Generator().manual_seed(0)
    factors = torch.randint(-(2**62), 2**62, (places.shape[-1],), generator=rng)
    counts = torch.unique(((2 * factors + 1) * places).sum(-1), return_counts=True)[1]
    p = counts / counts.sum()
    return -(p * torch.log2(p)).sum()


def label_bits(places: Tensor, labels: Tensor) -> Tensor:
    r"""Information about a label, $I(\hat T;Y) = H(\hat T) + H(Y) - H(\hat T, Y)$.

    Args:
        places: Whole numbers (n, width).
        labels: Class numbers (n,).
    """
    y = labels[:, None]
    both = torch.cat([places, y], -1)
    return entropy_bits(places) + entropy_bits(y) - entropy_bits(both)
