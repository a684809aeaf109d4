"""Checks inside the chapter on noise and escape."""

from descent.exercises.checkpoint import checkpoint
from descent.exercises.model import Choice, Number, Wrong

HORIZON = checkpoint(
    id="noise_and_escape.horizon",
    title="Two units of time more",
    question=Number(within=0.05, digits=3),
    prompt=r"""
Beside a barrier of curvature $-1$ the constant of the lemma is $(e^{2T}-1)/2$. You compare SGD with
gradient descent up to $T=7$ instead of $T=5$. By which factor must $\varepsilon$ be smaller to keep
the same bound?
""",
    solution="""
from descent import noise_and_escape as ne

# Curvature -1 and unit noise: temperature 1/2.
short, long = ne.settling_variance(
    0.0, -1.0, 0.5, torch.tensor([5.0, 7.0])
)
answer = float(long / short)
""",
    hints=(
        "Write the bound at both horizons and set them equal.",
        "The $-1$ hardly matters: the ratio is $e^{2\\cdot7}/e^{2\\cdot5}$.",
        "$e^4$.",
    ),
    explanation=r"""
Each unit of time costs a factor of $e^{2L}$, here 7.4, in $\varepsilon$. A horizon of length
$\ln(1/\varepsilon)/2L$ is all one can afford, and escapes take $e^{1/\varepsilon}$.
""",
    wrong={
        "linear": Wrong("answer = 7 / 5", "The constant grows exponentially with the horizon."),
        "root": Wrong(
            "import math\n\nanswer = math.exp(2)",
            "That is the factor of the distance. The lemma bounds its *square*.",
        ),
    },
)

ALIGNED = checkpoint(
    id="noise_and_escape.aligned",
    title="Steep and noisy",
    question=Choice(
        {
            "steep": "Along the steep direction.",
            "flat": "Along the flat direction.",
            "equal": "The same in both.",
        }
    ),
    prompt=r"""
A bowl has the curvatures 1 and 10. The noise is aligned with them and grows faster than the
curvature: $D=A^2$. Along which direction is the stationary cloud wider?
""",
    solution="""
from descent import noise_and_escape as ne

bowl = torch.diag(torch.tensor([1.0, 10.0], dtype=torch.float64))
flat, steep = ne.bowl_covariance(bowl, bowl @ bowl).diag()
holds = {
    "steep": bool(steep > flat),
    "flat": bool(flat > steep),
    "equal": bool(flat == steep),
}
""",
    hints=(
        "Along an axis the variance over $\\varepsilon$ is $d/2\\lambda$.",
        "Here $d=\\lambda^2$.",
        "So it is $\\lambda/2$.",
    ),
    explanation=r"""
$C=D/2A=A/2$: the cloud is ten times wider, in variance, along the *steep* direction. With $D=I$ the
flat direction is wider; with $D=A$ both are equal.
""",
    wrong={
        "flat": "That is so for round noise. Here the steep direction is kicked a hundred times "
        "harder.",
        "equal": "That is $D=A$. Here the noise grows with the *square* of the curvature.",
    },
)

TURNED = checkpoint(
    id="noise_and_escape.turned",
    title="The rounder one",
    question=Choice(
        {
            "left": "The left one, with D = (1, 1).",
            "right": "The right one, with D = (0.9, 0.1).",
            "equal": "Both alike: the minima are equal.",
        }
    ),
    prompt=r"""
Two equal minima. Left the noise variances along and across the way out are $(1, 1)$, right
$(0.9, 0.1)$. Where does SGD spend more time at $\varepsilon=0.15$?
""",
    solution="""
from descent import noise_and_escape as ne

x = ne.grid(-3.0, 3.0)
noise = lambda u: ne.switch(u, 1.0, 0.9)
density = ne.stationary(ne.double_well_slope, noise, 0.15, x)
left = float(ne.share_below(density, x, 0.0))
holds = {
    "left": left > 0.51,
    "right": left < 0.49,
    "equal": abs(left - 0.5) <= 0.01,
}
""",
    hints=(
        "Which of the two numbers of each pair matters for the exit?",
        "Along the way out: 1 against 0.9.",
        "Less noise along the exit means longer visits.",
    ),
    explanation=r"""
The right one, with about 60 % of the time, although its noise is the less isotropic. Only the noise
along the exit enters: 0.9 is less than 1.
""",
    wrong={
        "left": "Rounder, yes. But how hard is each minimum kicked towards the barrier?",
        "equal": "The loss is the same. The noise along the exit is not.",
    },
)

BELOW_ZERO = checkpoint(
    id="noise_and_escape.below_zero",
    title="Less than nothing",
    question=Choice(
        {
            "zero": "It tends to 0.",
            "negative": "It tends to a negative number.",
            "infinite": "It tends to minus infinity.",
            "positive": "It tends to a positive number.",
        }
    ),
    prompt=r"""
A Gaussian cloud sits in a bowl of curvature 10 at temperature 0.1. What becomes of its differential
entropy in the long run?
""",
    solution="""
from descent import noise_and_escape as ne

late = torch.tensor(100.0)
variance = ne.settling_variance(1.0, 10.0, 0.1, late)
end = float(ne.gaussian_entropy(variance))
holds = {
    "zero": abs(end) < 0.01,
    "negative": -100 < end <= -0.01,
    "infinite": end <= -100,
    "positive": end >= 0.01,
}
""",
    hints=(
        "The variance settles at $T/\\lambda$.",
        "That is 0.01. The entropy is $\\tfrac12\\ln(2\\pi e\\,v)$.",
        "$2\\pi e\\cdot0.01\\approx0.17$ is below 1.",
    ),
    explanation=r"""
$\tfrac12\ln(0.171)=-0.88$. Differential entropy is measured against a volume of one unit; a cloud
that fills less has a negative one. Nothing is lost below zero, and nothing decays to it.
""",
    wrong={
        "zero": "Zero has no special meaning for a differential entropy.",
        "infinite": "That would need a variance of 0. The noise keeps it at $T/\\lambda$.",
        "positive": "Compute $2\\pi e\\,T/\\lambda$: is it above 1?",
    },
)
