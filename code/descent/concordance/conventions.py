"""Update rules as other libraries write them, in plain numpy, under the library's own names."""

from collections.abc import Callable

import numpy as np

Array = np.ndarray
Gradient = Callable[[Array], Array]
Rate = Callable[[int], float]


def keras_momentum(
    grad: Gradient, w: Array, steps: int, *, learning_rate: Rate, momentum: float, nesterov: bool
) -> list[Array]:
    """Keras: the velocity holds the learning rate; Nesterov looks ahead by momentum times it.

    Args:
        grad: Gradient.
        w: Start.
        steps: Number of updates.
        learning_rate: Rate at each step, counted from 0.
        momentum: Momentum.
        nesterov: Whether the step looks ahead.

    Returns:
        Iterates.
    """
    velocity, path = np.zeros_like(w), [w]
    for t in range(steps):
        g, lr = grad(w), learning_rate(t)
        velocity = momentum * velocity - lr * g
        w = w + momentum * velocity - lr * g if nesterov else w + velocity
        path.append(w)
    return path


def optax_trace(
    grad: Gradient, w: Array, steps: int, *, learning_rate: Rate, decay: float, nesterov: bool
) -> list[Array]:
    """Optax: the trace is a sum of gradients; the rate multiplies it when it is used.

    Args:
        grad: Gradient.
        w: Start.
        steps: Number of updates.
        learning_rate: Rate at each step, counted from 0.
        decay: Momentum.
        nesterov: Whether the step looks ahead.

    Returns:
        Iterates.
    """
    trace, path = np.zeros_like(w), [w]
    for t in range(steps):
        g = grad(w)
        trace = g + decay * trace
        w = w - learning_rate(t) * (g + decay * trace if nesterov else trace)
        path.append(w)
    return path


def torch_dampened(
    grad: Gradient, w: Array, steps: int, *, lr: float, momentum: float, dampening: float
) -> list[Array]:
    """PyTorch: a new gradient enters the buffer damped, but for the first, which enters whole.

    Args:
        grad: Gradient.
        w: Start.
        steps: Number of updates.
        lr: Rate.
        momentum: Momentum.
        dampening: Share of a new gradient that is left out.

    Returns:
        Iterates.
    """
    buffer, path = grad(w), [w]
    for _ in range(steps):
        w = w - lr * buffer
        buffer = momentum * buffer + (1 - dampening) * grad(w)
        path.append(w)
    return path


def averaged_momentum(
    grad: Gradient, w: Array, steps: int, *, learning_rate: float, beta: float
) -> list[Array]:
    """Momentum as an average, the form of Adam's first moment without its correction.

    Args:
        grad: Gradient.
        w: Start.
        steps: Number of updates.
        learning_rate: Rate.
        beta: Memory.

    Returns:
        Iterates.
    """
    m, path = np.zeros_like(w), [w]
    for _ in range(steps):
        m = beta * m + (1 - beta) * grad(w)
        w = w - learning_rate * m
        path.append(w)
    return path


def keras_adam(
    grad: Gradient, w: Array, steps: int, *, learning_rate: float, epsilon: Callable[[int], float]
) -> list[Array]:
    """Keras: the correction goes into the rate, so epsilon meets an uncorrected root.

    Args:
        grad: Gradient.
        w: Start.
        steps: Number of updates.
        learning_rate: Rate.
        epsilon: Floor at each step; Keras keeps it constant.

    Returns:
        Iterates.
    """
    m, v, path = np.zeros_like(w), np.zeros_like(w), [w]
    for t in range(1, steps + 1):
        g = grad(w)
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        alpha = learning_rate * np.sqrt(1 - 0.999**t) / (1 - 0.9**t)
        w = w - alpha * m / (np.sqrt(v) + epsilon(t))
        path.append(w)
    return path


def optax_rmsprop(
    grad: Gradient, w: Array, steps: int, *, learning_rate: float, decay: float, eps: float
) -> list[Array]:
    """Optax and Goodfellow et al.: epsilon inside the root.

    Args:
        grad: Gradient.
        w: Start.
        steps: Number of updates.
        learning_rate: Rate.
        decay: Memory.
        eps: Floor inside the root.

    Returns:
        Iterates.
    """
    nu, path = np.zeros_like(w), [w]
    for _ in range(steps):
        g = grad(w)
        nu = decay * nu + (1 - decay) * g**2
        w = w - learning_rate * g / np.sqrt(nu + eps)
        path.append(w)
    return path


def paper_adamw(grad: Gradient, w: Array, steps: int, *, alpha: float, decay: float) -> list[Array]:
    """Loshchilov and Hutter: the decay is not multiplied by the learning rate.

    Args:
        grad: Gradient.
        w: Start.
        steps: Number of updates.
        alpha: Rate.
        decay: Share that a step takes from every weight.

    Returns:
        Iterates.
    """
    m, v, path = np.zeros_like(w), np.zeros_like(w), [w]
    for t in range(1, steps + 1):
        g = grad(w)
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        step = alpha * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
        w = w - step - decay * w
        path.append(w)
    return path


def paper_nesterov(
    grad: Gradient, w: Array, steps: int, *, epsilon: float, mu: float
) -> tuple[list[Array], list[Array]]:
    """Sutskever et al. (2013): the gradient is taken ahead of the point that is kept.

    Args:
        grad: Gradient.
        w: Start.
        steps: Number of updates.
        epsilon: Learning rate.
        mu: Momentum.

    Returns:
        Points and velocities.
    """
    theta, v = w, np.zeros_like(w)
    points, velocities = [theta], [v]
    for _ in range(steps):
        v = mu * v - epsilon * grad(theta + mu * v)
        theta = theta + v
        points.append(theta)
        velocities.append(v)
    return points, velocities
