"""The scalar operations that a traced program is made of, and how each back end writes them.

One row of `SCALARS` is everything the project knows about an operation: how torch evaluates it
(which also folds constants), how numpy does for single numbers, and how JavaScript and Python spell
it. Both printers share the rest.

A spelling is either an infix symbol (``+``) or a template (``Math.sqrt({0})``). Every template
binds as tightly as a function call, so only infix operators need a precedence, and the ones used
here have the same precedence in both languages.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

FLOAT, INT, BOOL = "float64", "int32", "bool"
DTYPES = {FLOAT: torch.float64, INT: torch.int32, BOOL: torch.bool}
ATOM = 20
UNARY = 13


@dataclass(frozen=True)
class ScalarOp:
    """One scalar operation.

    Args:
        torch: the same operation on tensors.
        numpy: the same operation on numpy's numbers, of the same kinds.
        javascript: infix symbol or template.
        python: infix symbol or template; compiled by numba, so it must keep 32-bit integers.
        kind: the kind of the result.
        level: precedence of an infix symbol (higher binds tighter), `ATOM` for a template.
        commutative: whether the two arguments may be exchanged without changing any bit.
    """

    torch: Callable[..., torch.Tensor]
    numpy: Callable[..., Any]
    javascript: str
    python: str
    kind: str = FLOAT
    level: int = ATOM
    commutative: bool = False


def _infix(fn, number, symbol, level, kind=FLOAT, commutative=False):
    return ScalarOp(fn, number, symbol, symbol, kind, level, commutative)


def _call(fn, name, python=None):
    number = getattr(np, fn.__name__)
    return ScalarOp(fn, number, f"Math.{name}({{0}})", python or f"math.{name}({{0}})")


def _int(fn, number, javascript, symbol, commutative=False):
    python = f"int32({{0}}{symbol}{{1}})"
    return ScalarOp(fn, number, javascript, python, INT, ATOM, commutative)


def _pick(condition, yes, no):
    return yes if condition else no


# Beside a NaN, Python's `min` may return the other argument; torch and JavaScript return NaN.
_PICK = "({{0}} if ({{0}} {} {{1}}) | ({{0}} != {{0}}) else {{1}})"

SCALARS: dict[str, ScalarOp] = {
    "add": _infix(torch.add, operator.add, "+", 11, commutative=True),
    "sub": _infix(torch.sub, operator.sub, "-", 11),
    "mul": _infix(torch.mul, operator.mul, "*", 12, commutative=True),
    "div": _infix(torch.div, operator.truediv, "/", 12),
    "neg": ScalarOp(torch.neg, operator.neg, "-{0}", "-{0}", FLOAT, UNARY),
    "abs": _call(torch.abs, "abs", "abs({0})"),
    "min": ScalarOp(torch.minimum, np.minimum, "Math.min({0},{1})", _PICK.format("<")),
    "max": ScalarOp(torch.maximum, np.maximum, "Math.max({0},{1})", _PICK.format(">")),
    "sqrt": _call(torch.sqrt, "sqrt"),
    "floor": _call(torch.floor, "floor", "np.floor({0})"),
    "ceil": _call(torch.ceil, "ceil", "np.ceil({0})"),
    "trunc": _call(torch.trunc, "trunc", "np.trunc({0})"),
    "fmod": ScalarOp(torch.fmod, np.fmod, "({0}%{1})", "np.fmod({0}, {1})"),
    "pow": ScalarOp(torch.pow, operator.pow, "Math.pow({0},{1})", "math.pow({0}, {1})"),
    "atan2": ScalarOp(torch.atan2, np.arctan2, "Math.atan2({0},{1})", "math.atan2({0}, {1})"),
    **{
        name: _call(getattr(torch, name), name)
        for name in (
            "exp expm1 log1p sin cos tan tanh sinh cosh asin acos atan asinh acosh atanh"
        ).split()
    },
    # numba raises on log(0) and log(-1) unless the logarithm is numpy's.
    "log": _call(torch.log, "log", "np.log({0})"),
    "lt": _infix(torch.lt, operator.lt, "<", 9, BOOL),
    "le": _infix(torch.le, operator.le, "<=", 9, BOOL),
    "gt": _infix(torch.gt, operator.gt, ">", 9, BOOL),
    "ge": _infix(torch.ge, operator.ge, ">=", 9, BOOL),
    "eq": ScalarOp(torch.eq, operator.eq, "({0}==={1})", "({0} == {1})", BOOL, commutative=True),
    "ne": ScalarOp(torch.ne, operator.ne, "({0}!=={1})", "({0} != {1})", BOOL, commutative=True),
    "and": ScalarOp(
        torch.logical_and, operator.and_, "({0}&&{1})", "(({0}) & ({1}))", BOOL, commutative=True
    ),
    "or": ScalarOp(
        torch.logical_or, operator.or_, "({0}||{1})", "(({0}) | ({1}))", BOOL, commutative=True
    ),
    "xor": ScalarOp(
        torch.logical_xor, operator.xor, "({0}!=={1})", "(({0}) != ({1}))", BOOL, commutative=True
    ),
    "not": ScalarOp(torch.logical_not, np.logical_not, "(!({0}))", "(not ({0}))", BOOL),
    "select": ScalarOp(torch.where, _pick, "({0}?{1}:{2})", "({1} if {0} else {2})"),
    # Conversions. A JavaScript number is the float64 of an int32 already.
    "float_of_bool": ScalarOp(Tensor.double, np.float64, "({0}?1:0)", "(1.0 if {0} else 0.0)"),
    "float_of_int": ScalarOp(Tensor.double, np.float64, "({0})", "float({0})"),
    "int_of_float": ScalarOp(
        Tensor.int, operator.methodcaller("astype", np.int32), "({0}|0)", "int32({0})", INT
    ),
    # 32-bit integers wrap around, which `Math.imul` and `|0` do in JavaScript.
    "int_add": _int(torch.add, operator.add, "({0}+{1}|0)", "+", commutative=True),
    "int_mul": _int(torch.mul, operator.mul, "Math.imul({0},{1})", "*", commutative=True),
    "int_xor": _int(torch.bitwise_xor, operator.xor, "({0}^{1})", "^", commutative=True),
    "int_and": _int(torch.bitwise_and, operator.and_, "({0}&{1})", "&", commutative=True),
    "int_or": _int(torch.bitwise_or, operator.or_, "({0}|{1})", "|", commutative=True),
    "int_shl": _int(torch.bitwise_left_shift, operator.lshift, "({0}<<{1})", "<<"),
    "int_shr": _int(torch.bitwise_right_shift, operator.rshift, "({0}>>{1})", ">>"),
}
