r"""The walks of the chapter: two wells, three wells, unequal noise, an absorbing minimum, a ball."""

from descent import validate
from descent.noise_and_escape.laws import Law, double_well_slope, switch, three_wells_slope


def _plain(x, z):
    return (z,)


TWO_WELLS = Law(lambda x: (double_well_slope(x),), _plain)
BOWL = Law(lambda x: (x,), _plain)


def three(height: float = 0.12) -> Law:
    """Three wells in a row, with unit noise.

    Args:
        height: Factor in front of the slope.
    """
    validate.positive("height", height)
    return Law(lambda x: (three_wells_slope(x, height),), _plain)


def unequal(left: tuple[float, float], right: tuple[float, float], width: float = 0.1) -> Law:
    r"""Two equal wells in the plane whose noise differs.

    $$f(x,y) = \tfrac14(x^2-1)^2 + \tfrac12y^2, \qquad
    D = \diag(d_L) \text{ for } x\ll0, \quad \diag(d_R) \text{ for } x\gg0$$

    Args:
        left: Noise variances of the left well, along the way out (x) and across it (y).
        right: Those of the right well.
        width: Width of the transition around $x=0$.

    Returns:
        The law.
    """
    for name, pair in (("left", left), ("right", right)):
        for value in pair:
            validate.positive(name, value)
    out_l, across_l = left
    out_r, across_r = right

    def kick(x, y, z, w):
        along, across = switch(x, out_l, out_r, width), switch(x, across_l, across_r, width)
        return along**0.5 * z, across**0.5 * w

    return Law(lambda x, y: (double_well_slope(x), y), kick, dim=2)


def absorbing(strength: float = 1.5) -> Law:
    r"""Two equal wells, the left of which every example agrees on: $\sigma(x) = c\,\abs{x+1}$.

    Args:
        strength: The factor $c$.
    """
    validate.positive("strength", strength)
    return Law(lambda x: (double_well_slope(x),), lambda x, z: (strength * abs(x + 1.0) * z,))


def bowl_in_plane(hessian: tuple[float, float, float], root: tuple[float, float, float]) -> Law:
    r"""A bowl with any noise: $f=\tfrac12x^\top Ax$ and $\sigma=R$, a lower triangular root of D.

    Args:
        hessian: $A_{11}, A_{12}, A_{22}$.
        root: $R_{11}, R_{21}, R_{22}$.
    """
    a, b, c = hessian
    p, q, r = root
    return Law(
        lambda x, y: (a * x + b * y, b * x + c * y),
        lambda x, y, z, w: (p * z, q * z + r * w),
        dim=2,
    )
