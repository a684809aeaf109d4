"""Matrix-shaped rules and their counterparts."""

from typing import Any

import torch

from descent.conformance.comparison import Comparison, Hypers
from descent.conformance.torchs import EPS, SMALL, Params
from descent.core import Optimizer
from descent.optimizers import SOAP, DecoupledDecay, Muon, Shampoo


def _muon(params: Params, h: Hypers) -> torch.optim.Optimizer:
    adjust: Any = "match_rms_adamw" if h["match_rms"] else "original"
    given = {k: h[k] for k in ("lr", "weight_decay", "nesterov")}
    return torch.optim.Muon(params, momentum=h["beta"], adjust_lr_fn=adjust, **given)


def _our_muon(h: Hypers) -> Optimizer:
    rule = Muon(h["lr"], h["beta"], nesterov=h["nesterov"], match_rms=h["match_rms"])
    return DecoupledDecay(rule, h["weight_decay"])


def _shampoo(params: Params, h: Hypers) -> torch.optim.Optimizer:
    from pytorch_optimizer import Shampoo as Theirs

    return Theirs(params, lr=h["lr"], matrix_eps=h["eps"])


def _soap(params: Params, h: Hypers) -> torch.optim.Optimizer:
    from pytorch_optimizer import SOAP as Theirs

    beta = (h["beta1"], h["beta2"])
    return Theirs(params, lr=h["lr"], betas=beta, eps=h["eps"], weight_decay=0.0)


MATRICES = [
    Comparison(
        "Muon",
        "torch.optim.Muon",
        _our_muon,
        _muon,
        {
            **{"lr": SMALL, "beta": (0, 0.95), "weight_decay": (0, 0.1)},
            **{"nesterov": bool, "match_rms": bool},
        },
        note="its bfloat16 iteration widened to float64",
        kind="square",
    ),
    Comparison(
        "Shampoo",
        "pytorch_optimizer.Shampoo",
        lambda h: Shampoo(h["lr"], h["eps"]),
        _shampoo,
        {"lr": SMALL, "eps": (1e-4, 1e-1)},
        kind="square",
    ),
    Comparison(
        "SOAP",
        "pytorch_optimizer.SOAP",
        lambda h: SOAP(**h),
        _soap,
        {"lr": SMALL, "beta1": (0, 0.95), "beta2": (0.8, 0.99), "eps": EPS},
        note="its float32 decompositions widened to float64",
        kind="square",
    ),
]
