r"""Surrogate losses of the margin $m = y\,z$, for labels $y = \pm1$ and a score z."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import torch
from torch import Tensor

from descent import validate

Margin = Callable[[Tensor], Tensor]


def zero_one(m: Tensor) -> Tensor:
    """Count a margin that is not positive as an error."""
    return torch.where(m > 0, torch.zeros_like(m), torch.ones_like(m))


def logistic(m: Tensor) -> Tensor:
    r"""Return $\log(1+e^{-m})$, the cross-entropy of two classes."""
    return torch.clamp(-m, min=0) + torch.log1p(torch.exp(-m.abs()))


def hinge(m: Tensor) -> Tensor:
    r"""Return $\max(0, 1-m)$, the loss of support vector machines."""
    return (1 - m).clamp(min=0)


def exponential(m: Tensor) -> Tensor:
    r"""Return $e^{-m}$, the loss of boosting."""
    return torch.exp(-m)


def square(m: Tensor) -> Tensor:
    r"""Return $(1-m)^2$, least squares on labels $\pm1$."""
    return (1 - m).square()


def perceptron(m: Tensor) -> Tensor:
    r"""Return $\max(0, -m)$: convex, but blind to the size of a positive margin."""
    return (-m).clamp(min=0)


MARGIN_LOSSES: Mapping[str, Margin] = MappingProxyType(
    {
        "zero_one": zero_one,
        "logistic": logistic,
        "hinge": hinge,
        "exponential": exponential,
        "square": square,
        "perceptron": perceptron,
    }
)

# Derivative at margin 0. A convex loss asks for the right sign exactly if it is negative.
SLOPES: Mapping[str, float] = MappingProxyType(
    {"logistic": -0.5, "hinge": -1.0, "exponential": -1.0, "square": -2.0}
)


def conditional_risk(loss: Margin, score: Tensor, p: Tensor | float) -> Tensor:
    r"""Return the mean loss of one score where the label is +1 with probability p.

    $$C_p(z) = p\,\varphi(z) + (1-p)\,\varphi(-z)$$

    Args:
        loss: Margin loss $\varphi$.
        score: Scores z, any shape.
        p: Probability of the label +1.

    Returns:
        The mean, the shape of `score`.
    """
    return p * loss(score) + (1 - p) * loss(-score)


def best_score(name: str, p: Tensor) -> Tensor:
    r"""Return the score at which the conditional risk is lowest.

    $$z^\star = \log\frac{p}{1-p}\ \text{(logistic)},\quad \tfrac12\log\frac{p}{1-p}\
    \text{(exponential)},\quad 2p-1\ \text{(square)},\quad \sign(2p-1)\ \text{(hinge)}$$

    Args:
        name: A key of `SLOPES`.
        p: Probability of the label +1, strictly between 0 and 1.

    Returns:
        The score, the shape of `p`; its sign is that of $2p-1$.

    Raises:
        ValueError: If the name is unknown or p is out of range.

    Reference: Bartlett, Jordan, McAuliffe (2006), *Convexity, classification, and risk bounds*.
    """
    validate.positive("p", p)
    validate.positive("1 - p", 1 - p)
    log_odds = torch.log(p) - torch.log1p(-p)
    scores = {
        "logistic": log_odds,
        "exponential": 0.5 * log_odds,
        "square": 2 * p - 1,
        "hinge": torch.sign(2 * p - 1),
    }
    if name not in scores:
        raise ValueError(f"name is {name!r}; it must be one of {', '.join(map(repr, scores))}")
    return scores[name]
