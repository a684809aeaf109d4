"""The gradient of a weight that is used at every step."""

import torch

from descent.exercises.measure import expect_close
from descent.exercises.model import Exercise, Wrong


def case(seed: int, steps: int):
    """A matrix, a start and a cotangent, with the gradient by autograd."""
    g = torch.Generator().manual_seed(seed)
    w = torch.randn(4, 4, generator=g, dtype=torch.float64) / 2
    h0, delta = (torch.randn(4, generator=g, dtype=torch.float64) for _ in range(2))
    rows = w.clone().requires_grad_()
    h = h0
    for _ in range(steps):
        h = rows @ h
    (delta @ h).backward()
    return (w, h0, delta, steps), rows.grad


CASES = [(0, 1), (1, 2), (2, 7)]


def check_gradient(weight_gradient) -> None:
    """It is that of autograd."""
    for seed, steps in CASES:
        given, want = case(seed, steps)
        expect_close(weight_gradient(*given), want, f"the gradient after {steps} steps", rtol=1e-8)


SOLUTION = """
def weight_gradient(W, h0, delta, steps):
    states = [h0]
    for _ in range(steps):
        states.append(W @ states[-1])
    total = torch.zeros_like(W)
    for h in reversed(states[:-1]):
        total += torch.outer(delta, h)
        delta = W.T @ delta
    return total
"""

EXERCISE = Exercise(
    id="long_term_dependencies.weight_gradient",
    kind="code",
    title="One weight, many uses",
    stars=2,
    minutes=20,
    name="weight_gradient",
    prompt=r"""
A linear network without inputs computes $h_t = Wh_{t-1}$ for $t=1,\dots,T$, and $J$ depends on the
last state alone. Write `weight_gradient(W, h0, delta, steps)`, which returns $\nabla_W J$ for
$\delta=\nabla_{h_T}J$ and $T$ = `steps`, without autograd: go forth once and back once.
""",
    stub='''
def weight_gradient(W, h0, delta, steps):
    """Return the gradient of J by W, (n, n)."""
    ...
''',
    solution=SOLUTION,
    hints=(
        "Pretend that every step has a matrix of its own. What is the gradient of each?",
        "The matrix of step $k$ has the gradient $\\nabla_{h_k}J\\;h_{k-1}^\\top$. Add them up.",
        "Going back, $\\nabla_{h_{k-1}}J = W^\\top\\nabla_{h_k}J$.",
    ),
    checks=(check_gradient,),
    probe=lambda answer: torch.stack([answer(*case(*c)[0]) for c in CASES]),
    wrong={
        "last_use": Wrong(
            SOLUTION.replace("        delta = W.T @ delta\n", "        break\n"),
            "This is the gradient of the *last* use of $W$. It is used at every step.",
        ),
        "no_transpose": Wrong(
            SOLUTION.replace("W.T @ delta", "W @ delta"),
            "Forward a state is multiplied by $W$. What multiplies a gradient on the way back?",
        ),
        "off_by_one": Wrong(
            SOLUTION.replace("reversed(states[:-1])", "reversed(states[1:])"),
            "The step from $h_{k-1}$ to $h_k$ multiplies $h_{k-1}$. Your outer products hold the "
            "state *after* the step.",
        ),
        "same_delta": Wrong(
            SOLUTION.replace("        delta = W.T @ delta\n", ""),
            "Every use gets the gradient of the last state. An earlier use acts through all later "
            "steps.",
        ),
    },
    explanation=r"""
$\nabla_WJ=\sum_k (W^\top)^{T-k}\,\delta\;h_{k-1}^\top$: one outer product for each use.
The term of an early use carries a high power of $W^\top$. With a spectral radius below 1 those
terms are small beside the late ones, however large the whole sum is.
""",
)
