"""Rules whose counterpart is part of `torch.optim`."""

from typing import Any

import torch
from torch import nn

from descent.conformance.comparison import Comparison, Hypers
from descent.conformance.drawing import Range
from descent.core import Optimizer
from descent.optimizers import (
    L2,
    SGD,
    AdaDelta,
    AdaGrad,
    Adam,
    AdamW,
    AMSGrad,
    Ascent,
    DampedMomentum,
    DecayedAdaGrad,
    DecoupledDecay,
    HeavyBall,
    NAdam,
    Nesterov,
    RMSProp,
    RMSPropMomentum,
)

Params = list[nn.Parameter]
LR: Range = (1e-3, 1e-1)
# Rates at which 200 steps stay short of a minimum: circling it, sign-like rules amplify rounding.
SMALL: Range = (1e-4, 3e-3)
MEMORY: Range = (0, 0.99)
# Below this floor, a coordinate whose gradient is rounding alone moves as fast as any other.
EPS: Range = (1e-6, 1e-2)
COMMON: dict[str, Range] = {"weight_decay": (0, 0.1), "maximize": bool}


def turned(rule: Optimizer, hypers: Hypers) -> Optimizer:
    """Add the flags that every torch optimizer has: coupled decay, then the sign.

    Args:
        rule: The rule without them.
        hypers: Holds `weight_decay` and `maximize`.

    Returns:
        The wrapped rule.
    """
    rule = L2(rule, hypers["weight_decay"])
    return Ascent(rule) if hypers["maximize"] else rule


def common(hypers: Hypers) -> dict[str, Any]:
    """Pick the arguments of torch that go by the same name.

    Args:
        hypers: All hyper-parameters.

    Returns:
        Those named as in torch.
    """
    same = ("lr", "eps", "weight_decay", "maximize", "amsgrad", "centered", "rho", "nesterov")
    return {k: v for k, v in hypers.items() if k in same}


def betas(hypers: Hypers) -> dict[str, Any]:
    """Translate the memories of Adam and its relatives.

    Args:
        hypers: Holds `beta1` and `beta2`.

    Returns:
        torch's argument.
    """
    return {"betas": (hypers["beta1"], hypers["beta2"])}


def _sgd(params: Params, h: Hypers) -> torch.optim.Optimizer:
    extra = {"dampening": h["dampening"]} if "dampening" in h else {}
    return torch.optim.SGD(params, momentum=h.get("beta", 0.0), **common(h), **extra)


def _rmsprop(params: Params, h: Hypers) -> torch.optim.Optimizer:
    given = {k: v for k, v in common(h).items() if k != "rho"}
    return torch.optim.RMSprop(params, alpha=h["rho"], momentum=h.get("beta", 0.0), **given)


def _adam_fields(h: Hypers) -> dict[str, Any]:
    return {k: h[k] for k in ("lr", "beta1", "beta2", "eps")}


_ADAM: dict[str, Range] = {"lr": SMALL, "beta1": (0, 0.95), "beta2": (0.8, 0.999), "eps": EPS}
# The spread is a difference of nearly equal numbers; a larger floor keeps their rounding small.
_CENTERED: dict[str, Range] = {"lr": SMALL, "rho": (0.8, 0.99), "eps": (1e-3, 1e-1)}

