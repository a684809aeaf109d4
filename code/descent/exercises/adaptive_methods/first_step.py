"""How long the first step of RMSProp is."""

from descent.exercises.model import Exercise, Number, Wrong

EXERCISE = Exercise(
    id="adaptive_methods.first_step",
    kind="predict",
    title="The first step",
    stars=1,
    minutes=5,
    name="length",
    question=Number("learning rates", within=0.05),
    prompt=r"""
RMSProp keeps $r \leftarrow \rho r + (1-\rho)g^2$ with $\rho = 0.99$, starting at $r = 0$, and steps
by $-\eta g/\sqrt r$. How long is its first step, in units of the learning rate $\eta$?
""",
    stub="length = ...",
    solution="""
import torch

from descent import RMSProp

rule, x = RMSProp(lr=1.0, rho=0.99), torch.zeros(1, dtype=torch.float64)
step, _ = rule.update(torch.full_like(x, 0.37), rule.init(x), x)
length = float(step.abs())
""",
    hints=(
        "What is $r$ after the first gradient? It started at 0.",
        "$r = (1-\\rho)\\,g^2$. The size of $g$ cancels when you divide.",
        "The length is $1/\\sqrt{1-\\rho}$.",
    ),
    wrong={
        "corrected": Wrong(
            "length = 1.0",
            "That is Adam's first step, whose mean is divided by the weight that has entered it. "
            "RMSProp's is not.",
        ),
        "no_root": Wrong(
            "length = 100.0",
            "The right quantity without its root: the step is divided by $\\sqrt r$.",
        ),
        "inverse": Wrong(
            "length = 0.1",
            "The root of $1-\\rho$ stands in the denominator. A mean that is too small makes the "
            "step too long.",
        ),
    },
    explanation=r"""
After one gradient $r = (1-\rho)g^2$, so the step is $\eta/\sqrt{1-\rho} = 10\,\eta$. The mean needs
about $1/(1-\rho) = 100$ steps to fill; step $k$ is $\eta/\sqrt{1-\rho^k}$. Adam's bias correction
divides the mean by exactly this $1-\rho^k$.
""",
)
