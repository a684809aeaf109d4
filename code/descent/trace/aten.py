"""The operation table: what each aten operation does to arrays of scalars.

An operation that is in neither this table nor the one of rearrangements (`views`), and that torch
cannot decompose into those, is refused by name when a function is traced.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from descent.trace.expr import Expr, elementwise
from descent.trace.scalars import BOOL, FLOAT

TABLE: dict[str, Callable[..., np.ndarray]] = {}
ELEMENTWISE: dict[str, Callable[..., Expr]] = {}


def aten(*names: str) -> Callable:
    """Register an operation on whole arrays under its aten names."""

    def register(fn: Callable) -> Callable:
        TABLE.update(dict.fromkeys(names, fn))
        return fn

    return register


def each(names: str, fn: Callable[..., Expr]) -> None:
    """Register a function of scalars, applied element by element with broadcasting."""
    ELEMENTWISE.update(dict.fromkeys(names.split(), fn))


def _unary(name: str) -> Callable[[Expr], Expr]:
    return lambda a: a.cast(FLOAT).op(name)


def _binary(name: str) -> Callable[[Expr, Expr | float], Expr]:
    return lambda a, b: a.cast(FLOAT).op(name, a.lift(b).cast(FLOAT))


def _int(name: str, logic: str | None = None) -> Callable[[Expr, Expr | int], Expr]:
    """An operation on the bits of int32, which on bool is logic."""

    def apply(a: Expr, b: Any) -> Expr:
        if a.kind == BOOL and logic:
            return a.logic(logic, b)
        return a.op(name, b if isinstance(b, Expr) else a.lift(b, a.kind))

    return apply


for _name in (
    "abs sqrt exp expm1 log log1p floor ceil trunc "
    "sin cos tan tanh sinh cosh asin acos atan asinh acosh atanh"
).split():
    each(f"{_name}.default", _unary(_name))
for _name in "lt le gt ge eq ne".split():
    each(f"{_name}.Tensor {_name}.Scalar", lambda a, b, n=_name: a.compare(n, b))
for _name in "and or xor".split():
    each(f"logical_{_name}.default", lambda a, b, n=_name: a.logic(n, b))
    each(f"bitwise_{_name}.Tensor bitwise_{_name}.Scalar", _int(f"int_{_name}", _name))
each("__lshift__.Tensor __lshift__.Scalar bitwise_left_shift.Tensor", _int("int_shl"))
each("bitwise_left_shift.Tensor_Scalar", _int("int_shl"))
each("__rshift__.Tensor __rshift__.Scalar bitwise_right_shift.Tensor", _int("int_shr"))
each("bitwise_right_shift.Tensor_Scalar", _int("int_shr"))
each("logical_not.default", lambda a: a.cast(BOOL).op("not"))
each(
    "bitwise_not.default",
    lambda a: a.op("not") if a.kind == BOOL else a.op("int_xor", a.lift(-1, a.kind)),
)
each("neg.default", lambda a: -a)
each("add.Tensor add.Scalar", lambda a, b, alpha=1: a + (b if alpha == 1 else alpha * b))
each("sub.Tensor sub.Scalar", lambda a, b, alpha=1: a - (b if alpha == 1 else alpha * b))
each("rsub.Tensor rsub.Scalar", lambda a, b, alpha=1: b - (a if alpha == 1 else alpha * a))
each("mul.Tensor mul.Scalar", lambda a, b: a * b)
each("div.Tensor div.Scalar", lambda a, b: a / b)
each("addcmul.default", lambda a, b, c, value=1: a + (b if value == 1 else value * b) * c)
each("addcdiv.default", lambda a, b, c, value=1: a + (b if value == 1 else value * b) / c)
each("lerp.Scalar lerp.Tensor", lambda a, b, w: a + w * (b - a))
each("reciprocal.default", lambda a: 1.0 / a)
each("rsqrt.default", lambda a: 1.0 / a.cast(FLOAT).op("sqrt"))
each("pow.Tensor_Scalar pow.Tensor_Tensor", lambda a, b: a**b)
each("exp2.default", lambda a: a.lift(2.0) ** a)
each("log2.default", lambda a: a.cast(FLOAT).op("log") / math.log(2))
each("log10.default", lambda a: a.cast(FLOAT).op("log") / math.log(10))
each("pow.Scalar", lambda a, b: b.lift(a) ** b)
each("atan2.default", _binary("atan2"))
each("fmod.Tensor fmod.Scalar", _binary("fmod"))
each("minimum.default clamp_max.default clamp_max.Tensor", _binary("min"))
each("maximum.default clamp_min.default clamp_min.Tensor", _binary("max"))
each("relu.default", lambda a: a.op("max", 0.0))
each(
    "sign.default sgn.default",
    lambda a: a.compare("gt", 0.0).cast(FLOAT) - a.compare("lt", 0.0).cast(FLOAT),
)
each("sigmoid.default", lambda a: 1.0 / (1.0 + (-a).op("exp")))
each("isnan.default", lambda a: a.compare("ne", a))
each("isinf.default", lambda a: a.op("abs").compare("eq", float("inf")))
each("where.self where.ScalarOther where.ScalarSelf where.Scalar", lambda c, a, b: c.where(a, b))
each("masked_fill.Scalar masked_fill.Tensor", lambda a, mask, value: mask.where(value, a))
each("fill.Scalar fill.Tensor", lambda a, b: a.lift(b))
each("zero.default", lambda a: a.lift(0.0))
each("frac.default", lambda a: a - a.op("trunc"))
each("deg2rad.default", lambda a: a * (math.pi / 180))
each("xlogy.Tensor", lambda a, b: _xlogy(a, a.lift(b)))
each("hypot.default", lambda a, b: (a * a + b * b).op("sqrt"))
each("tanh_backward.default", lambda g, y: g * (1.0 - y * y))
each("sigmoid_backward.default", lambda g, y: g * (1.0 - y) * y)
each("threshold_backward.default", lambda g, a, t: a.compare("le", t).where(0.0, g))


def _xlogy(a: Expr, b: Expr) -> Expr:
    product = a.compare("eq", 0.0).where(0.0, a * b.cast(FLOAT).op("log"))
    return b.compare("ne", b).where(b, product)


def _softplus(a: Expr, beta: float = 1.0, threshold: float = 20.0) -> Expr:
    soft = (a * beta).op("exp").op("log1p") / beta
    return (a * beta).compare("gt", threshold).where(a, soft)


def _softplus_backward(g: Expr, a: Expr, beta: float, threshold: float) -> Expr:
    z = (a * beta).op("exp")
    return (a * beta).compare("gt", threshold).where(g, g * z / (z + 1.0))


def _remainder(a: Expr, b: Expr | float) -> Expr:
    """The remainder with the sign of the divisor, as Python and torch define it."""
    b = a.lift(b).cast(FLOAT)
    r = a.cast(FLOAT).op("fmod", b)
    opposite = r.compare("lt", 0.0).logic("xor", b.compare("lt", 0.0))
    return r.compare("ne", 0.0).logic("and", opposite).where(r + b, r)


def _rounded_quotient(a: Expr, b: Expr | float, rounding_mode: str | None = None) -> Expr:
    if rounding_mode == "floor":  # as torch does: exact where the quotient would round up
        return ((a - _remainder(a, b)) / b + 0.5).op("floor")
    return a / b if rounding_mode is None else (a / b).op("trunc")


_MAX = sys.float_info.max


def _nan_to_num(a: Expr, nan=None, posinf=None, neginf=None) -> Expr:
    """Replace what is not finite; the largest float64 stands for infinity unless told."""
    top, bottom = (m if v is None else v for v, m in ((posinf, _MAX), (neginf, -_MAX)))
    small = a.compare("eq", -math.inf).where(bottom, a.compare("eq", math.inf).where(top, a))
    return a.compare("ne", a).where(nan or 0.0, small)


def _elu(a: Expr, alpha: float = 1.0, scale: float = 1.0, inner: float = 1.0) -> Expr:
    return a.compare("gt", 0.0).where(a * scale, (a * inner).op("expm1") * (alpha * scale))


def _logit(a: Expr, eps: float | None = None) -> Expr:
    a = a if eps is None else a.op("max", eps).op("min", 1.0 - eps)
    return (a / (1.0 - a)).op("log")


each("softplus.default", _softplus)
each("nan_to_num.default", _nan_to_num)
each("elu.default", _elu)
each("leaky_relu.default", lambda a, slope=0.01: a.compare("gt", 0.0).where(a, a * slope))
each("logit.default", _logit)

each("softplus_backward.default", _softplus_backward)
each("remainder.Tensor remainder.Scalar", _remainder)
each("mish.default", lambda a: a * _softplus(a).op("tanh"))
each("div.Tensor_mode div.Scalar_mode", _rounded_quotient)


@aten("clamp.default", "clamp.Tensor", "hardtanh.default")
def _clamp(a, low=None, high=None):
    if low is not None:
        a = elementwise(_binary("max"), a, low)
    return a if high is None else elementwise(_binary("min"), a, high)
