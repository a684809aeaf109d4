r"""The error function and its relatives, which JavaScript lacks, by series and Chebyshev expansion.

$$\operatorname{erf}x = \frac{2}{\sqrt\pi}\sum_n \frac{(-1)^n x^{2n+1}}{n!\,(2n+1)}
\quad(|x|<1), \qquad
\operatorname{erfc}x = \frac{e^{-x^2}}{1+2x}\sum_n c_n T_n\Bigl(\frac{x-k}{x+k}\Bigr)
\quad(x\ge1)$$

Reference: Shepherd and Laframboise (1981), whose form of the second line this is; its coefficients
are computed here, to the precision of float64.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from descent.trace.aten import each
from descent.trace.expr import Expr
from descent.trace.scalars import FLOAT
from descent.trace.series import horner

_CENTER, _DEGREE = 3.75, 30
_TAYLOR = [
    2 / math.sqrt(math.pi) * (-1) ** n / (math.factorial(n) * (2 * n + 1)) for n in range(19)
]
# Beyond this, erfc is smaller than the smallest float64.
_END = 28.0


@cache
def _coefficients() -> list[float]:
    """The expansion of (1 + 2x) exp(x²) erfc(x) over 0 <= x < infinity."""
    from scipy.special import erfcx

    t = np.cos(np.pi * (np.arange(_DEGREE + 1) + 0.5) / (_DEGREE + 1))
    x = _CENTER * (1 + t) / (1 - t)
    return np.polynomial.chebyshev.chebfit(t, (1 + 2 * x) * erfcx(x), _DEGREE).tolist()


def _chebyshev(t: Expr, coefficients: list[float]) -> Expr:
    """Clenshaw's recurrence."""
    ahead, now = t.lift(0.0), t.lift(coefficients[-1])
    for c in coefficients[-2:0:-1]:
        ahead, now = now, 2.0 * t * now - ahead + c
    return t * now - ahead + coefficients[0]


def _tail(x: Expr) -> Expr:
    """erfc(x) for x >= 1; the square is split, since exp doubles its rounding x² times over."""
    x = x.op("min", _END)
    short = (x * 16.0).op("floor") / 16.0
    bell = (-(short * short)).op("exp") * ((short - x) * (short + x)).op("exp")
    return bell * _chebyshev((x - _CENTER) / (x + _CENTER), _coefficients()) / (1.0 + 2.0 * x)


def erf(x: Expr) -> Expr:
    """The integral of the bell curve, from -1 to 1."""
    x = x.cast(FLOAT)
    size = x.op("abs")
    far = 1.0 - _tail(size)
    signed = x.compare("lt", 0.0).where(-far, far)
    return size.compare("lt", 1.0).where(x * horner(x * x, _TAYLOR), signed)


def erfc(x: Expr) -> Expr:
    """1 - erf(x), to full relative precision."""
    x = x.cast(FLOAT)
    tail = _tail(x.op("abs"))
    far = x.compare("lt", 0.0).where(2.0 - tail, tail)
    near = 1.0 - x * horner(x * x, _TAYLOR)
    return x.op("abs").compare("lt", 1.0).where(near, far)


def _gelu(x: Expr, approximate: str = "none") -> Expr:
    if approximate == "tanh":
        inner = math.sqrt(2 / math.pi) * (x + 0.044715 * (x * x * x))
        return 0.5 * x * (1.0 + inner.op("tanh"))
    return 0.5 * x * (1.0 + erf(x * math.sqrt(0.5)))


each("erf.default special_erf.default", erf)
each("erfc.default special_erfc.default", erfc)
each("special_ndtr.default", lambda x: 0.5 * erfc(x * -math.sqrt(0.5)))
each("gelu.default", _gelu)
