"""Checks inside the chapter, where a reader might nod and read on."""

from descent.exercises.checkpoint import checkpoint
from descent.exercises.model import Choice, Number, Wrong

BOTH_BELOW_ONE = checkpoint(
    id="long_term_dependencies.both_below_one",
    title="Eigenvalues below one",
    question=Choice(
        {
            "falls": "It falls at every step.",
            "bounded": "It may rise at the first step, and never above the norm of the matrix.",
            "any": "It may rise for a while, by any factor, and then tends to zero.",
            "endless": "It may grow without end.",
        }
    ),
    prompt=r"""
Both eigenvalues of a $2\times2$ matrix are 0.9. What can the norm of its powers do?
""",
    solution="""
from descent import long_term_dependencies as lt

couplings = torch.tensor([0.0, 1.0, 10.0, 1000.0], dtype=torch.float64)
w = 0.9 * torch.eye(2, dtype=torch.float64).repeat(4, 1, 1)
w[:, 0, 1] = couplings
norms = lt.power_norms(w, 400).exp()
highest = norms.amax(0)

holds = {
    "falls": bool((norms.diff(dim=0) < 0).all()),
    "bounded": bool((highest <= norms[1].clamp(min=1) + 1e-9).all()),
    "any": bool(highest[3] > 1000 and (norms[-1] < 1e-9).all()),
    "endless": bool((norms[-1] > 1).any()),
}
""",
    hints=(
        "Eigenvalues say where the powers go in the end.",
        "The figure above begins at $c=10$. Move $c$.",
        "The corner of the power is $t\\,c\\,\\lambda^{t-1}$, and $c$ is free.",
    ),
    explanation=r"""
The corner of the power is $t\,c\,\lambda^{t-1}$: proportional to $c$, which the eigenvalues do not
see. In the end the power of $\lambda$ wins.
""",
    wrong={
        "falls": "That holds for $c=0$, and for every matrix with orthogonal eigenvectors.",
        "bounded": "The norm of the matrix of the figure is 10.1, that of its ninth power 38.7.",
        "endless": "Some power of 0.9 beats every $t$. The powers tend to zero, whatever $c$ is.",
    },
)

WHICH_CLIPPING = checkpoint(
    id="long_term_dependencies.which_clipping",
    title="A place to rest",
    question=Choice(
        {
            "norm": "Clipping the norm of the mean gradient.",
            "value": "Clipping each component of the mean gradient.",
            "each": "Clipping the gradient of each example, then averaging.",
            "none": "None of the three.",
        }
    ),
    prompt=r"""
Which kind of clipping can hold a run for good at a point where the gradient of the loss is *not*
zero?
""",
    solution="""
from descent import long_term_dependencies as lt

a = torch.tensor([-1.0, 0.0, 1.0, 10.0], dtype=torch.float64)


def rests_wrongly(direction):
    x = torch.tensor([0.0], dtype=torch.float64)
    for _ in range(4000):
        x = x - 0.05 * direction(x)
    still = direction(x).abs() < 1e-9
    return bool(still and (x - a).mean().abs() > 1e-3)


def mean(x):
    return (x - a).mean()[None]


holds = {
    "norm": rests_wrongly(lambda x: lt.clip_norm(mean(x), 1.0)),
    "value": rests_wrongly(lambda x: lt.clip_value(mean(x), 1.0)),
    "each": rests_wrongly(lambda x: lt.clip_each((x - a)[:, None], 1.0)),
}
holds["none"] = not any(holds.values())
""",
    hints=(
        "A run rests where the clipped direction is zero. Ask when each of the three is.",
        "The first two are zero exactly when the mean gradient is.",
        "In the third, gradients are shortened before they meet.",
    ),
    explanation=r"""
A clipped mean is zero only if the mean is. Clipped gradients of single examples can cancel where
the gradients themselves do not: then the run stays where another loss has its minimum.
""",
    wrong={
        "norm": "A vector that is shortened is zero only if it was zero.",
        "value": "A component that is cut keeps its sign, and is zero only if it was zero.",
        "none": "Look at the third curve of the figure above: where does it end?",
    },
)

