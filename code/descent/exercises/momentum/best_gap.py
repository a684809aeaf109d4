"""The best that k gradients can do on the worst function."""

import torch

from descent.exercises.measure import expect_close, number
from descent.exercises.model import Exercise, Wrong

STEPS = (1, 2, 5, 20, 60)


def smallest_gap(k: int) -> float:
    """Gap between the lowest point of the first k coordinates and the minimum of all 2 k + 1."""

    def lowest(n: int) -> float:
        eye = torch.eye(n, dtype=torch.float64)
        a = 2 * eye - torch.diag(eye[0, 1:] * 0 + 1, 1) - torch.diag(eye[0, 1:] * 0 + 1, -1)
        return float(-0.125 * torch.linalg.solve(a, eye[0])[0])

    return lowest(k) - lowest(2 * k + 1)


def check_gap(best_gap) -> None:
    """The closed form is the gap."""
    for k in STEPS:
        mine = number(best_gap(k), "the gap")
        expect_close(mine, smallest_gap(k), f"the gap after {k} steps", rtol=1e-9)


EXERCISE = Exercise(
    id="momentum.best_gap",
    kind="prove",
    title="Nobody can be faster",
    stars=3,
    minutes=25,
    name="best_gap",
    prompt=r"""
On $n$ coordinates let

$$f_n(x) = \tfrac14\bigl(\tfrac12x^\top A_nx - x_1\bigr),$$

with 2 on the diagonal of $A_n$ and $-1$ beside it. A method that starts at 0 and moves along
gradients has touched at most $k$ coordinates after $k$ steps.

1. Show that the minimum of $f_n$ is at $x_i = 1-\frac{i}{n+1}$, and find its value.
2. On $n=2k+1$ coordinates, how close to the minimum can any such method be after $k$ steps?

Enter the smallest possible gap $f(x_k)-f^\star$ as `best_gap(k)`; it is compared with a solver.
""",
    stub='''
def best_gap(k):
    """Return the smallest gap to the minimum after k steps."""
    ...
''',
    solution="""
def best_gap(k):
    return 1 / (16 * (k + 1))
""",
    hints=(
        "At the minimum $A_nx = e_1$. What do the rows in the middle say about neighbors?",
        "$-x_{i-1}+2x_i-x_{i+1}=0$ is a straight line. At the minimum "
        "$f_n = -\\tfrac18x_1$, with $x_1 = 1-\\frac{1}{n+1}$.",
        "With the last coordinates at 0, $f_{2k+1}$ is $f_k$. So the gap is "
        "$\\min f_k-\\min f_{2k+1} = \\tfrac18\\bigl(\\tfrac{1}{k+1}-\\tfrac{1}{2k+2}\\bigr)$.",
    ),
    checks=(check_gap,),
    probe=lambda answer: [float(answer(k)) for k in STEPS],
    wrong={
        "infinite_chain": Wrong(
            """
def best_gap(k):
    return 1 / (8 * (k + 1))
""",
            "That is the gap to the minimum on infinitely many coordinates. Here there are "
            "$2k+1$, whose minimum is not quite as low.",
        ),
        "textbook_bound": Wrong(
            """
def best_gap(k):
    square = (2 * k + 1) * (4 * k + 3) / (12 * (k + 1))
    return 3 * square / (32 * (k + 1) ** 2)
""",
            "The textbook bound with $\\|x_0-x^\\star\\|^2$ put in. It is true, and a little "
            "below the gap itself, which the question asks for.",
        ),
        "value_not_gap": Wrong(
            """
def best_gap(k):
    return -(1 - 1 / (k + 1)) / 8
""",
            "This is the lowest *value* within reach. The gap is its distance from the minimum.",
        ),
        "factor_lost": Wrong(
            """
def best_gap(k):
    return 1 / (4 * (k + 1))
""",
            "The form is right. Count the factors again: $\\tfrac14$ in front, $\\tfrac12$ from "
            "the value at the minimum.",
        ),
    },
    explanation=r"""
The rows of $A_nx=e_1$ say that $x$ is a straight ramp, from 1 at $i=0$ to 0 at $i=n+1$; there
$f_n = -\tfrac18x_1 = -\tfrac18\bigl(1-\tfrac1{n+1}\bigr)$.
A point with only $k$ coordinates sees $f_k$. So the smallest gap is
$\tfrac18\bigl(\tfrac{1}{k+1}-\tfrac1{2k+2}\bigr) = \tfrac{1}{16(k+1)}$.
Since $\|x_0-x^\star\|^2$ is about $\tfrac23k$, that is a $1/k^2$ law in units of the distance: no
method that uses gradients alone can do better, and Nesterov's does it up to a constant.
The function must be built anew for each $k$: on a fixed number of coordinates every good method
finishes early.
""",
)
