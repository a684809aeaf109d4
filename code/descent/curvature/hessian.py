"""The full Hessian of any objective with few parameters."""

from collections.abc import Callable

import torch
from torch import Tensor

from descent import validate
from descent.curvature.hvp import hvp

# Products made in one pass over the graph; more at once leave the cache on small networks.
DIRECTIONS = 64


def hessian(objective: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    r"""Return the matrix of second derivatives at every point of a batch.

    $$H_{ij} = \frac{\partial^2 f}{\partial x_i\,\partial x_j}$$

    An objective with a closed-form `hessian` is asked for that. Any other is differentiated along
    the unit vectors, a block of them in each pass over one stored graph.

    Args:
        objective: Maps (*batch, P) to (*batch,), twice differentiable.
        x: Points (*batch, P).

    Returns:
        Symmetric matrices (*batch, P, P).

    Example:
        >>> hessian(lambda x: x[..., 0] ** 2 * x[..., 1], torch.tensor([1.0, 2.0]))
        tensor([[4., 2.],
                [2., 0.]])
    """
    x = validate.point("x", x)
    closed_form = getattr(objective, "hessian", None)
    if closed_form is not None:
        return closed_form(x)
    product = hvp(objective, x)
    dim = x.shape[-1]
    unit = torch.eye(dim, dtype=x.dtype, device=x.device)
    unit = unit.reshape(dim, *(1,) * (x.ndim - 1), dim).expand(dim, *x.shape)
    columns = torch.cat([product.many(block) for block in unit.split(DIRECTIONS)])
    rows = columns.movedim(0, -2)
    return 0.5 * (rows + rows.mT)  # Equal up to rounding; the mean is exactly symmetric.
