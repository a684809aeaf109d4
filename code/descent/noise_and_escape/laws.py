r"""Random walks down a loss: a force, a kick, and how the two are scaled.

$$x_{k+1} = x_k - \eta\,F(x_k) + a\,K(x_k, \zeta_k)$$

A law is written once, in plain arithmetic on its coordinates, so the same functions run on numbers
in a compiled loop, on tensors of particles on any device, and as traces in a page.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from descent import validate

Parts = tuple


@dataclass(frozen=True)
class Law:
    r"""Where a particle goes: downhill by a force, sideways by a kick.

    Args:
        force: Maps the coordinates to the components of $\nabla f$, a tuple.
        kick: Maps the coordinates, then as many random numbers, to the components of
            $\sigma(x)\,\zeta$, a tuple.
        dim: Number of coordinates, 1 or 2.

    Raises:
        ValueError: If `dim` is neither 1 nor 2.
    """

    force: Callable[..., Parts]
    kick: Callable[..., Parts]
    dim: int = 1

    def __post_init__(self) -> None:
        if self.dim not in (1, 2):
            raise ValueError(f"dim is {self.dim}; it must be 1 or 2")


def amplitude(eps: float, lr: float) -> float:
    r"""What a kick of variance $D$ is multiplied by in one Euler step of the diffusion.

    $$dx = -\nabla f\,dt + \sqrt\varepsilon\,\sigma\,dW \quad\Longrightarrow\quad
    a = \sqrt{\varepsilon\,\eta}$$

    With $\varepsilon=\eta$, as for SGD with batches of one example, it is $\eta$.

    Args:
        eps: Noise strength $\varepsilon > 0$.
        lr: Length of a time step, $\eta > 0$.

    Returns:
        $a$.

    Raises:
        ValueError: If an argument is not positive.
    """
    validate.positive("eps", eps)
    validate.positive("lr", lr)
    return math.sqrt(eps * lr)


def double_well(x):
    r"""$f(x) = \tfrac14(x^2-1)^2$: minima at $\pm1$, a barrier of $\tfrac14$ at 0."""
    return 0.25 * (x * x - 1.0) * (x * x - 1.0)


def double_well_slope(x):
    """The derivative of `double_well`."""
    return x * (x * x - 1.0)


ROOTS = (-2.0, -1.0, 0.0, 1.1, 2.1)


def three_wells(x, height=0.12):
    r"""A loss with minima at $-2, 0, 2.1$ and barriers at $-1$ and $1.1$.

    $$f'(x) = h\,(x+2)(x+1)\,x\,(x-1.1)(x-2.1), \qquad f(0)=0$$

    Args:
        x: Where, any array type.
        height: The factor $h$.

    Returns:
        f, the shape of `x`.
    """
    total = 0.0 * x
    for power, c in enumerate(_coefficients()):
        total = total + c / (power + 1) * x ** (power + 1)
    return height * total


def three_wells_slope(x, height=0.12):
    """The derivative of `three_wells`."""
    return height * (x + 2.0) * (x + 1.0) * x * (x - 1.1) * (x - 2.1)


def _coefficients() -> list[float]:
    """Coefficients of the product over the roots, lowest degree first."""
    out = [1.0]
    for root in ROOTS:
        shifted = [0.0, *out]
        out = [s - root * c for s, c in zip(shifted, [*out, 0.0], strict=True)]
    return out


def switch(x, left, right, width=0.1):
    r"""Go smoothly from one value to another across $x=0$.

    $$s(x) = l + \frac{r-l}{2}\Bigl(1+\frac{u}{\sqrt{1+u^2}}\Bigr), \qquad u = x/w$$

    Args:
        x: Where.
        left: Value $l$ far on the left.
        right: Value $r$ far on the right.
        width: Width $w$ of the transition.

    Returns:
        The value, the shape of `x`.
    """
    u = x / width
    return left + 0.5 * (right - left) * (1.0 + u / (1.0 + u * u) ** 0.5)
