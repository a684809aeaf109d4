r"""Hessian-vector products that cost about one gradient each.

$$Hv = \nabla_x\,\bigl(\nabla f(x)^\top v\bigr)$$

The graph of the gradient does not depend on v, so it is built once and walked again for each v;
rebuilding it for every product would double the price.

Reference: Pearlmutter (1994), *Fast exact multiplication by the Hessian*, equation 3.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

import torch
from torch import Tensor, nn

from descent import validate


class Operator(Protocol):
    """A symmetric linear map on vectors of the shape of `x`, one map for each batch entry."""

    x: Tensor

    def __call__(self, v: Tensor) -> Tensor:
        """Apply to one vector an entry: (*batch, P) -> (*batch, P)."""
        ...

    def many(self, v: Tensor) -> Tensor:
        """Apply to k vectors an entry: (k, *batch, P) -> (k, *batch, P)."""
        ...


def hvp(objective: Callable[[Tensor], Tensor], x: Tensor) -> Operator:
    r"""Return the map v ↦ Hv at a point, ready to be applied many times.

    $$H_b = \nabla^2 f(x_b), \qquad v_b \mapsto H_b v_b$$

    An objective with a closed-form `hvp(x)` is asked for that instead.

    Args:
        objective: Maps (*batch, P) to (*batch,), twice differentiable.
        x: Points, shape (*batch, P).

    Returns:
        A callable on (*batch, P) with `x` and `many`.

    Raises:
        TypeError: If `x` is not a floating-point tensor.
        ValueError: If `x` is not finite, or the objective is not a differentiable function of it.

    Example:
        >>> f = lambda x: (x[..., 0] ** 2 * x[..., 1])
        >>> product = hvp(f, torch.tensor([1.0, 2.0]))
        >>> product(torch.tensor([1.0, 0.0])), product(torch.tensor([0.0, 1.0]))
        (tensor([4., 2.]), tensor([2., 0.]))
    """
    x = validate.point("x", x)
    closed_form = getattr(objective, "hvp", None)
    if closed_form is not None:
        return closed_form(x)
    with torch.enable_grad():
        point = x.clone().requires_grad_()
        value = objective(point)
    if value.shape != x.shape[:-1]:
        raise ValueError(
            f"objective maps x of shape {tuple(x.shape)} to {tuple(value.shape)}; it must return "
            f"{tuple(x.shape[:-1])}"
        )
    return _Function(objective, value.sum(), point)


def model_operator(
    model: nn.Module,
    loss: Callable[[Tensor, Tensor], Tensor],
    inputs: Tensor,
    targets: Tensor,
    params: Iterable[nn.Parameter] | None = None,
) -> Operator:
    """Return the Hessian-vector product of a module's loss on one batch of examples.

    Args:
        model: Any module. It is used as it is: call `model.eval()` first if dropout or batch
            normalization should not act.
        loss: Maps (model(inputs), targets) to a scalar.
        inputs: What the module is given.
        targets: What the loss compares with.
        params: Parameters to differentiate by; all that require gradients when None.

    Returns:
        A callable on flat vectors (P,), in the order of `parameters_to_vector`.

    Raises:
        ValueError: If there are no parameters, or the loss is not a finite scalar.

    Example:
        >>> model = nn.Linear(2, 1, bias=False)
        >>> H = model_operator(model, nn.functional.mse_loss, torch.eye(2), torch.zeros(2, 1))
        >>> H(torch.tensor([1.0, 0.0]))
        tensor([1., 0.])
    """
    chosen = [p for p in (model.parameters() if params is None else params) if p.requires_grad]
    if not chosen:
        raise ValueError("model has no parameters that require gradients")
    with torch.enable_grad():
        value = loss(model(inputs), targets)
    if value.ndim or not torch.isfinite(value):
        raise ValueError(f"loss is {value.detach()}; it must be one finite number")
    return _Graph(value, chosen, nn.utils.parameters_to_vector(chosen).detach())


class _Graph:
    """Walks a stored graph of the gradient."""

    def __init__(self, value: Tensor, params: Sequence[Tensor], x: Tensor) -> None:
        self.x, self.params = x, params
        if not value.requires_grad:
            raise ValueError("objective does not depend on x, or was computed under no_grad")
        self.grads = torch.autograd.grad(
            value, params, create_graph=True, allow_unused=True, materialize_grads=True
        )

    def __call__(self, v: Tensor) -> Tensor:
        """Return Hv."""
        vectors = self._split(check_vector(v, self.x.shape))
        live = [(g, t) for g, t in zip(self.grads, vectors, strict=True) if g.requires_grad]
        if not live:
            return torch.zeros_like(v)  # The gradient is constant: the objective is linear.
        products = torch.autograd.grad(
            [g for g, _ in live],
            self.params,
            [t for _, t in live],
            retain_graph=True,
            allow_unused=True,
            materialize_grads=True,
        )
        if len(products) == 1:
            return products[0].detach().view_as(v)
        return torch.cat([p.detach().flatten() for p in products])

    def many(self, v: Tensor) -> Tensor:
        """Return Hv for each of k stacked vectors."""
        return torch.stack([self(row) for row in v])

    def _split(self, v: Tensor) -> list[Tensor]:
        """Cut a flat vector into the shapes of the parameters."""
        if len(self.params) == 1:
            return [v.view_as(self.params[0])]
        parts = v.split([p.numel() for p in self.params])
        return [t.view_as(p) for t, p in zip(parts, self.params, strict=True)]


class _Function(_Graph):
    """The same for a function of one tensor, which many vectors can pass through at once."""

    def __init__(self, objective: Callable[[Tensor], Tensor], value: Tensor, point: Tensor) -> None:
        super().__init__(value, [point], point.detach())
        self.objective = objective
        self._pullback: Callable | None = None

    def many(self, v: Tensor) -> Tensor:
        """Return Hv for each of k stacked vectors."""
        check_vector(v[0], self.x.shape)
        if self._pullback is None:
            gradient = torch.func.grad(lambda x: self.objective(x).sum())
            self._pullback = torch.func.vjp(gradient, self.x)[1]
        return torch.func.vmap(self._pullback)(v)[0]


def check_vector(v: Tensor, shape: torch.Size) -> Tensor:
    """Require a vector of the shape that an operator acts on.

    Args:
        v: The vector.
        shape: Shape of the point.

    Returns:
        The vector.

    Raises:
        ValueError: If the shapes differ.
    """
    if v.shape != shape:
        raise ValueError(f"v has shape {tuple(v.shape)}; the operator acts on {tuple(shape)}")
    return v
