r"""Two ways down for stacks of matrices: the paper's rule, and the gradient flow itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from descent import validate
from descent.objectives import Completion
from descent.optimizers import State


@dataclass(frozen=True)
class GroupRMSProp:
    r"""Gradient descent whose rate adapts to the length of the whole gradient.

    $$r_{k+1} = \rho\,r_k + (1-\rho)\,|g_k|^2, \qquad
    x_{k+1} = x_k - \frac{\eta}{\sqrt{r_{k+1}/(1-\rho^{k+1})}+\epsilon}\; g_k$$

    One scalar for all factors: the *direction* is that of gradient descent, unlike RMSProp's. It
    passes plateaus quickly, and so can start very near to 0.

    Args:
        lr: Rate $\eta > 0$, about the length of the first steps.
        rho: Memory $\rho$, in [0, 1).
        eps: Floor of the denominator, positive.

    Raises:
        ValueError: If a field is out of its range.

    Reference: the code published with Arora, Cohen, Hu, Luo (2019).
    """

    lr: float
    rho: float = 0.99
    eps: float = 1e-6
    min_ndim: ClassVar[int] = 3

    def __post_init__(self) -> None:
        validate.positive("lr", self.lr)
        validate.fraction("rho", self.rho)
        validate.positive("eps", self.eps)

    def init(self, x: Tensor) -> State:
        """Return an average of nothing, one number for each stack (*batch, N, n, n)."""
        return {"r": x.new_zeros(*x.shape[:-3], 1, 1, 1), "k": x.new_zeros(())}

    def update(self, grad: Tensor, state: State, x: Tensor) -> tuple[Tensor, State]:
        """Return the step, the new average and the new count."""
        square = (grad * grad).sum((-1, -2, -3), keepdim=True)
        r, k = self.rho * state["r"] + (1 - self.rho) * square, state["k"] + 1
        size = torch.sqrt(r / (1 - self.rho**k)) + self.eps
        return -self.lr / size * grad, {"r": r, "k": k}


def flow(
    problem: Completion, factors: Tensor, times: Sequence[float], rtol: float = 1e-6
) -> Tensor:
    r"""Follow the gradient flow $\dot W_j = -\partial f/\partial W_j$ by an adaptive Runge-Kutta.

    Args:
        problem: One completion problem, without batch axes.
        factors: Start, (N, n, n).
        times: Rising times at which to look; the first is that of the start.
        rtol: Relative tolerance of a step.

    Returns:
        Stacks of factors, (times, N, n, n).

    Raises:
        ValueError: If the solver fails.

    Reference: Dormand, Prince (1980), the pair of order 5 and 4, as in scipy.
    """
    from scipy.integrate import solve_ivp

    shape, dtype = factors.shape, factors.dtype

    def velocity(_: float, flat):
        return -problem.grad(torch.from_numpy(flat).reshape(shape)).flatten().numpy()

    begin = factors.double().flatten().numpy()
    found = solve_ivp(
        velocity, (times[0], times[-1]), begin, "RK45", times, rtol=rtol, atol=rtol * 1e-3
    )
    if not found.success:
        raise ValueError(f"times lead to a flow that cannot be followed: {found.message}")
    return torch.from_numpy(found.y.T.copy()).reshape(len(times), *shape).to(dtype)
