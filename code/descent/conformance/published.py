"""Rules that torch lacks, against packages by their authors or widely used."""

from collections.abc import Callable

import torch
from torch import Tensor

from descent.conformance.comparison import Comparison, Hypers
from descent.conformance.torchs import EPS, MEMORY, SMALL, Params
from descent.core import Optimizer
from descent.informed import random_signs
from descent.optimizers import (
    L2,
    SGD,
    DecoupledDecay,
    Lion,
    ScheduleFreeAdamW,
    ScheduleFreeSGD,
    Sophia,
)


def _lion(params: Params, h: Hypers) -> torch.optim.Optimizer:
    from lion_pytorch import Lion as Theirs

    beta = (h["beta1"], h["beta2"])
    return Theirs(params, lr=h["lr"], betas=beta, weight_decay=h["weight_decay"])


def _our_lion(h: Hypers) -> Optimizer:
    return DecoupledDecay(Lion(h["lr"], h["beta1"], h["beta2"]), h["weight_decay"])


def _schedule_free_sgd(params: Params, h: Hypers) -> torch.optim.Optimizer:
    from schedulefree import SGDScheduleFreeReference

    given = {k: h[k] for k in ("lr", "weight_decay")}
    return SGDScheduleFreeReference(params, momentum=h["beta"], **given)


def _schedule_free_adamw(params: Params, h: Hypers) -> torch.optim.Optimizer:
    from schedulefree import AdamWScheduleFree

    given = {k: h[k] for k in ("lr", "eps", "weight_decay")}
    theirs = AdamWScheduleFree(params, betas=(h["beta1"], h["beta2"]), foreach=False, **given)
    theirs.train()
    return theirs


def _sophia(params: Params, h: Hypers) -> torch.optim.Optimizer:
    from pytorch_optimizer import SophiaH

    beta = (h["beta1"], h["beta2"])
    return SophiaH(params, lr=h["lr"], betas=beta, p=1.0, eps=h["eps"], weight_decay=0.0)


def _sophia_step(optimizer: torch.optim.Optimizer, closure: Callable[[], Tensor]) -> None:
    """Hand over the same estimates of the curvature that our side draws."""
    closure()
    group = optimizer.param_groups[0]
    params, count = group["params"], group.get("step", 0)
    grads = [p.grad for p in params]
    signs = [random_signs(p, i, count) for i, p in enumerate(params)]
    products = torch.autograd.grad(grads, params, signs)
    for p in params:
        p.grad = p.grad.detach()
    estimates = [z * hz for z, hz in zip(signs, products, strict=True)]
    optimizer.step(hessian=estimates)  # type: ignore[call-overload]


def _sam(params: Params, h: Hypers) -> torch.optim.Optimizer:
    from pytorch_optimizer import SAM

    return SAM(params, torch.optim.SGD, rho=h["rho"], lr=h["lr"])


def _sam_step(optimizer: torch.optim.Optimizer, closure: Callable[[], Tensor]) -> None:
    closure()
    optimizer.step(closure)  # type: ignore[arg-type]


def _closure_step(optimizer: torch.optim.Optimizer, closure: Callable[[], Tensor]) -> None:
    optimizer.step(closure)  # type: ignore[arg-type]


PUBLISHED = [
    Comparison(
        "Lion",
        "lion_pytorch.Lion",
        _our_lion,
        _lion,
        {"lr": (1e-4, 1e-3), "beta1": (0, 0.95), "beta2": MEMORY, "weight_decay": (0, 0.1)},
    ),
    Comparison(
        "ScheduleFreeSGD",
        "schedulefree.SGDScheduleFreeReference",
        lambda h: L2(ScheduleFreeSGD(h["lr"], h["beta"]), h["weight_decay"]),
        _schedule_free_sgd,
        {"lr": (1e-2, 1), "beta": (0.1, 0.95), "weight_decay": (0, 0.1)},
        note="at the point y where gradients are taken",
    ),
    Comparison(
        "ScheduleFreeAdamW",
        "schedulefree.AdamWScheduleFree",
        lambda h: ScheduleFreeAdamW(**h),
        _schedule_free_adamw,
        {
            **{"lr": SMALL, "beta1": (0.1, 0.95), "beta2": (0.8, 0.999)},
            **{"eps": EPS, "weight_decay": (0, 0.1)},
        },
        note="at the point y where gradients are taken",
    ),
    Comparison(
        "Sophia",
        "pytorch_optimizer.SophiaH",
        lambda h: Sophia(**h, gamma=1.0),
        _sophia,
        {"lr": SMALL, "beta1": (0, 0.95), "beta2": (0, 0.99), "eps": (1e-3, 1e-1)},
        note="both told the same curvature; gamma = 1, which the counterpart lacks",
        their_step=_sophia_step,
        graph=True,
    ),
    Comparison(
        "sharpness_aware",
        "pytorch_optimizer.SAM(SGD)",
        lambda h: SGD(h["lr"]),
        _sam,
        {"lr": (1e-3, 1e-1), "rho": (1e-3, 0.5)},
        our_step=_closure_step,
        their_step=_sam_step,
        options=lambda h: {"rho": h["rho"]},
    ),
]
