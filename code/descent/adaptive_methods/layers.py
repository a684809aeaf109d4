r"""Rules that treat a weight matrix as a matrix, and rates that carry over to other widths."""

from typing import Literal

import torch
from torch import Tensor

from descent import validate
from descent.optimizers.muon import QUINTIC


def kfac_step(gradient: Tensor, inputs: Tensor, outputs: Tensor) -> Tensor:
    r"""Natural gradient of one linear layer, from two small matrices.

    $$\Delta W = -\,G^{-1}\,\nabla_W\,A^{-1}, \qquad
    A = \E\,a a^\top, \qquad G = \E\,\delta\delta^\top$$

    The Fisher matrix of a layer with inputs $a$ and back-propagated errors $\delta$ is
    $\E[a a^\top\otimes\delta\delta^\top]$. K-FAC replaces it by $A\otimes G$. Where inputs and
    errors are independent, as in linear regression with Gaussian noise, that is exact.

    Args:
        gradient: $\nabla_W$, (out, in).
        inputs: $A$, (in, in), nonsingular.
        outputs: $G$, (out, out), nonsingular.

    Returns:
        The step, (out, in).

    Reference: Martens, Grosse (2015), section 3.
    """
    left = torch.linalg.solve(outputs, gradient)
    return -torch.linalg.solve(inputs, left.mT).mT


def muon_polynomial(singular_value: Tensor, iterations: int = 5) -> Tensor:
    r"""What Newton-Schulz iterations of Muon do to one singular value.

    $$s \leftarrow a s + b s^3 + c s^5$$

    The matrix iteration $X\leftarrow aX + b\,XX^\top X + c\,(XX^\top)^2X$ keeps the singular
    vectors and sends every singular value through this polynomial. Muon first divides the matrix
    by its Frobenius norm, so all of them start in [0, 1].

    Args:
        singular_value: $s$, any shape.
        iterations: How often; 5 in Muon.

    Returns:
        The singular values afterwards, of the same shape.

    Raises:
        ValueError: If `iterations` < 1.

    Reference: Jordan et al. (2024), Muon.
    """
    a, b, c = QUINTIC
    s = singular_value
    for _ in range(validate.count("iterations", iterations)):
        square = s * s
        s = s * (a + square * (b + square * c))
    return s


def transferred_rate(
    lr: float, width: int, base: int, layer: Literal["input", "hidden", "output"]
) -> float:
    r"""Learning rate of Adam at another width, in the maximal update parameterization.

    $$\eta_{\text{hidden}} = \eta_{\text{output}} = \eta\,\frac{n_0}{n}, \qquad
    \eta_{\text{input}} = \eta$$

    Adam moves each entry of a matrix by about $\eta$, and these changes agree with the activations
    that they are multiplied with: over $n$ inputs they add up to $n\eta$. Dividing by the width
    keeps the change of the activations the same.

    Args:
        lr: Rate $\eta$ found at the width `base`.
        width: $n$, number of hidden units.
        base: $n_0$, width at which `lr` was tuned.
        layer: Where the matrix stands; biases count as "input".

    Returns:
        The rate.

    Raises:
        ValueError: If a width is below 1 or `layer` is unknown.

    Reference: Yang et al. (2022), table 3.
    """
    validate.count("width", width)
    validate.count("base", base)
    if layer not in ("input", "hidden", "output"):
        raise ValueError(f"layer is {layer!r}; it must be 'input', 'hidden' or 'output'")
    return lr if layer == "input" else lr * base / width
