"""What the best constants do to the loss in the first few steps."""

from descent.exercises.model import Choice, Exercise, Wrong

EXERCISE = Exercise(
    id="momentum.transient",
    kind="predict",
    title="Fast, but first",
    stars=2,
    minutes=5,
    name="highest",
    question=Choice(
        {
            "never": "It never rises above its start.",
            "little": "It rises above its start, by less than half.",
            "tenfold": "It rises to more than ten times its start.",
            "forever": "It grows without end.",
        }
    ),
    prompt=r"""
A bowl in two dimensions has curvatures 1 and 100.
The heavy ball starts at rest at $(1, 1)$ with the best constants,
$\sqrt\eta = 2/(\sqrt L+\sqrt\mu)$ and $\beta = \bigl((\sqrt\kappa-1)/(\sqrt\kappa+1)\bigr)^2$,
and shrinks the distance by a factor of about 0.82 per step in the long run.
How high does the loss rise on the way?
""",
    stub="highest = ...",
    solution="""
eigenvalues = torch.tensor([1.0, 100.0], dtype=torch.float64)
lr, beta = (2 / 11) ** 2, (9 / 11) ** 2
x = torch.ones(2, dtype=torch.float64)
v = torch.zeros(2, dtype=torch.float64)
first = top = 0.5 * (eigenvalues * x**2).sum()
for _ in range(100):
    v = beta * v - lr * eigenvalues * x
    x = x + v
    top = max(top, 0.5 * (eigenvalues * x**2).sum())

ratio = top / first
highest = ("never" if ratio <= 1 else "little" if ratio < 1.5
           else "tenfold" if ratio > 10 else "other")
""",
    hints=(
        "A double root $r$ gives $x_k = (a+bk)\\,r^k$. Before the power wins, the factor in front "
        "may.",
        "Compute the first step of the steep component: $\\eta L = 100\\cdot(2/11)^2$.",
        "$\\eta L = 3.3$, so the steep component jumps from 1 to $-2.3$, with the velocity still "
        "to come.",
    ),
    wrong={
        "never": Wrong(
            'highest = "never"',
            "A factor of 0.82 *in the long run* does not forbid the first steps to go up. Compute "
            "one step of the steep component.",
        ),
        "little": Wrong(
            'highest = "little"',
            "The first step alone multiplies the steep component by $1-\\eta L = -2.3$, and the "
            "loss is its square.",
        ),
        "forever": Wrong(
            'highest = "forever"',
            "That would need a root outside the unit circle. Here $\\eta L = 3.3$ is below "
            "$2(1+\\beta) = 3.34$: stable, if only just.",
        ),
    },
    explanation=r"""
The steep component starts with $1-\eta L = -2.3$ and swings on; the loss reaches 13.6 times its
start before the decay of $k\rho^k$ sets in.
The peak grows with $\kappa$.
Chebyshev's method has the same rate and never rises: it begins with a smaller step and less
momentum.
""",
)
