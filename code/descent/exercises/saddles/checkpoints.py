"""Checks inside the chapter, where a reader might nod and read on."""

from descent.exercises.checkpoint import checkpoint
from descent.exercises.model import Choice, Number, Wrong

FOUR_CURVATURES = checkpoint(
    id="saddles.four_curvatures",
    title="Four directions, all up",
    question=Choice(
        {
            "minimum": "It is a minimum.",
            "not_maximum": "It is not a maximum; more cannot be said.",
            "saddle": "It is a saddle.",
            "nothing": "Nothing at all can be said.",
        }
    ),
    prompt=r"""
At a critical point in the plane you measure the curvature along both axes and along both diagonals.
All four are positive. What do you know?
""",
    solution="""
from descent import saddles as sd

generator = torch.Generator().manual_seed(0)
directions = torch.tensor([[1, 0], [0, 1], [1, 1], [1, -1]]).double()
kinds = set()
for _ in range(4000):
    a = torch.randn(2, 2, generator=generator).double()
    H = a + a.T
    if (((directions @ H) * directions).sum(-1) > 0).all():
        kinds.add(sd.KINDS[int(sd.kind(H))])

holds = {
    "minimum": kinds == {"minimum"},
    "not_maximum": "maximum" not in kinds and len(kinds) > 1,
    "saddle": kinds == {"saddle"},
    "nothing": "maximum" in kinds,
}
""",
    hints=(
        "The curvature is a smooth function of the angle. How wide can the range be in which it is "
        "negative?",
        "With eigenvalues $\\lambda_1<0<\\lambda_2$ it is negative where "
        "$\\tan^2\\varphi<\\abs{\\lambda_1}/\\lambda_2$, counted from the first eigenvector.",
        "Let $\\lambda_1=-0.01$ and $\\lambda_2=1$, with the first eigenvector at an angle of "
        "22 degrees. None of the four directions comes near it.",
    ),
    explanation=r"""
A saddle may have a narrow range of descending directions, as narrow as you like, which slips
between four measurements. A positive curvature does exclude a maximum. Only the smallest
eigenvalue, the curvature of the *worst* direction, decides; and in a million dimensions, a random
direction shows only the mean of all eigenvalues.
""",
    wrong={
        "minimum": "Try $\\lambda_1=-0.01$, $\\lambda_2=1$, and turn the eigenvectors by 22 "
        "degrees: all four measurements are positive.",
        "saddle": "It may be one, but $x^2+y^2$ passes the same four measurements.",
        "nothing": "One thing is certain: at a maximum all four would be negative or zero.",
    },
)

WHICH_LIMIT = checkpoint(
    id="saddles.which_limit",
    title="Nine saddles for every minimum",
    question=Choice(
        {
            "tenth": "A minimum with probability about one tenth.",
            "minimum": "A minimum, almost surely.",
            "saddle": "A saddle, almost surely.",
            "unknown": "It depends on the values of the critical points.",
        }
    ),
    prompt=r"""
On some smooth landscape nine of ten critical points are strict saddles, the others minima. Gradient
descent with a small rate starts at a random point and converges. Where does it end?
""",
    solution="""
from descent import saddles as sd

model = sd.ThreeSpin(12, seed=3)
u, length = model.newton(model.start(200))
found = sd.index(model.hessian(u[length < 1e-9]))
assert (found > 0).double().mean() > 0.9  # nearly all of them are saddles

ends = model.descend(model.start(50, seed=1), 0.1, 1000)
minima = int((sd.index(model.hessian(ends)) == 0).sum())
holds = {
    "tenth": 0 < minima < 25,
    "minimum": minima == 50,
    "saddle": minima == 0,
    "unknown": 25 <= minima < 50,
}
""",
    hints=(
        "Which starts does a saddle attract?",
        "Linearize: every component along negative curvature grows. The start must have none.",
        "The starts that end at a strict saddle form a surface of lower dimension. What is the "
        "chance to hit it?",
    ),
    explanation=r"""
Counting critical points says nothing about where descent ends. A strict saddle attracts only its
stable manifold, which has no volume. The solution looks at a 3-spin model on which more than nine
tenths of the points that Newton finds are saddles: all fifty descents end at minima. The rate must
be small enough, and "converge" must be taken at its word: descent may rest beside a saddle for a
long time.
""",
    wrong={
        "tenth": "That would be right if descent drew a critical point at random. It slides away "
        "from each saddle.",
        "saddle": "Most critical points are saddles, but almost no start leads into one.",
        "unknown": "The values decide how many directions lead down at a point; one is enough to "
        "leave it.",
    },
)

CLOSER = checkpoint(
    id="saddles.closer",
    title="A million times closer",
    question=Number("steps", within=0.06, digits=3),
    prompt=r"""
Gradient descent that starts at distance $10^{-3}$ beside a saddle's ridge needs 70 steps to leave.
A second run starts at $10^{-9}$. How many steps does it need, in all?
""",
    solution="""
from descent import saddles as sd

product = 1e3 ** (1 / 70) - 1  # what 70 steps from 1e-3 say about it
answer = float(sd.escape_steps(1e-9, product))
""",
    hints=(
        "How much does one step multiply the distance by?",
        "Three powers of ten took 70 steps.",
        "Nine powers of ten take three times as many as three.",
    ),
    explanation=r"""
The distance grows by a constant factor, so the time is proportional to the number of powers of ten:
70 steps for three, 210 for nine. Being a million times closer costs 140 steps more, not a million
times as many.
""",
    wrong={
        "linear": Wrong(
            "answer = 70 * 1_000_000",
            "That would hold for a constant speed. Here the speed is proportional to the distance "
            "from the ridge.",
        ),
        "only_more": Wrong(
            "answer = 140",
            "These are the steps that it takes *longer*. The question is about all of them.",
        ),
        "squared": Wrong(
            "answer = 70 * 9",
            "Compare numbers of powers of ten: nine with three.",
        ),
        "same": Wrong("answer = 70", "It has six more powers of ten to grow."),
    },
)
