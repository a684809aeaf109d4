"""Which of three ports of an optimizer has which fault, read off their first steps."""

from functools import cache

import torch

from descent.exercises.cases import called, each_has_its_own
from descent.exercises.model import Exercise, Wrong

FAULTS = ("no bias correction", "floor inside the root", "no square root")
DIAGNOSIS = {"A": "floor inside the root", "B": "no square root", "C": "no bias correction"}
SIZES = (1.0, 1e-2, 1e-4, 1e-6)


def first_step(fault: str, g: float, eps: float = 1e-8) -> float:
    """Length of the first step of a faulty Adam with rate 1, beta1 = 0.9, beta2 = 0.999."""
    mean, square = torch.tensor(g), torch.tensor(g) ** 2
    if fault == "no bias correction":
        mean, square = 0.1 * mean, 0.001 * square
    if fault == "no square root":
        return float(mean / (square + eps))
    if fault == "floor inside the root":
        return float(mean / (square + eps) ** 0.5)
    return float(mean / (square**0.5 + eps))


@cache
def table() -> str:
    """Lay out the first steps as a Markdown table."""
    head = "| gradient |" + "".join(f" {letter} |" for letter in DIAGNOSIS)
    rows = [
        f"| {g:g} |" + "".join(f" {first_step(fault, g):.3g} |" for fault in DIAGNOSIS.values())
        for g in SIZES
    ]
    return "\n".join([head, "|-:|" + "-:|" * len(DIAGNOSIS), *rows])


EXERCISE = Exercise(
    id="adaptive_methods.floors",
    kind="diagnose",
    title="Three faulty ports",
    stars=2,
    minutes=10,
    name="diagnosis",
    prompt=rf"""
Three ports of Adam ($\beta_1 = 0.9$, $\beta_2 = 0.999$, $\epsilon = 10^{{-8}}$,
$\eta = 1$) are each given one gradient. The table shows the length of their first step. A correct
Adam steps by 1.00, 1.00, 1.00 and 0.990.

{table()}

One lacks bias correction, one has the floor inside the root, one lacks the square root. Name the
fault of each: `"no bias correction"`, `"floor inside the root"` or `"no square root"`.
""",
    stub='diagnosis = {"A": ..., "B": ..., "C": ...}',
    solution="""
diagnosis = {
    "A": "floor inside the root",
    "B": "no square root",
    "C": "no bias correction",
}
""",
    hints=(
        "Which port is wrong for large gradients too? Which is wrong only for small ones?",
        "A step that does not depend on the size of the gradient has been divided by that size, up "
        "to a constant. One that grows as the gradient shrinks has been divided twice.",
        "Without bias correction the first step is $0.1/\\sqrt{0.001}$ whatever the gradient is.",
    ),
    checks=(each_has_its_own("port", "fault", DIAGNOSIS, FAULTS),),
    wrong={
        "constant_is_root": Wrong(
            'diagnosis = {"A": "floor inside the root", "B": "no bias correction", '
            '"C": "no square root"}',
            "C steps by the same length for gradients that differ by ten thousand. Without the "
            "root the length could not stay the same.",
            like=called("C", "no square root"),
        ),
        "constant_is_floor": Wrong(
            'diagnosis = {"A": "no bias correction", "B": "no square root", '
            '"C": "floor inside the root"}',
            "A floor acts on small gradients. C is off by a factor of three on the largest one.",
            like=called("C", "floor inside the root"),
        ),
        "small_is_root": Wrong(
            'diagnosis = {"A": "no square root", "B": "floor inside the root", '
            '"C": "no bias correction"}',
            "A is exact for large gradients and short for small ones; a floor does that. A missing "
            "root makes small gradients step *farther*.",
            like=called("A", "no square root"),
        ),
    },
    explanation=r"""
A: exact at 1, 0.707 at $10^{-4}$: the floor acts where $|g|\approx\sqrt\epsilon$.
B: $g/(g^2+\epsilon)$ grows to a hundred and more, then falls: divided once too often.
C: always $0.1/\sqrt{0.001} = 3.16$: both means are read before they have filled.
A table of first steps over sizes of gradient is the cheapest test of an optimizer.
""",
)
