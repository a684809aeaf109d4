"""Newton's step, with damping for the places where it would go astray."""

import torch
from torch import Tensor

from descent.exercises.measure import array, expect, expect_close
from descent.exercises.model import Exercise, Wrong


def cases() -> list[tuple[Tensor, Tensor, float]]:
    """Gradient, Hessian and damping; the Hessian is rotated, and once it is indefinite."""
    generator = torch.Generator().manual_seed(3)
    rotation = torch.linalg.qr(torch.randn(3, 3, dtype=torch.float64, generator=generator))[0]
    gradient = torch.randn(3, dtype=torch.float64, generator=generator)
    bowl, saddle = (
        rotation @ torch.diag(torch.tensor(values, dtype=torch.float64)) @ rotation.T
        for values in ([1.0, 20.0, 300.0], [-2.0, 1.0, 50.0])
    )
    return [(gradient, bowl, 0.0), (gradient, bowl, 5.0), (gradient, saddle, 3.0)]


def check_one_step(newton_step) -> None:
    """Without damping one step lands on the minimum of a quadratic."""
    g, H, _ = cases()[0]
    step = array(newton_step(g.clone(), H.clone(), 0.0), "the step", g.shape)
    left = float((g + H @ step).norm() / g.norm())
    expect(
        left < 1e-9,
        f"one undamped step ends where the gradient vanishes; {left:.3g} of it is left after yours",
    )


def check_damping(newton_step) -> None:
    """Large damping gives a short gradient step; enough of it goes down on a saddle."""
    for g, H, damping in cases():
        step = array(newton_step(g.clone(), H.clone(), damping), "the step", g.shape)
        slope = float(g @ step)
        expect(
            slope < 0,
            f"the damped step goes downhill; with damping {damping:g} the slope along yours was "
            f"{slope:.3g}",
        )
    g, H, _ = cases()[0]
    step = array(newton_step(g.clone(), H.clone(), 1e9), "the step", g.shape)
    expect_close(step * 1e9, -g, "1e9 times the step with damping 1e9", rtol=1e-5)


def check_formula(newton_step) -> None:
    """The step solves the damped equation."""
    for g, H, damping in cases():
        step = array(newton_step(g.clone(), H.clone(), damping), "the step", g.shape)
        eye = torch.eye(3, dtype=torch.float64)
        what = f"(H + {damping:g} I) step, which should equal -g,"
        expect_close((H + damping * eye) @ step, -g, what)


EXERCISE = Exercise(
    id="ill_conditioning.newton",
    kind="code",
    title="Newton's step, damped",
    stars=1,
    minutes=10,
    name="newton_step",
    prompt=r"""
Newton's method steps to the minimum of the local quadratic model.
Where the Hessian has a negative or tiny eigenvalue that minimum is far away or does not exist,
and a multiple $\delta$ of the identity is added to the Hessian first.

Write `newton_step(g, H, damping)`: the step $\Delta x$ (to be added to $x$) for the gradient `g`,
the Hessian `H` and $\delta$ = `damping`.
""",
    stub='''
def newton_step(g, H, damping=0.0):
    """Return the damped Newton step, to be added to x."""
    ...
''',
    solution="""
def newton_step(g, H, damping=0.0):
    eye = torch.eye(len(g), dtype=g.dtype)
    return -torch.linalg.solve(H + damping * eye, g)
""",
    hints=(
        "Write the gradient of the model $g^\\top\\Delta x + \\tfrac12\\Delta x^\\top H\\Delta x$ "
        "in "
        "$\\Delta x$ and set it to zero.",
        "$H\\,\\Delta x = -g$. With damping, $H$ becomes $H + \\delta I$. Solve the linear system; "
        "the "
        "inverse itself is not needed.",
        "`torch.linalg.solve(A, b)` returns the solution of $A x = b$. Mind the sign.",
    ),
    checks=(check_one_step, check_damping, check_formula),
    probe=lambda answer: torch.stack([answer(*case) for case in cases()]),
    wrong={
        "uphill": Wrong(
            """
def newton_step(g, H, damping=0.0):
    eye = torch.eye(len(g), dtype=g.dtype)
    return torch.linalg.solve(H + damping * eye, g)
""",
            "The length is right and the direction opposite: this goes up. "
            "The step is *added* to $x$.",
        ),
        "diagonal": Wrong(
            """
def newton_step(g, H, damping=0.0):
    return -g / (H.diagonal() + damping)
""",
            "Dividing by the diagonal undoes the scaling of the axes only. This Hessian is "
            "rotated: "
            "its off-diagonal entries are what makes the valley oblique.",
        ),
        "damping_subtracted": Wrong(
            """
def newton_step(g, H, damping=0.0):
    eye = torch.eye(len(g), dtype=g.dtype)
    return -torch.linalg.solve(H - damping * eye, g)
""",
            "Subtracting the damping lowers every eigenvalue, and makes a weak direction negative. "
            "It should lift them.",
        ),
        "product": Wrong(
            """
def newton_step(g, H, damping=0.0):
    return -(H @ g + damping * g)
""",
            "This multiplies by the Hessian instead of solving with it, so it goes farthest along "
            "the steepest direction. Newton's step goes farthest along the flattest.",
        ),
        "damping_outside": Wrong(
            """
def newton_step(g, H, damping=0.0):
    return -torch.linalg.solve(H, g) / (1 + damping)
""",
            "This shortens the whole step. It does not turn it: on a saddle it still climbs along "
            "the direction of negative curvature.",
        ),
    },
    explanation=r"""
The model's gradient in $\Delta x$ is $g + H\Delta x$; it vanishes at $\Delta x = -H^{-1}g$.
In the eigenbasis the component along eigenvalue $\lambda$ is divided by $\lambda$, so every
direction
of a bowl is settled at once, whatever its condition number.
With damping it is divided by $\lambda+\delta$: like Newton where $\lambda \gg \delta$, like
gradient
descent with learning rate $1/\delta$ where $|\lambda| \ll \delta$, and downhill everywhere once
$\delta$ exceeds the most negative eigenvalue in size.
""",
)