TORCHS = [
    Comparison(
        "SGD",
        "torch.optim.SGD",
        lambda h: turned(SGD(h["lr"]), h),
        _sgd,
        {"lr": LR, **COMMON},
    ),
    Comparison(
        "HeavyBall",
        "torch.optim.SGD",
        lambda h: turned(HeavyBall(h["lr"], h["beta"]), h),
        _sgd,
        {"lr": LR, "beta": MEMORY, **COMMON},
    ),
    Comparison(
        "DampedMomentum",
        "torch.optim.SGD",
        lambda h: turned(DampedMomentum(h["lr"], h["beta"], h["dampening"]), h),
        _sgd,
        {"lr": LR, "beta": MEMORY, "dampening": MEMORY, **COMMON},
    ),
    Comparison(
        "Nesterov",
        "torch.optim.SGD",
        lambda h: turned(Nesterov(h["lr"], h["beta"]), h),
        lambda p, h: _sgd(p, {**h, "nesterov": True}),
        {"lr": LR, "beta": (0.01, 0.99), **COMMON},
    ),
    Comparison(
        "AdaGrad",
        "torch.optim.Adagrad",
        lambda h: turned(AdaGrad(h["lr"], h["eps"], h["start"]), h),
        lambda p, h: torch.optim.Adagrad(p, initial_accumulator_value=h["start"], **common(h)),
        {"lr": SMALL, "eps": EPS, "start": (0, 0.1), **COMMON},
    ),
    Comparison(
        "DecayedAdaGrad",
        "torch.optim.Adagrad",
        lambda h: turned(DecayedAdaGrad(h["lr"], h["eps"], h["start"], lr_decay=h["lr_decay"]), h),
        lambda p, h: torch.optim.Adagrad(
            p, lr_decay=h["lr_decay"], initial_accumulator_value=h["start"], **common(h)
        ),
        {"lr": SMALL, "eps": EPS, "start": (0, 0.1), "lr_decay": (0, 0.1), **COMMON},
    ),
    Comparison(
        "RMSProp",
        "torch.optim.RMSprop",
        lambda h: turned(RMSProp(h["lr"], h["rho"], h["eps"], h["centered"]), h),
        _rmsprop,
        {**_CENTERED, "centered": bool, **COMMON},
    ),
    Comparison(
        "RMSPropMomentum",
        "torch.optim.RMSprop",
        lambda h: turned(
            RMSPropMomentum(h["lr"], h["rho"], h["eps"], h["centered"], beta=h["beta"]), h
        ),
        _rmsprop,
        {**_CENTERED, "beta": (0.01, 0.95), "centered": bool, **COMMON},
    ),
    Comparison(
        "AdaDelta",
        "torch.optim.Adadelta",
        lambda h: turned(AdaDelta(h["rho"], h["eps"], h["lr"]), h),
        lambda p, h: torch.optim.Adadelta(p, **common(h)),
        {"lr": (0.1, 1), "rho": (0.5, 0.99), "eps": (1e-8, 1e-5), **COMMON},
    ),
    Comparison(
        "Adam",
        "torch.optim.Adam",
        lambda h: turned(Adam(**_adam_fields(h)), h),
        lambda p, h: torch.optim.Adam(p, **common(h), **betas(h)),
        {**_ADAM, **COMMON},
    ),
    Comparison(
        "AMSGrad",
        "torch.optim.Adam(amsgrad=True)",
        lambda h: turned(AMSGrad(**_adam_fields(h)), h),
        lambda p, h: torch.optim.Adam(p, amsgrad=True, **common(h), **betas(h)),
        {**_ADAM, **COMMON},
    ),
    Comparison(
        "AdamW",
        "torch.optim.AdamW",
        lambda h: _adamw(h),
        lambda p, h: torch.optim.AdamW(p, **common(h), **betas(h)),
        {**_ADAM, "amsgrad": bool, **COMMON},
        note="amsgrad is DecoupledDecay(AMSGrad(...))",
    ),
    Comparison(
        "NAdam",
        "torch.optim.NAdam",
        lambda h: _nadam(h),
        lambda p, h: torch.optim.NAdam(
            p,
            momentum_decay=h["momentum_decay"],
            decoupled_weight_decay=h["decoupled"],
            **common(h),
            **betas(h),
        ),
        {**_ADAM, "momentum_decay": (0, 0.1), "decoupled": bool, **COMMON},
        note="its float32 product of momenta widened to float64",
    ),
]


def _adamw(h: Hypers) -> Optimizer:
    fields, decay = _adam_fields(h), h["weight_decay"]
    rule: Optimizer = AdamW(**fields, weight_decay=decay)
    if h["amsgrad"]:
        rule = DecoupledDecay(AMSGrad(**fields), decay)
    return Ascent(rule) if h["maximize"] else rule


def _nadam(h: Hypers) -> Optimizer:
    rule = NAdam(**_adam_fields(h), momentum_decay=h["momentum_decay"])
    if not h["decoupled"]:
        return turned(rule, h)
    decayed = DecoupledDecay(rule, h["weight_decay"])
    return Ascent(decayed) if h["maximize"] else decayed
