"""Tests that the museum's bugs outside Adam fail."""

from typing import Any

from descent.exercises.measure import expect, number
from descent.exercises.model import Exercise, Wrong
from descent.museum import EXHIBITS
from descent.optimizers import SGD, Adam, HeavyBall, Nesterov, RMSProp, RMSPropNesterov

HEALTHY = {
    "SGD": (SGD(0.1), SGD(0.003)),
    "Nesterov": (Nesterov(0.1, 0.9), Nesterov(0.01, 0.5)),
    "RMSProp": (RMSProp(0.01, centered=True), RMSProp(0.1, 0.8, centered=True)),
    "RMSPropNesterov": (RMSPropNesterov(0.1), RMSPropNesterov(0.01, 0.8)),
}
FAMILIES = (HeavyBall, Nesterov, RMSProp)
SICK = {
    e.bug: (type(e.healthy).__name__, e.mutant)
    for e in EXHIBITS
    if isinstance(e.mutant, FAMILIES) and not isinstance(e.mutant, Adam)
}


def passes(healthy: Any, name: str, rule: Any) -> bool:
    """Ask the reader's test about a rule that claims a name."""
    return bool(number(healthy(name, rule), "the verdict on a rule, True or False,"))


def verdicts(healthy: Any) -> list[float]:
    """Ask about all suspects."""
    right = [(name, rule) for name, rules in HEALTHY.items() for rule in rules]
    return [float(passes(healthy, name, rule)) for name, rule in (*right, *SICK.values())]


def check_healthy(healthy) -> None:
    """No right rule is condemned."""
    for name, rules in HEALTHY.items():
        for rule in rules:
            expect(passes(healthy, name, rule), f"your test passes the healthy {rule!r}; it fails")


def check_sick(healthy) -> None:
    """No wrong rule survives."""
    living = [bug for bug, (name, rule) in SICK.items() if passes(healthy, name, rule)]
    expect(
        not living,
        f"none of the {len(SICK)} bugs passes your test; {len(living)} of them live on: "
        + "; ".join(living),
    )


def tested(sgd: str, nesterov: str, rmsprop: str) -> str:
    """Write an answer from the gradients that it feeds and what it says of the steps."""
    return f"""
def first_steps(rule, gradients):
    x = torch.ones(1, dtype=torch.float64)
    state, steps = rule.init(x), []
    for g in gradients:
        dx, state = rule.update(torch.full_like(x, g), state, x)
        steps.append(dx)
    return torch.cat(steps)


def healthy(name, rule):
    if name == "SGD":
        return {sgd}
    if name == "Nesterov":
        return {nesterov}
    if name == "RMSProp":
        return {rmsprop}
    return bool((first_steps(rule, [0.0] * 3) == 0).all())
"""


_FORGETS = "float(first_steps(rule, [1.0, 0.0])[1]) == 0"
_AHEAD = """(
            abs(float(first_steps(rule, [1.0])) + rule.lr * (1 + rule.beta))
            < 1e-9
        )"""
_NUMBERS = """all(
            bool(first_steps(rule, [g] * 1000).isfinite().all())
            for g in (0.1, 0.3, 0.7, 1.1, 1.3)
        )"""

EXERCISE = Exercise(
    id="adaptive_methods.other_laws",
    kind="code",
    title="Bug hunt: four impostors",
    stars=3,
    minutes=25,
    name="healthy",
    prompt=r"""
Four more bugs of the [museum](../museum.md). A rule arrives with the name that it claims:

- `"SGD"`, but one of them has momentum;
- `"Nesterov"`, with `rule.lr` and `rule.beta`, but one looks back instead of ahead;
- `"RMSProp"`, centered, but one lets rounding make its variance negative;
- `"RMSPropNesterov"`, but one has no floor $\epsilon$.

Write `healthy(name, rule)`, `True` for a right rule and `False` for each impostor. In the package
$x$ is the point where the gradient is taken, so Nesterov's $x$ is the point *ahead*.
""",
    stub='''
def healthy(name, rule):
    """Return True if the rule is what its name says."""
    ...
''',
    solution=tested(_FORGETS, _AHEAD, _NUMBERS),
    hints=(
        "Two of them show at a gradient of 0: one must stop there, the other must not have started "
        "to move.",
        "Nesterov's first step is known: velocity $-\\eta g$, then $\\beta$ of it once more. For "
        "the variance feed one gradient a thousand times; not every number rounds badly.",
        "SGD: gradients 1, 0, the second step is 0. Nesterov: the first step is "
        "$-\\eta(1+\\beta)g$. RMSProp: every step on 1000 gradients of 0.1, 0.3, 0.7 is finite. "
        "RMSPropNesterov: gradients 0, steps 0.",
    ),
    checks=(check_healthy, check_sick),
    probe=verdicts,
    wrong={
        "first_step_of_sgd": Wrong(
            tested("abs(float(first_steps(rule, [1.0])) + rule.lr) < 1e-9", _AHEAD, _NUMBERS),
            "The first step of heavy ball *is* gradient descent's. What tells them apart comes "
            "later.",
        ),
        "sign_of_nesterov": Wrong(
            tested(_FORGETS, "float(first_steps(rule, [1.0])) < 0", _NUMBERS),
            "The rule that looks back goes downhill as well. Ask for the length of its first step.",
        ),
        "half_is_exact": Wrong(
            tested(_FORGETS, _AHEAD, "bool(first_steps(rule, [0.5] * 1000).isfinite().all())"),
            "0.5 and its square are exact in binary, so nothing rounds. Take gradients that a "
            "computer cannot hold exactly.",
        ),
        "too_short": Wrong(
            tested(
                "True",
                "True",
                "bool(first_steps(rule, [0.3] * 3).isfinite().all())",
            ),
            "Only the missing floor is found. The others need a prediction, or a longer run.",
        ),
    },
    explanation=r"""
Each law is one line, because each rule has a moment at which its step is known: gradient descent
forgets, Nesterov starts with $(1+\beta)$ steps, a variance of equal numbers is 0 and not below,
and a coordinate without gradient stays. `torch.optim.RMSprop(centered=True)` fails the third.
""",
)
