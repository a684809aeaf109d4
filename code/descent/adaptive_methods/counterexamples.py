r"""Two small problems on which adaptive rules go wrong, solved in closed form.

The first is about *convergence*: a rare large gradient is divided by its own size, the common small
ones are not, and Adam walks to the worst point. The second is about *generalization*: among all
weights that fit the data, rules that divide by the gradient's size prefer weights of equal size,
and those follow the majority.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from descent import validate

Number = float | Tensor


def cycle_gradient(step: int, c: Number, period: int = 3) -> Tensor:
    r"""Gradient of step $t$ of a cycle with one large gradient and many small ones.

    $$g_t = \begin{cases} C & t \bmod P = 0\\ -1 & \text{else}\end{cases}$$

    The mean slope is $(C-P+1)/P$. For $C > P-1$ it is positive: on $[-1, 1]$ the best point is
    $-1$ and the worst $+1$.

    Args:
        step: $t$, counted from 0.
        c: $C$.
        period: $P$, 3 in the paper.

    Returns:
        The gradient.

    Reference: Reddi, Kale, Kumar (2018), theorem 1.
    """
    c = torch.as_tensor(c, dtype=torch.float64)
    return c if step % period == 0 else -torch.ones_like(c)


def cycle_averages(c: Number, beta2: Number, period: int = 3) -> Tensor:
    r"""Mean squares that Adam divides by at each step of the cycle, once it has settled.

    $$v_0 = \frac{(1-\beta_2)\,C^2 + \beta_2 - \beta_2^P}{1-\beta_2^P}, \qquad
    v_j = \beta_2^{\,j} v_0 + 1 - \beta_2^{\,j}$$

    Args:
        c: $C$.
        beta2: Memory of the mean square, in [0, 1).
        period: $P$.

    Returns:
        $v_0, \dots, v_{P-1}$ along a new last axis; the first belongs to the large gradient.
    """
    size, b = torch.broadcast_tensors(
        torch.as_tensor(c, dtype=torch.float64), torch.as_tensor(beta2, dtype=torch.float64)
    )
    first = ((1 - b) * size**2 + b - b**period) / (1 - b**period)
    return torch.stack([b**j * first + 1 - b**j for j in range(period)], -1)


def cycle_drift(c: Number, beta2: Number, period: int = 3, *, longest: bool = False) -> Tensor:
    r"""How far one cycle moves $x$, over the learning rate, for Adam without momentum.

    $$\frac{\Delta x}{\eta} = -\frac{C}{\sqrt{v_0}} + \sum_{j=1}^{P-1}\frac{1}{\sqrt{v_j}}$$

    A positive drift goes to $+1$, the worst point. AMSGrad divides every gradient of the cycle by
    the same, largest $v_0$, and its drift $(P-1-C)/\sqrt{v_0}$ has the right sign for every
    $\beta_2$.

    Args:
        c: $C$.
        beta2: Memory of the mean square, in [0, 1).
        period: $P$.
        longest: Divide by the largest mean square so far, as AMSGrad does.

    Returns:
        The drift.
    """
    roots = torch.sqrt(cycle_averages(c, beta2, period))
    if longest:
        return (period - 1 - torch.as_tensor(c, dtype=torch.float64)) / roots[..., 0]
    return (1 / roots[..., 1:]).sum(-1) - c / roots[..., 0]


@dataclass(frozen=True)
class RareFeatures:
    r"""Least squares on features that never repeat: a thousand weights in four numbers.

    Example $i$ has label $y_i = \pm1$. Its feature 1 is the label, features 2 and 3 are always 1,
    and then come features of its own: one if $y_i = 1$, five if $y_i = -1$. By symmetry weights
    that start at 0 stay equal within each group, so every rule that treats coordinates alike moves
    four numbers $x = (w_1, w_2, w_+, w_-)$, and the objective is

    $$f = \tfrac12\bigl[p\,(w_1 + 2w_2 + w_+ - 1)^2 + (1-p)\,(-w_1 + 2w_2 + 5w_- + 1)^2\bigr].$$

    `grad` returns the gradient for *one weight* of each group, which is what a rule on all the
    weights sees.

    Args:
        share: Share $p$ of positive labels, between 0 and 1.
        size: Number of examples $n$.

    Raises:
        TypeError: If `size` is not an integer.
        ValueError: If `share` does not lie in (0, 1), or `size` < 2.

    Reference: Wilson et al. (2017), section 3.3.
    """

    share: Number = 0.75
    size: int = 200

    def __post_init__(self) -> None:
        validate.positive("share", self.share)
        validate.fraction("share", self.share)
        validate.count("size", self.size, low=2)

    def residuals(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return prediction minus label on a positive and on a negative example, (*batch,)."""
        known, constant, own_positive, own_negative = x.unbind(-1)
        up = known + 2 * constant + own_positive - 1
        down = -known + 2 * constant + 5 * own_negative + 1
        return up, down

    def __call__(self, x: Tensor) -> Tensor:
        """Return the losses, (*batch,)."""
        up, down = self.residuals(x)
        return 0.5 * (self.share * up**2 + (1 - self.share) * down**2)

    def grad(self, x: Tensor) -> Tensor:
        """Return the gradient for one weight of each group, (*batch, 4)."""
        up, down = self.residuals(x)
        plus, minus = self.share * up, (1 - self.share) * down
        return torch.stack([plus - minus, plus + minus, up / self.size, down / self.size], -1)

    def test_error(self, x: Tensor) -> Tensor:
        r"""Return the share of unseen examples that are misclassified, (*batch,).

        An unseen example has new features of its own, whose weights are 0, so its score is
        $y\,w_1 + 2w_2$.
        """
        known, constant = x[..., 0], x[..., 1]
        wrong_up = (known + 2 * constant <= 0).to(x.dtype)
        wrong_down = (-known + 2 * constant >= 0).to(x.dtype)
        return self.share * wrong_up + (1 - self.share) * wrong_down

    def data(self) -> tuple[Tensor, Tensor]:
        """Return all examples in full: inputs (n, 3 + 5 n) and labels (n,), float64."""
        n, positive = self.size, round(float(self.share) * self.size)
        labels = torch.ones(n, dtype=torch.float64)
        labels[positive:] = -1
        inputs = torch.zeros(n, 3 + 5 * n, dtype=torch.float64)
        inputs[:, 0], inputs[:, 1:3] = labels, 1
        for i in range(n):
            own = 1 if i < positive else 5
            inputs[i, 3 + 5 * i : 3 + 5 * i + own] = 1
        return inputs, labels
