r"""One eigen-direction of a quadratic: every method with momentum is a recurrence of two terms.

Along an eigenvector with curvature $\lambda$ only the product $p = \eta\lambda$ and the momentum
$\beta$ matter. Two numbers say everything about a method: the trace $t$ and the determinant $d$ of
its step.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from descent import validate

Number = float | Tensor
REGIMES = ("decays", "ripples", "alternates", "diverges")


@dataclass(frozen=True, eq=False)
class Mode:
    r"""A component that obeys a recurrence of two terms.

    $$x_{k+1} = t\,x_k - d\,x_{k-1}, \qquad r^2 - t\,r + d = 0$$

    The two roots $r$ multiply the component at each step: it shrinks exactly when both lie inside
    the unit circle, which is $\abs{t} < 1 + d$ and $d < 1$.

    Args:
        trace: $t$, the sum of the roots, any shape.
        det: $d$, their product; broadcasts against `trace`.

    >>> heavy_ball(0.11, 0.9).radius
    tensor(0.9487, dtype=torch.float64)
    """

    trace: Tensor
    det: Tensor

    @property
    def discriminant(self) -> Tensor:
        """The number $t^2/4 - d$: positive for real roots, negative for a complex pair."""
        return (self.trace / 2) ** 2 - self.det

    @property
    def roots(self) -> tuple[Tensor, Tensor, Tensor]:
        """Real part of the larger root, of the smaller one, and the imaginary part of the first.

        The smaller root is the conjugate of the larger one when they are complex.
        """
        spread = torch.sqrt(torch.clamp(self.discriminant, min=0))
        turn = torch.sqrt(torch.clamp(-self.discriminant, min=0))
        return self.trace / 2 + spread, self.trace / 2 - spread, turn

    @property
    def radius(self) -> Tensor:
        """Modulus of the larger root: the factor per step in the long run."""
        real = self.trace.abs() / 2 + torch.sqrt(torch.clamp(self.discriminant, min=0))
        pair = torch.sqrt(torch.clamp(self.det, min=0))
        return torch.where(self.discriminant < 0, pair, real)

    @property
    def regime(self) -> Tensor:
        """Index into `REGIMES`: how the component moves in the long run.

        It alternates when the root that dominates is negative.
        """
        zero = torch.zeros_like(self.discriminant)
        real = torch.where(self.trace < 0, zero + 2, zero)
        kind = torch.where(self.discriminant < 0, zero + 1, real)
        return torch.where(self.radius < 1, kind, zero + 3)

    def path(self, steps: int, x0: float = 1.0, x1: Tensor | None = None) -> Tensor:
        r"""Follow the component.

        Args:
            steps: Number of steps.
            x0: Start.
            x1: Component after one step; by default $(t-d)\,x_0$, as if $x_{-1}=x_0$: a velocity
                at rest.

        Returns:
            Components, (steps + 1, *shape).
        """
        before = torch.full_like(self.trace + self.det, x0)
        now = (self.trace - self.det) * before if x1 is None else x1
        rows = [before, now]
        for _ in range(steps - 1):
            before, now = now, self.trace * now - self.det * before
            rows.append(now)
        return torch.stack(rows[: steps + 1])


def _mode(trace: Number, det: Number) -> Mode:
    t, d = (torch.as_tensor(v, dtype=torch.float64) for v in (trace, det))
    return Mode(*torch.broadcast_tensors(t, d))


def heavy_ball(product: Number, beta: Number) -> Mode:
    r"""Mode of the heavy ball; gradient descent at $\beta=0$.

    $$x_{k+1} = (1+\beta-p)\,x_k - \beta\,x_{k-1}, \qquad p = \eta\lambda$$

    Args:
        product: $p = \eta\lambda$, any shape.
        beta: Momentum $\beta$; broadcasts against `product`.

    Returns:
        The mode. The roots are complex for $(1-\sqrt p)^2 < \beta$, and both then have modulus
        $\sqrt\beta$, whatever the curvature.

    Reference: Polyak (1964).
    """
    return _mode(1 + beta - product, beta)


def nesterov(product: Number, beta: Number) -> Mode:
    r"""Mode of Nesterov's method with constant momentum.

    $$x_{k+1} = (1+\beta)(1-p)\,x_k - \beta(1-p)\,x_{k-1}$$

    Args:
        product: $p = \eta\lambda$, any shape.
        beta: Momentum $\beta$; broadcasts against `product`.

    Returns:
        The mode, for the point and the look-ahead point alike.

    Reference: O'Donoghue, Candès (2015).
    """
    return _mode((1 + beta) * (1 - product), beta * (1 - product))


def explicit(product: Number, beta: Number) -> Mode:
    r"""Mode of momentum whose position moves with the *old* velocity.

    $$x_{k+1} = x_k + v_k, \quad v_{k+1} = \beta v_k - \eta\,g(x_k)
    \qquad\Longrightarrow\qquad x_{k+1} = (1+\beta)\,x_k - (\beta+p)\,x_{k-1}$$

    Args:
        product: $p = \eta\lambda$, any shape.
        beta: Momentum $\beta$; broadcasts against `product`.

    Returns:
        The mode: a heavy ball whose gradient is one step old.
    """
    return _mode(1 + beta, beta + product)


METHODS = {"heavy ball": heavy_ball, "Nesterov": nesterov, "explicit": explicit}


def stability_limit(method: str, beta: Number) -> Tensor:
    r"""Largest product $\eta\lambda$ for which a component does not grow.

    $$2(1+\beta)\ \text{(heavy ball)}, \qquad \frac{2(1+\beta)}{1+2\beta}\ \text{(Nesterov)}, \qquad
    1-\beta\ \text{(explicit)}$$

    Args:
        method: A name in `METHODS`.
        beta: Momentum $\beta$ in [0, 1).

    Returns:
        The limit, the shape of `beta`.

    Raises:
        ValueError: If the method is unknown or `beta` is outside [0, 1).
    """
    validate.fraction("beta", beta)
    b = torch.as_tensor(beta, dtype=torch.float64)
    limits = {
        "heavy ball": 2 * (1 + b),
        "Nesterov": 2 * (1 + b) / (1 + 2 * b),
        "explicit": 1 - b,
    }
    if method not in limits:
        raise ValueError(f"method is {method!r}; it must be one of {', '.join(limits)}")
    return limits[method]


def critical_beta(product: Number) -> Tensor:
    r"""Momentum at which a component of the heavy ball is critically damped.

    $$\beta = (1-\sqrt p)^2$$

    Less momentum decays without ripples ($p<1$) or alternates ($p>1$); more of it ripples. At this
    momentum the component shrinks fastest, by $\abs{1-\sqrt p}$ a step.

    Args:
        product: $p = \eta\lambda \ge 0$, any shape.

    Returns:
        Momentum, the shape of `product`.
    """
    return (1 - torch.sqrt(torch.as_tensor(product, dtype=torch.float64))) ** 2


def critical_beta_nesterov(product: Number) -> Tensor:
    r"""Momentum at which a component of Nesterov's method is critically damped.

    $$\beta = \frac{1-\sqrt p}{1+\sqrt p}, \qquad 0 \le p \le 1$$

    Args:
        product: $p = \eta\lambda$ in [0, 1], any shape.

    Returns:
        Momentum, the shape of `product`.
    """
    root = torch.sqrt(torch.as_tensor(product, dtype=torch.float64))
    return (1 - root) / (1 + root)


def best_nesterov(mu: float, ell: float) -> tuple[float, float, float]:
    r"""Best constant learning rate and momentum of Nesterov's method on a quadratic.

    $$\eta = \frac{4}{3L+\mu}, \qquad \beta = \frac{\sqrt{3\kappa+1}-2}{\sqrt{3\kappa+1}+2}, \qquad
    \rho = 1 - \frac{2}{\sqrt{3\kappa+1}}$$

    Args:
        mu: Smallest curvature, positive.
        ell: Largest curvature L, at least `mu`.

    Returns:
        Learning rate, momentum and factor per step.

    Raises:
        ValueError: If the curvatures are not positive and in order.

    Reference: Lessard, Recht, Packard (2016).
    """
    validate.positive("mu", mu)
    validate.at_least("ell", ell, mu)
    root = math.sqrt(3 * ell / mu + 1)
    return 4 / (3 * ell + mu), (root - 2) / (root + 2), 1 - 2 / root
