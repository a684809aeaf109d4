"""Paths between trained networks: straight, after matching their units, and bent."""

import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from descent import validate
from descent.networks import MLP, Empirical
from descent.optimizers import HeavyBall
from descent.oracles import seeded
from descent.saddles.symmetries import permute


def straight(a: Tensor, b: Tensor, points: int) -> Tensor:
    """Points on the segment from a to b, (points, *batch, P), ends included."""
    t = torch.linspace(0, 1, validate.count("points", points, low=2), dtype=a.dtype)
    return torch.stack([torch.lerp(a, b, s) for s in t.tolist()])


def bent(a: Tensor, c: Tensor, b: Tensor, points: int) -> Tensor:
    r"""Points $(1-t)^2a+2t(1-t)c+t^2b$ on a quadratic Bézier curve, (points, *batch, P)."""
    t = torch.linspace(0, 1, validate.count("points", points, low=2), dtype=a.dtype)
    return torch.stack([_bezier(a, c, b, s) for s in t.tolist()])


def barrier(losses: Tensor) -> Tensor:
    r"""How far the loss on a path rises above the straight line between its ends.

    $$\max_t\; f(x_t) - (1-t) f(x_0) - t f(x_1)$$

    Args:
        losses: Losses at evenly spaced points, (points, *batch).

    Returns:
        Barriers, (*batch,); 0 for a path that nowhere rises above the line.
    """
    t = torch.linspace(0, 1, len(losses), dtype=losses.dtype)
    t = t.reshape(-1, *(1,) * (losses.ndim - 1))
    return (losses - (1 - t) * losses[0] - t * losses[-1]).amax(0)


def match(network: MLP, a: Tensor, b: Tensor, sweeps: int = 20) -> Tensor:
    r"""Permute the hidden units of `b` so that its weights lie close to those of `a`.

    One layer after the other, the order that maximizes the inner product of all attached weights is
    found exactly, as an assignment; sweeps over the layers end when nothing changes.

    Args:
        network: The architecture.
        a: Parameters to come close to, (P,).
        b: Parameters to permute, (P,).
        sweeps: Most sweeps.

    Returns:
        Parameters of the same function as `b`, (P,).

    Reference: Ainsworth, Hayase, Srinivasa (2023), arXiv:2209.04836, weight matching.
    """
    for _ in range(validate.count("sweeps", sweeps)):
        before = b
        for layer in range(len(network.sizes) - 2):
            ours, theirs = network.unflatten(a), network.unflatten(b)
            (w, bias), (out, _) = ours[layer : layer + 2]
            (w2, bias2), (out2, _) = theirs[layer : layer + 2]
            gain = w @ w2.mT + torch.outer(bias, bias2) + out.mT @ out2
            _, order = linear_sum_assignment(gain.detach().numpy(), maximize=True)
            b = permute(network, b, layer, torch.from_numpy(order))
        if torch.equal(b, before):
            break
    return b


def train_bend(
    objective: Empirical, a: Tensor, b: Tensor, steps: int, lr: float, batch: int, seed: int
) -> Tensor:
    r"""Bend curves between fixed ends until the mean loss along them is small.

    $$c \leftarrow \argmin_c\; \E_{t\sim\mathcal U(0,1)} f(x_t), \qquad
    \nabla_c f(x_t) = 2t(1-t)\,\nabla f(x_t)$$

    Args:
        objective: Loss of a network.
        a: First ends, (*batch, P).
        b: Last ends.
        steps: Steps of the heavy ball with momentum 0.9.
        lr: Learning rate.
        batch: Mini-batch size.
        seed: Seed of batches and of t.

    Returns:
        Middle points c, (*batch, P).

    Reference: Garipov et al. (2018), arXiv:1802.10026.
    """
    c, rule = (a + b) / 2, HeavyBall(lr, 0.9)
    state = rule.init(c)
    for k in range(validate.count("steps", steps)):
        rng = seeded(seed, k)
        t = float(torch.rand((), generator=rng))
        index = torch.randint(objective.size, (batch,), generator=rng)
        slope = 2 * t * (1 - t) * objective.on(index).grad(_bezier(a, c, b, t))
        step, state = rule.update(slope, state, c)
        c = c + step
    return c


def _bezier(a: Tensor, c: Tensor, b: Tensor, t: float) -> Tensor:
    return (1 - t) ** 2 * a + 2 * t * (1 - t) * c + t**2 * b
