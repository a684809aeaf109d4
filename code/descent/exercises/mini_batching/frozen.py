"""Rates whose sum is finite."""

from descent.exercises.model import Exercise, Number, Wrong

EXERCISE = Exercise(
    id="mini_batching.frozen",
    kind="predict",
    title="It converged. But where?",
    stars=2,
    minutes=12,
    name="answer",
    question=Number(within=0.02, digits=3),
    prompt=r"""
Gradient descent on $f=\tfrac12x^2$ from $x=10$, without any noise, with the rates
$\eta_k=\frac{1}{(k+1)^2}$, $k=1,2,\dots$

The steps shrink, the iterates converge. To which value? (Do it by hand first: the product
telescopes.)
""",
    stub="answer = ...",
    solution="""
x = 10.0
for k in range(1, 200_000):
    x = x - x / (k + 1) ** 2
answer = x
""",
    hints=(
        "Every step multiplies $x$ by $1-\\eta_k$.",
        "$1-\\frac1{(k+1)^2} = \\frac{k\\,(k+2)}{(k+1)^2}$.",
        "Write $\\frac{k}{k+1}\\cdot\\frac{k+2}{k+1}$ and multiply over $k$: nearly everything "
        "cancels.",
    ),
    wrong={
        "minimum": Wrong(
            "answer = 1e-6",
            "That would need the rates to have an infinite sum. These add up to 0.645.",
        ),
        "exponential": Wrong(
            """
answer = 10 * 2.718281828**-0.6449340668
""",
            "$e^{-\\sum\\eta_k}$ is the product for *small* rates. The first one here is 1/4.",
        ),
        "first_step": Wrong(
            "answer = 7.5",
            "That is after the first step. The others move it further.",
        ),
    },
    explanation=r"""
$\prod_{k\ge1}\frac{k}{k+1}\cdot\frac{k+2}{k+1}=\frac12$: the first factors telescope to 0 like
$1/K$, the second grow like $K/2$. So $x\to5$, halfway.
A finite sum of rates is a finite length of way. The run looks converged, its steps are tiny, its
gradient is 5.
Look at the gradient, not at the steps, to tell convergence from exhaustion.
""",
)
