r"""How much of a state survives: norms of the Jacobians of a recurrent network through time."""

import math
from typing import Literal

import torch
from torch import Tensor

from descent.long_term_dependencies.bptt import unroll
from descent.long_term_dependencies.recurrent import Recurrent

Norm = Literal["mean", "largest"]


@torch.no_grad()
def jacobian_norms(
    network: Recurrent, x: Tensor, inputs: Tensor, *, norm: Norm = "largest"
) -> Tensor:
    r"""Return the logarithms of the norms of all Jacobians of the last state.

    $$J_\tau = \frac{\partial s_T}{\partial s_{T-\tau}}, \qquad
    J_{\tau+1} = J_\tau\, \frac{\partial s_{T-\tau}}{\partial s_{T-\tau-1}}, \qquad J_0 = I$$

    One way back carries all rows of $J_\tau$. It is divided by its norm at each step, and the
    logarithms are added up: without that, single precision is 0 after a few hundred steps.

    Args:
        network: The architecture. Of an LSTM the state is (h, c).
        x: Parameters, (N, P).
        inputs: One sequence for all networks, (T, m), or one for each, (N, T, m).
        norm: "largest" singular value, or "mean": $\norm{J}_F/\sqrt n$, the root mean square
            factor of a random direction.

    Returns:
        Logarithms at lags 0 to T, (T + 1, N).

    Raises:
        ValueError: If shapes do not fit, or `norm` is unknown.

    Reference: Pascanu, Mikolov, Bengio (2013), arXiv:1211.5063, section 2.
    """
    if norm not in ("largest", "mean"):
        raise ValueError(f"norm is {norm!r}; it must be 'largest' or 'mean'")
    if x.ndim != 2 or inputs.ndim not in (2, 3) or inputs.shape[-1] != network.inputs:
        raise ValueError(
            f"x {tuple(x.shape)} and inputs {tuple(inputs.shape)} must be (N, P) and (T, m) or "
            f"(N, T, m) with m = {network.inputs}"
        )
    weights = network.unflatten(x)
    seen = inputs.reshape(-1, 1, *inputs.shape[-2:])
    _, saved = unroll(network, weights, seen)
    n, parts = network.width, network.step.states
    rows = torch.eye(n * parts, dtype=x.dtype, device=x.device).expand(len(x), -1, -1)
    # Columns of the state are the rows of J, transposed: (N, width, rows of J) for each part.
    d, scale = rows.split(n, 1), torch.zeros(len(x), dtype=x.dtype, device=x.device)
    logs = [scale]
    for kept in reversed(saved):
        _, _, d = network.step.backward(d, kept, weights.u)
        joined = torch.cat(d, 1) if parts > 1 else d[0]
        size = torch.linalg.vector_norm(joined, dim=(1, 2)).clamp(min=torch.finfo(x.dtype).tiny)
        d, scale = tuple(part / size[:, None, None] for part in d), scale + size.log()
        if norm == "largest":
            unit = torch.cat(d, 1) if parts > 1 else d[0]
            logs.append(scale + torch.linalg.matrix_norm(unit, 2).log())
        else:
            logs.append(scale - 0.5 * math.log(n * parts))
    return torch.stack(logs)
