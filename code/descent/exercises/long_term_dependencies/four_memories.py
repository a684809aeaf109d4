"""Four recurrent matrices, told apart by the norms of their powers."""

from functools import cache

import torch

from descent.exercises.cases import called, each_has_its_own
from descent.exercises.model import Exercise, Wrong
from descent.long_term_dependencies import power_norms

NAMES = ("orthogonal", "contracting", "non-normal", "expanding")
DIAGNOSIS = {"A": "non-normal", "B": "expanding", "C": "orthogonal", "D": "contracting"}
LAGS = (0, 1, 2, 5, 10, 30, 100)


def matrix(name: str) -> torch.Tensor:
    """A matrix of each kind."""
    turn = torch.tensor([[0.8, -0.6], [0.6, 0.8]], dtype=torch.float64)
    return {
        "orthogonal": turn,
        "contracting": 0.95 * turn,
        "non-normal": torch.tensor([[0.95, 0.8], [0.0, 0.95]], dtype=torch.float64),
        "expanding": torch.tensor([[1.02, 0.3], [0.0, 0.9]], dtype=torch.float64),
    }[name]


@cache
def table() -> str:
    """Lay out the norms as a Markdown table."""
    norms = {letter: power_norms(matrix(name), 100).exp() for letter, name in DIAGNOSIS.items()}
    rows = [f"| {t} |" + "".join(f" {float(n[t]):.3f} |" for n in norms.values()) for t in LAGS]
    return "\n".join(["| t | A | B | C | D |", "|-:|-:|-:|-:|-:|", *rows])


EXERCISE = Exercise(
    id="long_term_dependencies.four_memories",
    kind="diagnose",
    title="Four memories",
    stars=1,
    minutes=10,
    name="diagnosis",
    prompt=rf"""
The norms of the powers of four matrices:

{table()}

Name each column: `"orthogonal"`, `"contracting"` (a rotation times 0.95), `"non-normal"` (both
eigenvalues 0.95) or `"expanding"` (an eigenvalue above 1).
""",
    stub='diagnosis = {"A": ..., "B": ..., "C": ..., "D": ...}',
    solution="""
diagnosis = {
    "A": "non-normal",
    "B": "expanding",
    "C": "orthogonal",
    "D": "contracting",
}
""",
    hints=(
        "Look at the end of each column first: the eigenvalues rule there.",
        "Two columns grow at first. Which of them has fallen by the last row?",
        "A rotation times 0.95 has the norm $0.95^t$ exactly.",
    ),
    checks=(each_has_its_own("column", "matrix", DIAGNOSIS, NAMES),),
    wrong={
        "growth_is_expansion": Wrong(
            'diagnosis = {"A": "expanding", "B": "non-normal", "C": "orthogonal", '
            '"D": "contracting"}',
            "A grows fast and then falls. An eigenvalue above 1 never lets a power fall in the "
            "end.",
            like=called("A", "expanding"),
        ),
        "decay_is_non_normal": Wrong(
            'diagnosis = {"A": "contracting", "B": "expanding", "C": "orthogonal", '
            '"D": "non-normal"}',
            "Both decay in the end. The contracting one is a multiple of a rotation: can it rise "
            "on the way?",
            like=called("D", "non-normal"),
        ),
    },
    explanation=r"""
C stays at 1: a rotation. D is $0.95^t$. B grows by 2 % per step in the end, slowly at first sight.
A grows most in the first ten steps and has the same eigenvalues as D.
On sequences of ten steps A looks like the one that explodes; on long ones it forgets.
""",
)
