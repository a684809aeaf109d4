"""Adam, AMSGrad and AdamW, as their papers write them."""

import numpy as np

from descent.references.base import Array, Gradient


def adam_reference(
    grad: Gradient,
    x0: Array,
    steps: int,
    *,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
) -> Array:
    r"""Adam, Kingma and Ba (2015), algorithm 1.

    Args:
        grad: Gradient of the objective, (dim,) to (dim,).
        x0: Start, (dim,).
        steps: Number of updates.
        lr: Stepsize $\alpha$.
        beta1: Decay rate $\beta_1$.
        beta2: Decay rate $\beta_2$.
        eps: Constant $\epsilon$.

    Returns:
        Iterates, (steps + 1, dim).
    """
    theta = np.array(x0, dtype=np.float64)
    m, v = np.zeros_like(theta), np.zeros_like(theta)
    path = [theta]
    for t in range(1, steps + 1):
        g = grad(theta)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        m_hat = m / (1 - beta1**t)
        v_hat = v / (1 - beta2**t)
        theta = theta - lr * m_hat / (np.sqrt(v_hat) + eps)
        path.append(theta)
    return np.array(path)


def amsgrad_reference(
    grad: Gradient,
    x0: Array,
    steps: int,
    *,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
    corrected: bool = False,
) -> Array:
    r"""AMSGrad, Reddi, Kale and Kumar (2018), algorithm 2, without its projection.

    Args:
        grad: Gradient of the objective, (dim,) to (dim,).
        x0: Start, (dim,).
        steps: Number of updates.
        lr: Step size $\alpha$, constant here.
        beta1: $\beta_1$.
        beta2: $\beta_2$.
        eps: Small constant; the paper's algorithm has none.
        corrected: Correct both biases as PyTorch does; the paper does not.

    Returns:
        Iterates, (steps + 1, dim).
    """
    x = np.array(x0, dtype=np.float64)
    m, v, v_hat = np.zeros_like(x), np.zeros_like(x), np.zeros_like(x)
    path = [x]
    for t in range(1, steps + 1):
        g = grad(x)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        v_hat = np.maximum(v_hat, v)
        w1, w2 = (1 - beta1**t, 1 - beta2**t) if corrected else (1.0, 1.0)
        x = x - lr * (m / w1) / (np.sqrt(v_hat / w2) + eps)
        path.append(x)
    return np.array(path)


def adamw_reference(
    grad: Gradient,
    x0: Array,
    steps: int,
    *,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
    weight_decay: float,
) -> Array:
    r"""AdamW, Loshchilov and Hutter (2019), algorithm 2, with the decay scaled by the rate.

    The paper writes $\theta \leftarrow \theta - \eta_t(\alpha\, \hat m/(\sqrt{\hat v}+\epsilon) +
    \lambda\theta)$ with a schedule $\eta_t$; libraries, as here, read $\lambda$ as
    $\alpha\lambda$.

    Args:
        grad: Gradient of the objective, (dim,) to (dim,).
        x0: Start, (dim,).
        steps: Number of updates.
        lr: Step size $\alpha$; the schedule $\eta_t$ is 1.
        beta1: $\beta_1$.
        beta2: $\beta_2$.
        eps: $\epsilon$.
        weight_decay: $\lambda / \alpha$ of the paper.

    Returns:
        Iterates, (steps + 1, dim).
    """
    theta = np.array(x0, dtype=np.float64)
    m, v = np.zeros_like(theta), np.zeros_like(theta)
    path = [theta]
    for t in range(1, steps + 1):
        g = grad(theta)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        m_hat = m / (1 - beta1**t)
        v_hat = v / (1 - beta2**t)
        theta = theta - (lr * m_hat / (np.sqrt(v_hat) + eps) + lr * weight_decay * theta)
        path.append(theta)
    return np.array(path)
