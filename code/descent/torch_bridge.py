"""The same optimizer classes as genuine `torch.optim.Optimizer` objects, for networks."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from descent.core import Optimizer
from descent.optimizers import hyperparameters


def torch_optimizer(optimizer: Optimizer, params: Iterable) -> torch.optim.Optimizer:
    """Wrap an optimizer so that it trains the parameters of a network.

    The hyper-parameters become entries of each parameter group, so schedulers can change them and
    groups can differ; the state of each parameter is what `init` returned, so `state_dict` and
    `load_state_dict` work.

    Args:
        optimizer: The rule; all its fields must be numbers.
        params: Tensors, or groups `{"params": [...], "lr": ...}` as for any torch optimizer.

    Returns:
        A `torch.optim.Optimizer` with the usual `step`, `zero_grad` and `state_dict`.

    Raises:
        TypeError: If a field is a tensor.
        ValueError: If there are no parameters, or one has too few axes for the rule.

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
    return _RuleOptimizer(optimizer, params)


class _RuleOptimizer(torch.optim.Optimizer):
    """A torch optimizer that asks a rule for its steps."""

    def __init__(self, rule: Optimizer, params: Iterable) -> None:
        self.rule = rule
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
        for group in self.param_groups:
            rule = replace(self.rule, **{k: group[k] for k in hyperparameters(self.rule)})  # type: ignore[type-var]
            for p in group["params"]:
                if p.grad is None:
                    continue
                if p not in self.state:
                    self.state[p] = rule.init(p)
                dx, self.state[p] = rule.update(p.grad, self.state[p], p)
                p.add_(dx)
        return loss
