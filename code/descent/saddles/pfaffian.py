r"""Integrals over the eigenvalues of random symmetric matrices, as Pfaffians.

The joint density of the eigenvalues of a Gaussian symmetric matrix is a product of a weight for
each of them and of all their distances. De Bruijn turned such integrals into a determinant, so a
probability of $10^{-70}$ takes a millisecond and no sampling.
"""

import math
from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
from numpy.polynomial import legendre
from numpy.typing import NDArray

Array = NDArray[np.float64]
Weight = Callable[[Array], Array]


def log_integral(n: int, edges: Sequence[float], weight: Weight, nodes: int = 0) -> float:
    r"""Logarithm of the integral of distances and weights over ordered points.

    $$\log \int_{x_1<\dots<x_n} \prod_{i<j}(x_j-x_i)\prod_i w(x_i)\,\mathrm dx
    = \log\operatorname{Pf} A, \qquad
    A_{jk}=\iint \operatorname{sign}(y-x)\,p_j(x)\,p_k(y)\,w(x)\,w(y)\,\mathrm dx\,\mathrm dy$$

    with any monic polynomials $p_0,\dots,p_{n-1}$; for odd $n$ the matrix has one more row,
    $\int p_j w$. The polynomials used make the functions $p_jw$ orthogonal.

    Args:
        n: Number of points.
        edges: Ends of the panels, rising; the weight is smooth on each and vanishes outside.
        weight: $w$ on an array of points, not negative.
        nodes: Gauss-Legendre nodes for each panel; 0 chooses enough for `n`.

    Returns:
        The logarithm.

    Reference: de Bruijn (1955), *On some multiple integrals involving determinants*.
    """
    x, q, integral = _rule(tuple(edges), nodes or 60 + 3 * n)
    functions, log_norm = _orthogonal(n, x, q, weight(x))
    return log_norm + 0.5 * float(np.linalg.slogdet(_skew(functions, functions, q, integral))[1])


def mean_sum(n: int, edges: Sequence[float], weight: Weight, of: Weight, nodes: int = 0) -> float:
    r"""Mean over the eigenvalues' law of $\sum_i h(x_i)$.

    It is the derivative of `log_integral` when the weight grows by the part $h$:
    $\tfrac12\operatorname{tr}(A^{-1}\dot A)$.

    Args:
        n: Number of points.
        edges: Ends of the panels.
        weight: Weight of a point.
        of: The function $h$.
        nodes: Gauss-Legendre nodes for each panel; 0 chooses enough for `n`.

    Returns:
        The mean.
    """
    x, q, integral = _rule(tuple(edges), nodes or 60 + 3 * n)
    functions, _ = _orthogonal(n, x, q, weight(x))
    changed = functions * of(x)
    half = _skew(changed, functions, q, integral, border=changed)
    both = half - half.T if n % 2 == 0 else _bordered_sum(half)
    return 0.5 * float(np.trace(np.linalg.solve(_skew(functions, functions, q, integral), both)))


def _bordered_sum(half: Array) -> Array:
    """Add the transpose with the sign of a skew matrix, but count the border once."""
    both = half - half.T
    both[-1], both[:, -1] = half[-1], half[:, -1]
    return both


def _skew(left: Array, right: Array, q: Array, integral: Array, border: Array | None = None):
    """Double integrals of sign(y - x) left(x) right(y); bordered by single ones if odd."""
    total = right @ q
    a = (left * q) @ (total[:, None] - 2 * right @ integral.T).T
    if border is None:
        a = (a - a.T) / 2
    if len(left) % 2 == 0:
        return a
    edge = (left if border is None else border) @ q
    return np.block([[a, edge[:, None]], [-edge[None], np.zeros((1, 1))]])


def _orthogonal(n: int, x: Array, q: Array, w: Array) -> tuple[Array, float]:
    """Functions p_j w with orthonormal rows (n, nodes), and the log of what was divided out."""
    rows, log_norm = [], 0.0
    before, now = np.zeros_like(x), w
    for j in range(n):
        size = math.sqrt((q * now**2).sum())
        log_norm += (n - j) * math.log(size)  # Every later polynomial inherits the factor.
        now = now / size
        rows.append(now)
        mean = (q * x * now**2).sum()
        before, now = now, (x - mean) * now - (size * before if j else 0.0)
    return np.array(rows), log_norm


@cache
def _unit_rule(nodes: int) -> tuple[Array, Array, Array]:
    """Gauss-Legendre nodes and weights on [-1, 1], and the matrix of running integrals."""
    t, w = legendre.leggauss(nodes)
    degree = np.arange(nodes)
    to_coefficients = ((degree + 0.5)[:, None] * legendre.legvander(t, nodes - 1).T) * w
    high = legendre.legvander(t, nodes)
    # The integral of P_l from -1 is (P_{l+1} - P_{l-1}) / (2l + 1).
    running = np.empty((nodes, nodes))
    running[:, 0] = t + 1
    running[:, 1:] = (high[:, 2:] - high[:, : nodes - 1]) / (2 * degree[1:] + 1)
    return t, w, running @ to_coefficients


def _rule(edges: tuple[float, ...], nodes: int) -> tuple[Array, Array, Array]:
    """Nodes, weights and running integrals on several panels."""
    t, w, running = _unit_rule(nodes)
    half = np.diff(edges) / 2
    middle = np.array(edges[:-1]) + half
    q = np.concatenate([h * w for h in half])
    integral = np.zeros((len(q), len(q)))
    for i, h in enumerate(half):
        rows = slice(i * nodes, (i + 1) * nodes)
        integral[rows, : i * nodes] = q[: i * nodes]
        integral[rows, rows] = h * running
    return np.concatenate([m + h * t for m, h in zip(middle, half, strict=True)]), q, integral
