"""Muon, Shampoo and SOAP, as their authors write them: one matrix at a time."""

import numpy as np

from descent.references.base import Array, Gradient


def muon_reference(
    grad: Gradient,
    x0: Array,
    steps: int,
    *,
    lr: float,
    beta: float,
    eps: float,
    nesterov: bool = True,
    match_rms: bool = False,
    iterations: int = 5,
) -> Array:
    r"""Muon, Jordan et al. (2024).

    Args:
        grad: Gradient of the objective, (m, n) to (m, n).
        x0: Start, (m, n).
        steps: Number of updates.
        lr: Learning rate $\eta$.
        beta: Momentum $\mu$.
        eps: Added to no norm, but no smaller norm is divided by.
        nesterov: Whether the gradient is mixed in once more.
        match_rms: Scale as Liu et al. (2025) do.
        iterations: Newton-Schulz iterations.

    Returns:
        Iterates, (steps + 1, m, n).
    """
    w = np.array(x0, dtype=np.float64)
    m, (rows, columns) = np.zeros_like(w), w.shape
    path = [w]
    for _ in range(steps):
        g = grad(w)
        m = beta * m + (1 - beta) * g
        u = (1 - beta) * g + beta * m if nesterov else m
        x = u.T if rows > columns else u
        x = x / max(float(np.linalg.norm(x)), eps)
        for _ in range(iterations):
            a = x @ x.T
            b = -4.7750 * a + 2.0315 * a @ a
            x = 3.4445 * x + b @ x
        o = x.T if rows > columns else x
        scale = 0.2 * max(rows, columns) ** 0.5 if match_rms else max(1, rows / columns) ** 0.5
        w = w - lr * scale * o
        path.append(w)
    return np.array(path)


def shampoo_reference(grad: Gradient, x0: Array, steps: int, *, lr: float, eps: float) -> Array:
    r"""Shampoo, Gupta, Koren and Singer (2018), algorithm 1.

    Args:
        grad: Gradient of the objective, (m, n) to (m, n).
        x0: Start, (m, n).
        steps: Number of updates.
        lr: Learning rate $\eta$.
        eps: $\epsilon$.

    Returns:
        Iterates, (steps + 1, m, n).
    """
    w = np.array(x0, dtype=np.float64)
    left, right = eps * np.eye(w.shape[0]), eps * np.eye(w.shape[1])
    path = [w]
    for _ in range(steps):
        g = grad(w)
        left = left + g @ g.T
        right = right + g.T @ g
        roots = []
        for matrix in (left, right):
            u, s, _ = np.linalg.svd(matrix)
            roots.append(u @ np.diag(np.maximum(s, eps) ** -0.25) @ u.T)
        w = w - lr * roots[0] @ g @ roots[1]
        path.append(w)
    return np.array(path)


def soap_reference(
    grad: Gradient,
    x0: Array,
    steps: int,
    *,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
    every: int,
) -> Array:
    r"""SOAP, Vyas et al. (2024), algorithms 3 and 4, in the order of the authors' code.

    Args:
        grad: Gradient of the objective, (m, n) to (m, n).
        x0: Start, (m, n).
        steps: Number of updates; the first only sets the basis.
        lr: Learning rate $\eta$.
        beta1: $\beta_1$.
        beta2: $\beta_2$.
        eps: $\epsilon$.
        every: Preconditioning frequency f.

    Returns:
        Iterates, (steps + 1, m, n).
    """
    w = np.array(x0, dtype=np.float64)
    m, v = np.zeros_like(w), np.zeros_like(w)
    g = grad(w)
    left, right = (1 - beta2) * g @ g.T, (1 - beta2) * g.T @ g
    ql, qr = (np.linalg.eigh(matrix)[1][:, ::-1] for matrix in (left, right))
    path = [w, w]
    for t in range(1, steps):
        g = grad(w)
        g_turned = ql.T @ g @ qr
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g_turned**2
        n = (ql.T @ m @ qr) / (np.sqrt(v) + eps)
        w = w - lr * np.sqrt(1 - beta2**t) / (1 - beta1**t) * ql @ n @ qr.T
        left = beta2 * left + (1 - beta2) * g @ g.T
        right = beta2 * right + (1 - beta2) * g.T @ g
        if t % every == 0:
            order = np.argsort(-np.sum(ql * (left @ ql), axis=0))
            ql, v = np.linalg.qr((left @ ql)[:, order])[0], v[order]
            order = np.argsort(-np.sum(qr * (right @ qr), axis=0))
            qr, v = np.linalg.qr((right @ qr)[:, order])[0], v[:, order]
        path.append(w)
    return np.array(path)
