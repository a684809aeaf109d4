"""Three optimizers side by side in a curved valley."""

from descent.core import Optimizer
from descent.explore import Axis, Explorer, Panel, Plane, marks, point, race, slider, surface
from descent.objectives import Rosenbrock
from descent.optimizers import SGD, HeavyBall, Nesterov

STEPS = 200
RULES: dict[str, Optimizer] = {
    "gradient descent": SGD(1.0),
    "heavy ball": HeavyBall(1.0, 0.5),
    "Nesterov": Nesterov(1.0, 0.5),
}


def valley() -> Explorer:
    """Gradient descent, heavy ball and Nesterov from one start on Rosenbrock's valley."""
    x, y = Rosenbrock.domain
    runs = race(Rosenbrock(), RULES, start="start", steps=STEPS)
    level = [marks.contours("f", power=5), marks.points([(1, 1)], "minimum")]
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
        signals=[surface("f", Rosenbrock(), over=Plane("x", x, y)), *runs.signals],
        panels=[
            Panel("Paths on the level lines", "x₁", "x₂", [level, runs.paths, runs.grip], 0.86),
            Panel("Loss", "step k", Axis("loss f(x)", 1e-6, 1e3, log=True), [runs.losses], 0.86),
        ],
        readout=runs.readout,
        caption=f"{STEPS} steps from the same start at the same learning rate. That is a picture, "
        "not a fair contest: each method deserves a rate of its own.",
        play=runs.play,
    )
