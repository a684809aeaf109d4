"""The noise floor of the heavy ball in closed form."""

import torch

from descent.exercises.measure import expect_close, number
from descent.exercises.model import Exercise, Wrong

CASES = (
    (0.1, 0.0, 1.0, 1.0),
    (0.1, 0.5, 1.0, 2.0),
    (0.05, 0.9, 3.0, 0.5),
    (0.8, 0.7, 4.0, 1.0),
    (1.5, 0.3, 1.0, 0.1),
)


def settled(lr: float, beta: float, lam: float, sigma: float) -> float:
    """Second moment of the position, by iterating the covariance of position and velocity."""
    step = torch.tensor([[1 - lr * lam, beta], [-lr * lam, beta]], dtype=torch.float64)
    push = torch.full((2, 1), lr * sigma, dtype=torch.float64)
    covariance = torch.zeros(2, 2, dtype=torch.float64)
    for _ in range(4000):
        covariance = step @ covariance @ step.T + push @ push.T
    return float(covariance[0, 0])


def check_variance(variance) -> None:
    """The closed form is where the second moment settles."""
    for case in CASES:
        mine = number(variance(*case), "the variance")
        what = "the variance for lr = {:g}, β = {:g}, λ = {:g}, σ = {:g}".format(*case)
        expect_close(mine, settled(*case), what, rtol=1e-6)


EXERCISE = Exercise(
    id="momentum.variance",
    kind="prove",
    title="What noise leaves behind",
    stars=3,
    minutes=30,
    name="variance",
    prompt=r"""
Along an eigenvector the gradient is $\lambda x+\sigma\xi_k$, with independent standard normal
$\xi_k$. The heavy ball then obeys

$$x_{k+1} = t\,x_k - d\,x_{k-1} - \eta\sigma\,\xi_k, \qquad
t = 1+\beta-\eta\lambda,\quad d=\beta .$$

Derive the variance $\mathbb E\,x^2$ that it settles at, in closed form, and enter it as
`variance(lr, beta, lam, sigma)`.
It is compared with the iterated covariance of position and velocity.
""",
    stub='''
def variance(lr, beta, lam, sigma):
    """Return the stationary variance of the position."""
    ...
''',
    solution="""
def variance(lr, beta, lam, sigma):
    top = lr * sigma**2 * (1 + beta)
    return top / (lam * (1 - beta) * (2 * (1 + beta) - lr * lam))
""",
    hints=(
        "Let $a=\\mathbb E x_k^2$ and $b=\\mathbb E x_kx_{k-1}$. In the long run neither depends "
        "on $k$. Write an equation for each.",
        "Multiply the recurrence by $x_k$: $b = ta-db$. Square it: "
        "$a = t^2a-2td\\,b+d^2a+\\eta^2\\sigma^2$.",
        "$b = ta/(1+d)$ gives $a = \\frac{1+d}{1-d}\\cdot\\frac{\\eta^2\\sigma^2}"
        "{(1+d)^2-t^2}$, and $(1+d)^2-t^2 = \\eta\\lambda\\,(2+2\\beta-\\eta\\lambda)$.",
    ),
    checks=(check_variance,),
    probe=lambda answer: [float(answer(*case)) for case in CASES],
    wrong={
        "plain": Wrong(
            """
def variance(lr, beta, lam, sigma):
    return lr * sigma**2 / (lam * (2 - lr * lam))
""",
            "That is gradient descent with learning rate $\\eta$. Momentum adds up the noise of "
            "many steps.",
        ),
        "averaged": Wrong(
            """
def variance(lr, beta, lam, sigma):
    plain = lr * sigma**2 / (lam * (2 - lr * lam))
    return plain * (1 - beta) / (1 + beta)
""",
            "An average of $1/(1-\\beta)$ gradients has less variance. But the velocity is a sum, "
            "and the position adds up velocities: nothing is averaged away.",
        ),
        "effective_descent": Wrong(
            """
def variance(lr, beta, lam, sigma):
    rate = lr / (1 - beta)
    return rate * sigma**2 / (lam * (2 - rate * lam))
""",
            "Close for small rates: gradient descent with the effective rate. The correction in "
            "the denominator differs, and decides when $\\eta\\lambda$ is not small.",
        ),
        "standard_deviation": Wrong(
            """
def variance(lr, beta, lam, sigma):
    top = lr * sigma * (1 + beta)
    return top / (lam * (1 - beta) * (2 * (1 + beta) - lr * lam))
""",
            "Double the noise: the variance should be four times as large. Yours only doubles.",
        ),
    },
    explanation=r"""
With $a=\mathbb E x_k^2$ and $b=\mathbb E x_kx_{k-1}$, stationarity says $b=ta-db$ and
$a = t^2a-2td\,b+d^2a+\eta^2\sigma^2$. Eliminate $b$:

$$a = \frac{\eta\,\sigma^2\,(1+\beta)}{\lambda\,(1-\beta)\,\bigl(2(1+\beta)-\eta\lambda\bigr)}
= \frac{\bar\eta\,\sigma^2}{\lambda\,\bigl(2-\frac{\eta\lambda}{1+\beta}\bigr)},
\qquad \bar\eta = \frac{\eta}{1-\beta} .$$

At equal effective rate the floor hardly depends on $\beta$: for small rates it is
$\bar\eta\sigma^2/2\lambda$ for every momentum.
""",
)
