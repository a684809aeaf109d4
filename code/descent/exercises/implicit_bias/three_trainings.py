"""Tell three trainings apart by how far weights and kernel moved."""

from collections.abc import Callable
from functools import cache

import torch
from torch import Tensor

from descent import SGD, run
from descent.exercises.cases import called, each_has_its_own
from descent.exercises.model import Exercise, Wrong
from descent.implicit_bias import LazyLoss, WideNet

KINDS = ("lazy", "rich", "last layer only")
DIAGNOSIS = {"A": "last layer only", "B": "rich", "C": "lazy"}
_NET, _STEPS = WideNet(3, 64), 500


def measured(kind: str) -> tuple[float, ...]:
    """Train, and return the error left, movements of both layers, and drift of the kernel."""
    generator = torch.Generator().manual_seed(0)
    inputs = torch.nn.functional.normalize(torch.randn(12, 3, generator=generator), dim=1)
    y = inputs[:, :1].sign()
    w0, alpha = _NET.init(0), 0.1 if kind == "rich" else 10.0 if kind == "lazy" else 1.0
    loss = LazyLoss(_NET, inputs, y, w0, alpha)
    hidden = torch.arange(_NET.network.dim) < 3 * 64
    mask = (~hidden).float() if kind == "last layer only" else torch.ones_like(w0)

    def oracle(objective: Callable[[Tensor], Tensor], x: Tensor, step: int) -> Tensor:
        return loss.grad(x) * mask

    w = run(loss, SGD(0.5 * min(1, 3 * alpha)), w0, _STEPS, oracle=oracle, keep="last").final_x
    first, last = (_NET.kernel(v, inputs) for v in (w0, w))
    moved = [float((w - w0)[p].norm() / w0[p].norm()) for p in (hidden, ~hidden)]
    return float(loss(w) / loss(w0)), *moved, float((last - first).norm() / first.norm())


@cache
def table() -> str:
    """Lay out the measurements as a Markdown table."""
    rows = [
        f"| {letter} | {left:.2f} | {first:.3f} | {second:.3f} | {drift:.3f} |"
        for letter, kind in DIAGNOSIS.items()
        for left, first, second, drift in (measured(kind),)
    ]
    head = "| training | error left | first layer moved | second layer moved | kernel moved |"
    return "\n".join([head, "|-|-:|-:|-:|-:|", *rows])


EXERCISE = Exercise(
    id="implicit_bias.three_trainings",
    kind="diagnose",
    title="Three trainings",
    stars=2,
    minutes=10,
    name="diagnosis",
    prompt=rf"""
The same network with one hidden layer was trained three times on the same examples. All changes are
relative to the start, and "error left" is the loss over that at the start.

{table()}

One training was lazy, one was rich, and one moved only the last layer. Which was which? Answer with
`"lazy"`, `"rich"` and `"last layer only"`.
""",
    stub='diagnosis = {"A": ..., "B": ..., "C": ...}',
    solution="""
diagnosis = {
    "A": "last layer only",
    "B": "rich",
    "C": "lazy",
}
""",
    hints=(
        "Which layer did not move at all?",
        "If only the last layer is trained, the first stays, and the kernel still changes: its "
        "part from the first layer contains the last layer's weights.",
        "Lazy is the one in which everything moved a little, and the kernel hardly.",
    ),
    checks=(each_has_its_own("training", "kind", DIAGNOSIS, KINDS),),
    wrong={
        "still_is_lazy": Wrong(
            'diagnosis = {"A": "lazy", "B": "rich", "C": "last layer only"}',
            "In A one layer did not move at all. Laziness makes all layers move little, none of "
            "them not at all.",
            like=called("A", "lazy"),
        ),
        "still_is_rich": Wrong(
            'diagnosis = {"A": "rich", "B": "last layer only", "C": "lazy"}',
            "In A the features of the first layer are what they were at the start.",
            like=called("A", "rich"),
        ),
        "moved_is_lazy": Wrong(
            'diagnosis = {"A": "last layer only", "B": "lazy", "C": "rich"}',
            "The kernel of B has become another one. A lazy network keeps it.",
            like=called("B", "lazy"),
        ),
    },
    explanation=r"""
A: the first layer is frozen. Its full tangent kernel changes nevertheless, but the kernel of the
parameters that *are* trained is fixed: this is exact regression with the covariance of the
features. B: the weights moved by much of their own size and the kernel is another one. C: the
kernel at the start says how training will go. The error that is left does not tell them apart.
""",
)
