"""Sharpness along an orbit of equal functions."""

from descent.exercises.model import Exercise, Number, Wrong

EXERCISE = Exercise(
    id="saddles.sharp_copy",
    kind="predict",
    title="The largest rate on an orbit",
    stars=1,
    minutes=10,
    name="factor",
    question=Number(within=0.03, digits=3),
    prompt=r"""
The loss $f(a,b)=\tfrac12(ab-1)^2$ has minima wherever $ab=1$, all with the same function.
Compare the minimum at $(1,1)$ with its copy at $(5, \tfrac15)$.
By what factor must gradient descent lower its largest stable learning rate at the copy?
""",
    stub="factor = ...",
    solution="""
def sharpness(a, b):
    x = torch.tensor([a, b], dtype=torch.float64)
    loss = lambda x: 0.5 * (x[0] * x[1] - 1) ** 2
    hessian = torch.autograd.functional.hessian(loss, x)
    return float(torch.linalg.eigvalsh(hessian)[-1])


factor = sharpness(5.0, 0.2) / sharpness(1.0, 1.0)
""",
    hints=(
        "The largest stable rate is $2/\\lambda_{\\max}$. Write down the Hessian where $ab=1$.",
        "There $H = vv^\\top$ with $v=(b,a)$: the residual $ab-1$ is zero.",
        "$\\lambda_{\\max}=a^2+b^2$. Compare $25+\\tfrac1{25}$ with $1+1$.",
    ),
    wrong={
        "square": Wrong(
            "factor = 25.0",
            "The sharpness of the copy is close to 25, but at $(1,1)$ it is not 1. Divide the two "
            "largest *eigenvalues*.",
        ),
        "linear": Wrong("factor = 5.0", "Second derivatives take two factors of the scale."),
        "one": Wrong(
            "factor = 1.0",
            "The functions are equal, their derivatives by the weights are not.",
        ),
    },
    explanation=r"""
Where the residual vanishes $H=\nabla(ab)\nabla(ab)^\top$ has the one eigenvalue $a^2+b^2$: 2 at
$(1,1)$ and 25.04 at the copy, a factor of 12.52. A rate of 0.5 is fine at the first and leads away
from the second, along the orbit, to a flatter copy. No example in any data set can tell the two
points apart.
""",
)
