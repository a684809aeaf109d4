"""Three optimizers side by side in a curved valley."""

from descent.core import Optimizer
from descent.explore import (
    Axis,
    Explorer,
    Panel,
    Plane,
    marks,
    point,
    readout,
    slider,
    surface,
    trajectory,
)
from descent.objectives import Rosenbrock
from descent.optimizers import SGD, HeavyBall, Nesterov

STEPS = 200
RULES: dict[str, tuple[str, Optimizer, int]] = {
    "sgd": ("gradient descent", SGD(1.0), 0),
    "heavy": ("heavy ball", HeavyBall(1.0, 0.5), 1),
    "nesterov": ("Nesterov", Nesterov(1.0, 0.5), 3),
}


def valley() -> Explorer:
    """Gradient descent, heavy ball and Nesterov from one start on Rosenbrock's valley."""
    x, y = Rosenbrock.domain
    return Explorer(
        "ill_conditioning/valley",
        title="Three optimizers in Rosenbrock's valley",
        question="Which one comes closest to the minimum, and at which learning rate does each "
        "diverge?",
        controls=[
            slider("lr", 1e-4, 3e-3, 5e-4, label="learning rate η", log=True),
            slider("beta", 0, 0.99, 0.9, label="momentum β"),
            point("start", (-1.2, 1.0), x=x, y=y),
        ],
        signals=[
            surface("f", lambda x: Rosenbrock()(x), over=Plane("x", x, y)),
            *(
                trajectory(
                    lambda: Rosenbrock(),
                    rule,
                    start="start",
                    steps=STEPS,
                    rename={"x": f"path_{name}", "loss": f"loss_{name}"},
                )
                for name, (_, rule, _) in RULES.items()
            ),
        ],
        panels=[
            Panel(
                "Paths on the level lines",
                Axis("x₁", *x),
                Axis("x₂", *y),
                [
                    marks.contours("f", power=5),
                    *(
                        marks.path(f"path_{name}", words, color=color, marker=i)
                        for i, (name, (words, _, color)) in enumerate(RULES.items())
                    ),
                    marks.points([(1, 1)], "minimum"),
                    marks.handle("start"),
                ],
                ratio=0.86,
            ),
            Panel(
                "Loss",
                Axis("step k", 0, STEPS),
                Axis("loss f(x)", 1e-6, 1e3, log=True),
                [
                    marks.line(f"loss_{name}", words, color=color, dash=i)
                    for i, (name, (words, _, color)) in enumerate(RULES.items())
                ],
                ratio=0.86,
            ),
        ],
        readout=[
            readout(f"last loss, {words}", f"loss_{name}_last")
            for name, (words, _, _) in RULES.items()
        ],
        caption=f"{STEPS} steps from the same start at the same learning rate. That is a picture, "
        "not a fair contest: each method deserves a rate of its own.",
        play="path_heavy",
    )