AMPLIFY = checkpoint(
    id="long_term_dependencies.amplify",
    title="How many examples?",
    question=Number("examples", within=0.1, digits=3),
    prompt=r"""
The part of a gradient that comes from far back has a mean of length 0.002. The gradient of a single
example scatters around the mean gradient with a standard deviation of 0.2. With how many examples
in a batch is the noise as long as the far part?
""",
    solution="""
from descent.oracles import langevin

# The noise of one example, measured in the direction of the far part.
oracle, point = langevin(sigma=0.2, seed=0), torch.zeros(200_000, 1)
noise = oracle(lambda x: 0.002 * x.sum(-1), point, 0).std()
answer = float((noise / 0.002) ** 2)
""",
    hints=(
        "The mean of $B$ examples scatters less than one example. By which factor?",
        "Solve $0.2/\\sqrt B = 0.002$.",
        "$\\sqrt B = 100$.",
    ),
    explanation=r"""
The noise of a batch is $0.2/\sqrt B$, so $B=(0.2/0.002)^2=10{,}000$. Ten times less signal needs a
hundred times the batch. A larger learning rate changes neither side of the comparison.
""",
    wrong={
        "linear": Wrong(
            "answer = 100",
            "The noise falls with the *root* of the batch size.",
        ),
        "one": Wrong(
            "answer = 1",
            "One example's noise is a hundred times as long as the far part.",
        ),
    },
)

IMMUNE = checkpoint(
    id="long_term_dependencies.immune",
    title="A hundred different matrices",
    question=Choice(
        {
            "fresh": "The network with fresh matrices keeps much more of it.",
            "same": "Both lose it, to within a few powers of ten out of thirty.",
            "shared": "The network with the shared matrix loses none of it.",
            "grow": "With fresh matrices it grows.",
        }
    ),
    prompt=r"""
Two linear networks of width 64 have a hundred layers and a gain of 0.5. One draws a fresh Gaussian
matrix for every layer, the other uses one matrix throughout. What becomes of a signal of length 1?
""",
    solution="""
from descent import long_term_dependencies as lt

fresh, shared = (
    lt.product_norms(64, 100, 0.5, 20, shared=one)[-1].median() / 2.303
    for one in (False, True)
)  # powers of ten
holds = {
    "fresh": bool(fresh > shared + 10),
    "same": bool(abs(fresh - shared) < 5 and fresh < -25 and shared < -25),
    "shared": bool(shared > -1),
    "grow": bool(fresh > 0),
}
""",
    hints=(
        "What does one layer do to the length, on average over its matrix?",
        "A factor of about 0.5 per layer, whether the matrix is new or not.",
        "$0.5^{100}$ is about $10^{-30}$.",
    ),
    explanation=r"""
Each layer multiplies the length by about the gain. Independence of the layers does not make the
factors average to 1: it makes their logarithms a random walk around the same drift.
""",
    wrong={
        "fresh": "Set the gain in the figure above to 0.5 and compare the two curves.",
        "shared": "A shared matrix has the spectral radius 0.5, about: its powers decay.",
        "grow": "At a gain of 0.5 the mean square of the length is divided by 4 per layer.",
    },
)

WHICH_MEMORY = checkpoint(
    id="long_term_dependencies.which_memory",
    title="Linear adding",
    question=Number(within=0.02, digits=3),
    prompt=r"""
A *linear* network of any size reads the 40 numbers and markers of the adding problem. Its answer is
then a linear function of the 80 inputs. What is the smallest mean squared error that it can reach?
(Knowing nothing leaves $1/6 = 0.167$.)
""",
    solution="""
from descent import long_term_dependencies as lt

inputs, targets = lt.adding(100_000, 40, dtype=torch.float64)
inputs, targets = inputs.flatten(1) - 0.5, targets[:, 0, 0] - 1
inputs = torch.cat([inputs, torch.ones_like(inputs[:, :1])], 1)
squares = inputs.T @ inputs + 1e-6 * torch.eye(81).double()
best = torch.linalg.solve(squares, inputs.T @ targets)
answer = float((inputs @ best - targets).square().mean())
""",
    hints=(
        "By symmetry every number gets the same weight, and no marker gets any.",
        "Each number is marked with probability $1/20$, so that is its weight.",
        "The weights explain $40\\cdot(1/20)^2\\cdot\\frac1{12} = 1/120$ of the variance.",
    ),
    explanation=r"""
The sum of all numbers, divided by 20, is the best linear answer. It explains a variance of
$1/120$, and $1/6-1/120=0.158$ is left. Choosing is a product of number and marker, and no linear
network computes a product. The two other rows of the table that fail stand at the same value.
""",
    wrong={
        "nothing": Wrong(
            "answer = 1 / 6",
            "Almost. But a large sum of *all* numbers makes a large sum of the two a little more "
            "likely.",
            like=lambda answer: abs(float(answer) - 1 / 6) < 0.002,
        ),
        "all": Wrong(
            "answer = 0.0",
            "It would have to multiply each number by its marker.",
        ),
        "half": Wrong(
            "answer = 1 / 12",
            "That is the error of knowing one of the two numbers exactly.",
        ),
    },
)

CHECKS = (BOTH_BELOW_ONE, WHICH_CLIPPING, AMPLIFY, IMMUNE, WHICH_MEMORY)
