"""What the heavy ball does on a convex function that is no quadratic."""

from descent.exercises.model import Choice, Exercise, Wrong

EXERCISE = Exercise(
    id="momentum.cycle",
    kind="predict",
    title="Beyond quadratics",
    stars=2,
    minutes=10,
    name="fate",
    question=Choice(
        {
            "fast": "It converges, by at least 0.67 per step.",
            "slow": "It converges, but more slowly than gradient descent.",
            "cycle": "It ends in a cycle and never converges.",
            "diverges": "It grows without end.",
        }
    ),
    prompt=r"""
A function of one variable has the derivative

$$f'(x) = 25x \ (x<1), \qquad x+24 \ (1\le x<2), \qquad 25x-24 \ (x\ge2).$$

It is strongly convex: its curvature is 25, then 1, then 25 again. The minimum is at 0.
The heavy ball has the best constants for curvatures from 1 to 25, $\eta=1/9$ and $\beta=4/9$, with
which it shrinks every quadratic of that kind by $2/3$ per step.
It starts at 3.2 at rest. What becomes of it?
""",
    stub="fate = ...",
    solution="""
def slope(x):
    if x < 1:
        return 25 * x
    return x + 24 if x < 2 else 25 * x - 24


x, v, late = 3.2, 0.0, []
for step in range(2000):
    v = 4 / 9 * v - slope(x) / 9
    x = x + v
    if step >= 1990:
        late.append(abs(x))

far, size = min(late), max(late)
fate = ("diverges" if size > 100 else "cycle" if far > 0.1
        else "fast")
""",
    hints=(
        "The proof for quadratics follows one eigenvector with one curvature. Is there one here?",
        "A switch from 1 to 25 at the wrong moment can give back what was gained. Compute ten "
        "steps.",
        "After the first steps the positions come close to 0.65, −1.80 and 2.12, again and again.",
    ),
    wrong={
        "fast": Wrong(
            'fate = "fast"',
            "That holds for every *quadratic* in the class. The spectral radius says nothing about "
            "a matrix that changes from step to step.",
        ),
        "slow": Wrong(
            'fate = "slow"',
            "Gradient descent with rate 1/25 does converge here. Compute a few dozen steps of the "
            "heavy ball: does the distance shrink at all?",
        ),
        "diverges": Wrong(
            'fate = "diverges"',
            "Far out the slope is nearly that of the quadratic with curvature 25, on which these "
            "constants converge. So it comes back; the question is what then.",
        ),
    },
    explanation=r"""
It settles on three points, 0.65, −1.80 and 2.12, and visits them in turn forever.
The constants that are best for quadratics are not safe for convex functions, because the curvature
along the path changes.
Nesterov's method with $\eta = 1/25$ and $\beta=2/3$ has a proof for all strongly convex functions,
and converges from the same start.
""",
)
