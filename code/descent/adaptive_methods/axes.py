r"""A rate for each coordinate repairs what is aligned with the coordinates, and no more.

Dividing coordinate $i$ by a number $d_i$ is the change of variables $x_i \to \sqrt{d_i}\,x_i$. It
stretches the axes and cannot turn them. On a bowl whose valleys run along the axes that is enough
to make it round; on one that is turned by 45° it changes nothing.
"""

import torch
from torch import Tensor

from descent.objectives import Quadratic
from descent.objectives.quadratic import rotation

Number = float | Tensor


def effective_rate(lr: Number, mean_square: Tensor, eps: Number = 0.0) -> Tensor:
    r"""Learning rate that each coordinate really has under a rule that divides by $\sqrt r$.

    $$\eta_i = \frac{\eta}{\sqrt{r_i} + \epsilon}$$

    Args:
        lr: Learning rate $\eta$.
        mean_square: Sum or mean of squared gradients $r$, (*batch, dim).
        eps: Floor $\epsilon$.

    Returns:
        Rates, the shape of `mean_square`, in the units of gradient descent's learning rate.
    """
    return lr / (torch.sqrt(mean_square) + eps)


def turned_bowl(kappa: Number, angle: Number) -> Quadratic:
    r"""Bowl with curvatures 1 and $\kappa$ whose axes are turned by an angle.

    $$H = R(\varphi)\begin{pmatrix}1 & 0\\ 0 & \kappa\end{pmatrix}R(\varphi)^\top$$

    Args:
        kappa: Condition number, at least 1.
        angle: $\varphi$ in radians.

    Returns:
        The objective.
    """
    # A tensor made from numbers alone keeps a traced setting out of `conditioned`'s checks.
    kappa = torch.as_tensor(kappa, dtype=torch.float64)
    return Quadratic(torch.stack([torch.ones_like(kappa), kappa]), rotation(angle))


def equilibrated_condition(kappa: Number, angle: Number) -> Tensor:
    r"""Condition number that the best rate for each coordinate leaves of a turned bowl.

    $$\kappa_D = \frac{1+|c|}{1-|c|}, \qquad
    c = \frac{H_{12}}{\sqrt{H_{11}H_{22}}}, \qquad
    H_{11} = \cos^2\varphi + \kappa\sin^2\varphi,\;
    H_{22} = \sin^2\varphi + \kappa\cos^2\varphi,\;
    H_{12} = (1-\kappa)\sin\varphi\cos\varphi$$

    It is 1 at $\varphi = 0$ and $\kappa$ at 45°, where both coordinates have the same curvature and
    there is nothing left to balance.

    Args:
        kappa: Condition number $\kappa \ge 1$ of the bowl.
        angle: $\varphi$ in radians.

    Returns:
        The smallest condition number of $D^{1/2}HD^{1/2}$ over positive diagonal $D$.

    Reference: Forsythe, Straus (1955), On best conditioned matrices, for the two-by-two case.
    """
    kappa = torch.as_tensor(kappa, dtype=torch.float64)
    angle = torch.as_tensor(angle, dtype=torch.float64)
    s, c = torch.sin(angle) ** 2, torch.cos(angle) ** 2
    product = (c + kappa * s) * (s + kappa * c)
    off = (kappa - 1) * torch.sqrt(s * c) / torch.sqrt(product)
    return (1 + off) / (1 - off)


def jacobi_condition(hessian: Tensor) -> Tensor:
    r"""Condition number after each coordinate is divided by its own curvature.

    $$\kappa\bigl(D^{1/2} H D^{1/2}\bigr), \qquad D = \operatorname{diag}(1/H_{ii})$$

    Args:
        hessian: Positive definite $H$, (*batch, dim, dim).

    Returns:
        Condition numbers, (*batch,).
    """
    scale = hessian.diagonal(dim1=-2, dim2=-1).rsqrt()
    scaled = scale[..., None] * hessian * scale[..., None, :]
    spectrum = torch.linalg.eigvalsh(scaled)
    return spectrum[..., -1] / spectrum[..., 0]
