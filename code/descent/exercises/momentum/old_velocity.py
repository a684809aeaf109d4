"""By how much the stable range shrinks when the position moves first."""

from descent.exercises.model import Exercise, Number, Wrong

EXERCISE = Exercise(
    id="momentum.old_velocity",
    kind="predict",
    title="The wrong order of two lines",
    stars=2,
    minutes=10,
    name="ratio",
    question=Number("times", within=0.05, digits=2),
    prompt=r"""
Two programs differ in the order of two lines. The first updates the velocity and then moves by it.
The second moves first, by the velocity of the step before:

$$\begin{aligned}
\text{I:}&& v &\leftarrow \beta v - \eta g(x), & x &\leftarrow x + v, \\
\text{II:}&& g &= g(x), \quad x \leftarrow x + v, & v &\leftarrow \beta v - \eta g .
\end{aligned}$$

On $f = \tfrac12\lambda x^2$ with $\beta = 0.9$, each is stable up to some $\eta\lambda$.
How many times as large is the limit of I?
""",
    stub="ratio = ...",
    solution="""
def stable(step, product):
    x, v = 1.0, 0.0
    for _ in range(4000):
        x, v = step(x, v, product)
        if abs(x) > 1e3:
            return False
    return True


def new_velocity(x, v, product):
    v = 0.9 * v - product * x
    return x + v, v


def old_velocity(x, v, product):
    return x + v, 0.9 * v - product * x


def limit(step):
    low, high = 0.0, 5.0
    for _ in range(30):
        middle = (low + high) / 2
        if stable(step, middle):
            low = middle
        else:
            high = middle
    return low


ratio = limit(new_velocity) / limit(old_velocity)
""",
    hints=(
        "Write each program as $x_{k+1} = t\\,x_k - d\\,x_{k-1}$.",
        "It is stable when $d < 1$ and $|t| < 1+d$. In I $d = \\beta$; in II the old gradient "
        "adds to it.",
        "I: $t = 1+\\beta-p$, so $p < 2(1+\\beta)$. II: $d = \\beta + p$, so $p < 1-\\beta$.",
    ),
    wrong={
        "same": Wrong(
            "ratio = 1.0",
            "They are not the same sequence, shifted: II uses a gradient that is one step old.",
        ),
        "gradient_descent": Wrong(
            "ratio = 20.0",
            "You compare with the 2 of plain gradient descent. Momentum widens the range of I to "
            "$2(1+\\beta)$.",
        ),
        "memory": Wrong(
            "ratio = 10.0",
            "$1/(1-\\beta)$ is how II's range shrinks with $\\beta$. I's range is not 1.",
        ),
    },
    explanation=r"""
II is $x_{k+1} = (1+\beta)\,x_k - (\beta+p)\,x_{k-1}$. The product of its roots is $\beta+p$, which
must stay below 1: $p < 1-\beta = 0.1$.
I is stable for $p < 2(1+\beta) = 3.8$, a range 38 times as wide.
In mechanics the two are explicit and semi-implicit Euler: the first pumps energy into the system,
and the little drag that $1-\beta$ stands for must remove it.
""",
)
