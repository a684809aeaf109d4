"""The best rates for the two coordinates of a bowl."""

import torch
from torch import Tensor

from descent.exercises.measure import array, expect
from descent.exercises.model import Exercise, Wrong


def bowls() -> list[Tensor]:
    """Positive definite Hessians of two coordinates."""
    entries = ((3.0, 1.0, 2.0), (100.0, 5.0, 1.0), (1.0, -0.9, 1.0), (0.02, 0.1, 4.0))
    return [torch.tensor([[a, b], [b, c]], dtype=torch.float64) for a, b, c in entries]


def condition(h: Tensor, d: Tensor) -> float:
    """Condition number that the rates d leave of h."""
    values = torch.linalg.eigvalsh(d.sqrt()[:, None] * h * d.sqrt())
    return float(values[1] / values[0])


def check_best(rates) -> None:
    """No other ratio of rates leaves less."""
    for h in bowls():
        d = array(rates(h.clone()), "the pair of rates", (2,))
        expect((d > 0).all(), f"both rates are positive; yours were {d.tolist()}")
        mine = condition(h, d)
        ratios = torch.logspace(-3, 3, 601, dtype=torch.float64)
        best = min(condition(h, torch.stack([r, torch.ones_like(r)])) for r in ratios)
        expect(
            mine <= best * (1 + 1e-3),
            f"no other rates leave a smaller condition number of {h.tolist()}; yours leave "
            f"{mine:.5g}, others {best:.5g}",
        )


EXERCISE = Exercise(
    id="adaptive_methods.best_rates",
    kind="prove",
    title="The best rate for each coordinate",
    stars=3,
    minutes=25,
    name="rates",
    prompt=r"""
Rates $d_1, d_2 > 0$ turn the Hessian $H$ of a bowl into $D^{1/2}HD^{1/2}$. Prove which rates make
its condition number smallest when there are two coordinates, and enter them; a common factor does
not matter. They are compared with a search.
""",
    stub='''
def rates(H):
    """Return the two rates that leave the smallest condition number."""
    ...
''',
    solution="""
def rates(H):
    return 1 / H.diagonal()
""",
    hints=(
        "For two eigenvalues the condition number depends on determinant and trace alone. How do "
        "the rates change either?",
        "Keep $d_1d_2$ fixed: the determinant stays. So the trace $d_1H_{11}+d_2H_{22}$ should be "
        "small.",
        "Of two positive numbers with a fixed product, the sum is smallest when they are equal: "
        "$d_1H_{11} = d_2H_{22}$.",
    ),
    checks=(check_best,),
    probe=lambda answer: torch.stack([answer(h) / answer(h).sum() for h in bowls()]),
    wrong={
        "root": Wrong(
            "def rates(H):\n    return H.diagonal() ** -0.5",
            "Half of the way in the logarithm: these are the factors of $D^{1/2}$. The rates are "
            "its squares.",
        ),
        "equal": Wrong(
            "def rates(H):\n    return torch.ones(2, dtype=H.dtype)",
            "Equal rates are gradient descent: they leave $H$ as it is.",
        ),
        "row_sums": Wrong(
            "def rates(H):\n    return 1 / H.abs().sum(1)",
            "Row sums bound the largest eigenvalue. They mix the coupling into the scale, and the "
            "two diagonal entries do not come out equal.",
        ),
    },
    explanation=r"""
With $d_1d_2$ fixed the determinant of $D^{1/2}HD^{1/2}$ is fixed, and the condition number grows
with the trace. The trace is smallest for $d_1H_{11}=d_2H_{22}$: divide each coordinate by its own
curvature. What is left, $(1+|c|)/(1-|c|)$ with $c = H_{12}/\sqrt{H_{11}H_{22}}$, is the coupling
that no rate for a coordinate can reach.
""",
)
