r"""What a path costs: the action, the cheapest path, and the quasi-potential that it measures.

$$S_{0T}(\psi) = \frac12\int_0^T (\dot\psi+\nabla f)^\T D^{-1}(\dot\psi+\nabla f)\,dt,
\qquad P(\text{path} \approx \psi) \asymp e^{-S/\varepsilon}$$
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.func import jacrev, vmap

from descent import validate
from descent.oracles import gradient

Objective = Callable[[Tensor], Tensor]


def action(f: Objective, noise: Tensor, path: Tensor, time: float) -> Tensor:
    r"""Action of a path that is given at evenly spaced times, by the midpoint rule.

    $$S \approx \frac h2\sum_k r_k^\T D^{-1} r_k, \qquad
    r_k = \frac{\psi_{k+1}-\psi_k}{h} + \nabla f\Bigl(\frac{\psi_k+\psi_{k+1}}2\Bigr)$$

    Args:
        f: Objective.
        noise: Noise covariance $D$, (dim, dim), constant and invertible.
        path: Points $\psi_0, \dots, \psi_n$, (n + 1, dim).
        time: Duration $T = nh$.

    Returns:
        The action.
    """
    return _cost(lambda x: gradient(f, x), noise, path, time)


def _cost(slope: Callable[[Tensor], Tensor], noise: Tensor, path: Tensor, time: float) -> Tensor:
    """The action, for the gradient of an objective."""
    h, force = time / (len(path) - 1), _push(slope, noise, path, time)
    return h / 2 * (force * (noise @ force.mT).mT).sum()


@dataclass(frozen=True)
class Way:
    r"""The cheapest path between two points in a given time.

    Args:
        path: Points at evenly spaced times, (n + 1, dim).
        action: What it costs.
        force: What the noise must add at each midpoint, $D^{-1}(\dot\psi + \nabla f)$, (n, dim).
            The last one is the gradient of the quasi-potential at the end.
    """

    path: Tensor
    action: float
    force: Tensor


def cheapest(
    slope: Callable[[Tensor], Tensor],
    noise: Tensor,
    start: Tensor,
    end: Tensor,
    time: float = 16.0,
    pieces: int = 240,
) -> Way:
    r"""Find a path of least action by Newton's method on its inner points.

    As $T\to\infty$ the least action from a minimum tends to the local quasi-potential of the end.

    Args:
        slope: $\nabla f$, in torch operations that can be differentiated twice, for (*batch, dim).
        noise: Noise covariance $D$, (dim, dim).
        start: First point, (dim,), float64.
        end: Last point, (dim,).
        time: Duration $T$.
        pieces: Number of steps $n$.

    Returns:
        The path, its action and the force along it.

    Raises:
        RuntimeError: If the next step still promises to save $10^{-6}$ after 200 steps.
    """
    validate.positive("time", time)
    validate.count("pieces", pieces, low=2)
    # The path waits near the minimum and leaves late: a good first guess saves most of the work.
    part = torch.linspace(0, 1, pieces + 1, dtype=start.dtype)[:, None]
    path, damping = start + (end - start) * part ** (time / 2), 1.0
    cost = _cost(slope, noise, path, time)
    for _ in range(200):
        g, curvature = _second_order(slope, noise, path, time)
        eye = torch.eye(len(g), dtype=g.dtype)
        factor, failed = torch.linalg.cholesky_ex(curvature + damping * eye)
        if not failed:
            move = -torch.cholesky_solve(g[:, None], factor)
            # What the step promises to save: the action is known up to about this.
            if damping < 1e-3 and float(-g @ move) < 1e-6:
                return Way(path, float(cost), _push(slope, noise, path, time))
            move = move.reshape(pieces - 1, -1)
            ahead = torch.cat([path[:1], path[1:-1] + move, path[-1:]])
            after = _cost(slope, noise, ahead, time)
            if after <= cost + 1e-12:
                path, cost, damping = ahead, after, max(damping / 10, 1e-9)
                continue
        damping = 10 * damping
    raise RuntimeError("no path of least action was found in 200 steps; give it more pieces")


def _push(slope: Callable, noise: Tensor, path: Tensor, time: float) -> Tensor:
    """The force of the noise at each midpoint."""
    push = path.diff(dim=0) / (time / (len(path) - 1)) + slope((path[1:] + path[:-1]) / 2)
    return torch.linalg.solve(noise, push.mT).mT


def _second_order(
    slope: Callable, noise: Tensor, path: Tensor, time: float
) -> tuple[Tensor, Tensor]:
    """Gradient (m,) and Hessian (m, m) of the action by the inner points, in one row."""
    n, dim, h = len(path) - 1, path.shape[-1], time / (len(path) - 1)
    middle, p = (path[1:] + path[:-1]) / 2, _push(slope, noise, path, time)
    bend = vmap(jacrev(slope))(middle)
    third = vmap(jacrev(jacrev(lambda x, q: (slope(x) * q).sum())))(middle, p)
    eye = torch.eye(dim, dtype=path.dtype)
    left, right = bend / 2 - eye / h, bend / 2 + eye / h
    weight = torch.linalg.inv(noise)
    g = torch.zeros(n + 1, dim, dtype=path.dtype)
    full = torch.zeros(n + 1, dim, n + 1, dim, dtype=path.dtype)
    k = torch.arange(n)
    for i, a in ((k, left), (k + 1, right)):
        g[i] += h * (a.mT @ p[..., None])[..., 0]
        for j, b in ((k, left), (k + 1, right)):
            full[i, :, j] += h * (a.mT @ weight @ b + third / 4)
    m = (n - 1) * dim
    return g[1:-1].reshape(m), full[1:-1, :, 1:-1].reshape(m, m)
