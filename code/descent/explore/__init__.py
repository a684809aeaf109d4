"""Figures that are alive without a kernel: controls, signals, panels.

A figure is an `Explorer`: *controls* that the reader moves, *signals* computed from them in order,
*panels* made of marks, and a *readout*. A signal asks for names by the names of its function's
arguments and binds new names. Functions are written once, in torch; the page runs their printed
traces. The figures of the book are in `descent.explore.gallery`.

>>> figure = Explorer(
...     "demo/decay",
...     title="A component that shrinks",
...     question="For which ηλ does it change sign at every step?",
...     controls=[slider("product", 0.1, 2.2, 0.5, label="ηλ", include=(1, 2))],
...     signals=[
...         recurrence(lambda x, product: {"x": x * (1 - product)}, start={"x": 1.0}, steps=20),
...         scalars(lambda product: {"factor": 1 - product}),
...     ],
...     panels=[Panel("Component", "step k", Axis("x", -2, 2), [marks.line("x", "x")])],
...     readout=[readout("factor per step", "factor")],
...     play="x",
...     guess=guess("factor", "By what is x multiplied in each step?", hides=["x"]),
... )
>>> figure.evaluate(product=1.5)["text"]
{'factor per step': '−0.5000'}

Every figure can be played, stepped, pinned (what is drawn stays as a ghost beside other settings),
linked to by an address that restores its settings, and read as a data table. With `guess` the
answer stays hidden until the reader commits to one. An axis without ends fits its data; a label
alone stands for such an axis.

| signal | computes | binds |
|---|---|---|
| `scalars(fn)` | a traced function | numbers and short vectors |
| `curve(fn, over=Grid(...))` | a traced function on a range | series over the range |
| `histogram`, `density` | how a vector is distributed | series over the range |
| `surface(name, fn, over=Plane(...))` | a traced function on a rectangle | a field |
| `trajectory(objective, optimizer, ...)` | a traced run of the package's own classes | series |
| `race(objective, optimizers, ...)` | several such runs | series, and the marks for them |
| `recurrence(step, start=...)` | any traced step, repeated | series over the steps |
| `training(objective, optimizer, ...)` | a network's training, between two frames | series |
| `simulation(start, step, observe)` | any process on arrays, likewise | series, points, fields |
| `run_map(name, run, over=...)` | one run per cell of a rectangle | a field |
| `table(arrays, axes=...)` | nothing: shipped arrays, packed | numbers, series, fields |

Every series `s` also binds `s_first`, `s_half`, `s_last`, `s_now`, `s_steps`, and, if it holds
numbers, `s_min`, `s_max`, `s_at_max`.

**Several optimizers on contours.** `race` runs them from one start and tells their curves apart.

>>> from descent.objectives import Rosenbrock
>>> from descent.optimizers import SGD, HeavyBall
>>> runs = race(Rosenbrock(), {"SGD": SGD(1), "heavy ball": HeavyBall(1, 0)}, start="x0", steps=9)
>>> figure = Explorer(
...     "demo/race",
...     title="Two optimizers in a valley",
...     question="At which β is heavy ball ahead after nine steps?",
...     controls=[
...         slider("lr", 1e-4, 2e-3, 5e-4, label="η", log=True),
...         slider("beta", 0, 0.9, 0.5, label="β"),
...         point("x0", (-1.2, 1.0), x=(-2, 2), y=(-1, 3)),
...     ],
...     signals=[surface("f", Rosenbrock(), over=Plane("x", (-2, 2), (-1, 3))), *runs.signals],
...     panels=[
...         Panel("Paths", "x₁", "x₂", [marks.contours("f"), runs.paths, runs.grip]),
...         Panel("Loss", "step k", Axis("f(x)", log=True), [runs.losses]),
...     ],
...     readout=runs.readout,
...     play=runs.play,
... )
>>> figure.evaluate()["text"]
{'last loss, SGD': '4.121', 'last loss, heavy ball': '4.099'}

**Curves with bands over seeds**, from a shipped array (rates, seeds, steps).

>>> import numpy as np, torch
>>> losses = np.exp(-np.arange(12) * np.array([[[0.1], [0.3]], [[0.2], [0.6]]]))
>>> figure = Explorer(
...     "demo/seeds",
...     title="Loss over seeds",
...     question="At which learning rate do the seeds agree?",
...     controls=[choice("lr", [0.1, 0.2], 0.1, label="η")],
...     signals=[table(quantiles("loss", losses, axis=1), axes={"lr": [0.1, 0.2]}, timed=True)],
...     panels=[Panel("Loss", "step k", Axis("loss", log=True), [marks.spread("loss", "median")])],
...     readout=[readout("median at the end", "loss_last", digits=2)],
...     play="loss",
... )
>>> figure.evaluate(lr=0.2)["text"]
{'median at the end': '0.056'}

**A map with lines of equal value and a theory's boundary.** The grip chooses a pair of settings, by
drag, tap or arrow keys; the other panel follows. A shipped sweep is a `table` with `plane`.

>>> def step(x, v, product, beta):
...     v = beta * v - product * x
...     return {"x": x + v, "v": v}
>>> runs = [recurrence(step, start={"x": 1.0, "v": 0.0}, steps=30) for _ in range(2)]
>>> figure = Explorer(
...     "demo/map",
...     title="Heavy ball on one coordinate",
...     question="Which pair is fastest?",
...     controls=[
...         slider("product", 0.1, 4, 1, label="ηλ"),
...         slider("beta", 0, 0.9, 0.5, label="β"),
...     ],
...     signals=[
...         runs[0],
...         run_map(
...             "size",
...             runs[1],
...             over=(Grid("product", 0.1, 4, n=9), Grid("beta", 0, 0.9, n=7)),
...             value=lambda x_last: x_last.abs() + 1e-12,
...         ),
...         curve(lambda b: {"edge": 2 * (1 + b)}, over=Grid("b", 0, 0.9, n=9)),
...     ],
...     panels=[
...         Panel(
...             "|x| after 30 steps",
...             "ηλ",
...             "β",
...             [
...                 marks.heat("size", label="|x|", low=1e-9, high=1e3, log=True),
...                 marks.iso("size", [1.0], "|x| = 1"),
...                 marks.line("edge", "ηλ = 2(1 + β)", dash=1, color=4, transpose=True),
...                 marks.handle("product", "beta", label="chosen pair"),
...             ],
...         ),
...         Panel("Chosen run", "step k", "x", [marks.line("x")]),
...     ],
...     readout=[readout("x at the end", "x_last", digits=2)],
...     play="x",
... )
>>> figure.evaluate(product=1.0, beta=0.0)["text"]
{'x at the end': '0.0'}

**Particles over a potential, with their histogram and density.**

>>> figure = Explorer(
...     "demo/particles",
...     title="Particles that slide into two wells",
...     question="Where do they end?",
...     controls=[slider("lr", 0.01, 0.2, 0.05, label="η")],
...     signals=[
...         recurrence(
...             lambda q, lr: {"q": q - lr * 4 * q * (q**2 - 1)},
...             start={"q": [-1.5, -0.5, 0.1, 0.8]},
...             steps=9,
...         ),
...         scalars(lambda q_now: {"height": (q_now**2 - 1) ** 2}),
...         curve(lambda z: {"U": (z**2 - 1) ** 2}, over=Grid("z", -1.6, 1.6)),
...         histogram("counts", "q_now", over=Grid("bin", -1.5, 1.5, n=7)),
...         density("smooth", "q_now", over=Grid("t", -1.6, 1.6), width=0.3),
...     ],
...     panels=[
...         Panel("Potential", "q", "U", [marks.line("U"), marks.cloud("q_now", y="height")]),
...         Panel("Where", "q", "density", [marks.bars("counts"), marks.line("smooth", color=1)]),
...     ],
...     readout=[readout("highest density", "smooth_max", digits=2)],
...     play="q",
... )

**Eigenvalues in the complex plane.**

>>> figure = Explorer(
...     "demo/eigenvalues",
...     title="A rotation",
...     question="When do the eigenvalues leave the circle?",
...     controls=[slider("r", 0.1, 1.5, 0.9, label="r", include=(1,))],
...     signals=[scalars(lambda r: {"re": r.expand(2) / 2, "im": torch.stack([r, -r])})],
...     panels=[
...         Panel(
...             "Eigenvalues",
...             Axis("real part", -1.5, 1.5),
...             Axis("imaginary part", -1.5, 1.5),
...             [marks.circle(1, "unit circle"), marks.cloud("re", "eigenvalues", y="im")],
...             equal=True,
...         )
...     ],
...     readout=[readout("imaginary part", "r", digits=2)],
... )

**Layers over time, and bars for each parameter.** A series of vectors is drawn row by row.

>>> norms = np.array([[[1.0, 0.5], [0.8, 0.2], [0.7, 0.1]]])
>>> layers = Axis("layer", names=["first", "last"])
>>> figure = Explorer(
...     "demo/layers",
...     title="Gradient norms of the layers",
...     question="Which layer falls behind?",
...     controls=[choice("lr", [0.1, 0.2], 0.1, label="η")],
...     signals=[table({"norms": norms.repeat(2, 0)}, axes={"lr": [0.1, 0.2]}, timed=True)],
...     panels=[
...         Panel("Over time", "step k", layers, [marks.heat("norms", label="|g|", digits=2)]),
...         Panel("Now", "|g|", layers, [marks.bars("norms_now", transpose=True, digits=2)]),
...     ],
...     readout=[readout("steps", "norms_steps", digits=1)],
...     play="norms",
... )
>>> figure.alt.endswith("bars: first 0.700, last 0.100.")
True
"""

from descent.explore import marks
from descent.explore.controls import choice, point, slider
from descent.explore.densities import density, histogram, quantiles
from descent.explore.fields import run_map, surface
from descent.explore.grids import Grid, Plane
from descent.explore.guess import guess
from descent.explore.panels import Axis, Panel
from descent.explore.processes import simulation, training
from descent.explore.races import race
from descent.explore.readouts import readout, verdict
from descent.explore.runs import recurrence, trajectory
from descent.explore.signals import curve, scalars
from descent.explore.tables import table
from descent.explore.widget import Explorer

__all__ = [
    "Axis",
    "Explorer",
    "Grid",
    "Panel",
    "Plane",
    "choice",
    "curve",
    "density",
    "guess",
    "histogram",
    "marks",
    "point",
    "quantiles",
    "race",
    "readout",
    "recurrence",
    "run_map",
    "scalars",
    "simulation",
    "slider",
    "surface",
    "table",
    "training",
    "trajectory",
    "verdict",
]
