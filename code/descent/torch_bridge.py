"""The same optimizer classes as genuine `torch.optim.Optimizer` objects, for networks."""

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor

from descent import validate
from descent.core import Optimizer
from descent.informed import NORM_FLOOR, random_signs
from descent.optimizers import hyperparameters, with_hyperparameters


def torch_optimizer(
    optimizer: Optimizer, params: Iterable, *, rho: float = 0.0
) -> torch.optim.Optimizer:
    """Wrap an optimizer so that it trains the parameters of a network.

    The hyper-parameters become entries of each parameter group, so schedulers can change them and
    groups can differ; the state of each parameter is what `init` returned, so `state_dict` and
    `load_state_dict` work.

    Args:
        optimizer: The rule; all its fields must be numbers.
        params: Tensors, or groups `{"params": [...], "lr": ...}` as for any torch optimizer.
        rho: Radius of sharpness-aware minimization around the rule; the norm of the climb is over
            all parameters. If it is not 0, `step` needs a closure, and calls it twice.

    Returns:
        A `torch.optim.Optimizer` with the usual `step`, `zero_grad` and `state_dict`.

    Raises:
        TypeError: If a field is a tensor.
        ValueError: If there are no parameters, one has too few axes for the rule, or `rho` is
            negative.

    >>> from descent import HeavyBall
    >>> net = torch.nn.Linear(2, 1)
    >>> optimizer = torch_optimizer(HeavyBall(lr=0.1, beta=0.9), net.parameters())
    >>> net(torch.ones(1, 2)).sum().backward()
    >>> optimizer.step()
    >>> sorted(optimizer.state_dict()["param_groups"][0])
    ['beta', 'lr', 'params']
    """
    for name, value in hyperparameters(optimizer).items():
        if isinstance(value, Tensor):
            raise TypeError(f"{name} is a tensor; a network is trained with one number")
    validate.at_least("rho", rho, 0)
    return _RuleOptimizer(optimizer, params, rho)


class _RuleOptimizer(torch.optim.Optimizer):
    """A torch optimizer that asks a rule for its steps."""

    def __init__(self, rule: Optimizer, params: Iterable, rho: float) -> None:
        self.rule, self.rho = rule, rho
        super().__init__(params, dict(hyperparameters(rule)))

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Check the group's parameters against what the rule needs, then add it."""
        super().add_param_group(param_group)
        need = getattr(self.rule, "min_ndim", 0)
        for p in self.param_groups[-1]["params"]:
            if p.ndim < need:
                raise ValueError(
                    f"params holds a tensor of shape {tuple(p.shape)}; "
                    f"{type(self.rule).__name__} needs at least {need} axes"
                )

    @torch.no_grad()
    def step(self, closure: Any = None) -> Any:  # type: ignore[override]
        """Update every parameter that has a gradient; return the closure's loss, if any."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        if self.rho:
            self._climb(closure)
        curvature = self._curvature() if getattr(self.rule, "needs_curvature", False) else {}
        names = hyperparameters(self.rule)
        for group in self.param_groups:
            rule = with_hyperparameters(self.rule, {k: group[k] for k in names})
            for p in group["params"]:
                if p.grad is None:
                    continue
                if p not in self.state:
                    self.state[p] = rule.init(p)
                g = torch.stack([p.grad, curvature[p]], -1) if curvature else p.grad
                dx, self.state[p] = rule.update(g, self.state[p], p)
                p.add_(dx)
        return loss

    def _trained(self) -> list[Tensor]:
        """The parameters that have a gradient."""
        return [p for group in self.param_groups for p in group["params"] if p.grad is not None]

    def _climb(self, closure: Any) -> None:
        """Replace the gradients by those at the worst point nearby, and come back."""
        if closure is None:
            raise ValueError(f"closure is None; with rho={self.rho} it must compute the gradients")
        trained = self._trained()
        norm = torch.nn.utils.get_total_norm([p.grad for p in trained])  # type: ignore[misc]
        old = [p.clone() for p in trained]
        for p in trained:
            p.add_(p.grad * (self.rho / (norm + NORM_FLOOR)))  # type: ignore[operator]
        with torch.enable_grad():
            closure()
        for p, before in zip(trained, old, strict=True):
            p.copy_(before)

    def _curvature(self) -> dict[Tensor, Tensor]:
        """Estimate the Hessian's diagonal from gradients that kept their graph."""
        trained = self._trained()
        grads = [p.grad for p in trained]
        if not all(g.requires_grad for g in grads):  # type: ignore[union-attr]
            raise ValueError(
                f"gradients carry no graph; {type(self.rule).__name__} needs the curvature: call "
                "loss.backward(create_graph=True)"
            )
        first = self.param_groups[0]  # Kept there, the count is saved with the rest.
        count = first["curvatures"] = first.get("curvatures", -1) + 1
        signs = [random_signs(p, i, count) for i, p in enumerate(trained)]
        with torch.enable_grad():
            products = torch.autograd.grad(grads, trained, signs)  # type: ignore[arg-type]
        for p in trained:
            p.grad = p.grad.detach()  # type: ignore[union-attr]
        return {p: z * hz for p, z, hz in zip(trained, signs, products, strict=True)}
