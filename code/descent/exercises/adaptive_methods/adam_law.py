"""A test that every published bug of Adam and AdamW fails."""

from typing import Any

from descent.exercises.measure import expect, number
from descent.exercises.model import Exercise, Wrong
from descent.museum import EXHIBITS
from descent.optimizers import Adam, AdamW

HEALTHY = (Adam(0.01), Adam(0.1, 0.8, 0.95), AdamW(0.01, weight_decay=0.1), AdamW(0.1, 0.5))
SICK = {e.bug: e.mutant for e in EXHIBITS if isinstance(e.mutant, Adam)}


def passes(healthy: Any, rule: Any) -> bool:
    """Ask the reader's test about a rule."""
    return bool(number(healthy(rule), "the verdict on a rule, True or False,"))


def verdicts(healthy: Any) -> list[float]:
    """Ask about all suspects."""
    return [float(passes(healthy, rule)) for rule in (*HEALTHY, *SICK.values())]


def check_healthy(healthy) -> None:
    """No right rule is condemned."""
    for rule in HEALTHY:
        expect(passes(healthy, rule), f"your test passes the healthy {rule!r}; it fails it")


def check_sick(healthy) -> None:
    """No wrong rule survives."""
    living = [bug for bug, rule in SICK.items() if passes(healthy, rule)]
    expect(
        not living,
        f"none of the {len(SICK)} bugs passes your test; {len(living)} of them live on: "
        + "; ".join(living),
    )


STEPS = """
def first_steps(rule, gradients):
    x = torch.ones(1, dtype=torch.float64)
    state, steps = rule.init(x), []
    for g in gradients:
        dx, state = rule.update(torch.full_like(x, g), state, x)
        steps.append(float(dx))
    return steps


"""

EXERCISE = Exercise(
    id="adaptive_methods.adam_law",
    kind="code",
    title="Bug hunt: write the test",
    stars=3,
    minutes=25,
    name="healthy",
    prompt=r"""
Six bugs of the [museum](../museum.md) are versions of Adam or AdamW: $\epsilon$ on the
parameter, no square root, an uncorrected second moment, a counter that starts at 2, a decay that
carries the learning rate twice, and a decay that goes through the moments. All of them train.

Write `healthy(rule)`: `True` for a right Adam or AdamW, whatever its settings, and `False` for
each of the six. A rule has `rule.lr`, the decay `getattr(rule, "weight_decay", 0.0)`,
`state = rule.init(x)` and `dx, state = rule.update(gradient, state, x)`.
""",
    stub='''
def healthy(rule):
    """Return True if the rule is Adam, or AdamW, without a bug."""
    ...
''',
    solution=STEPS.strip()
    + """


def healthy(rule):
    pull = rule.lr * getattr(rule, "weight_decay", 0.0)
    slope = first_steps(rule, [3.0] * 20)
    dead = first_steps(rule, [0.0] * 3)
    walks = all(abs(dx + rule.lr + pull) < 1e-3 * rule.lr for dx in slope)
    rests = all(abs(dx + pull) < 1e-12 for dx in dead)
    return walks and rests
""",
    hints=(
        "A loss that falls proves nothing. For which gradients do you know every step of Adam "
        "before you run it?",
        "Twice: when the gradient never changes, and when it is always 0. What does AdamW add at "
        "$x = 1$?",
        "At $x=1$ each step is $-\\eta - \\eta\\lambda$ on a constant gradient of, say, 3, and "
        "exactly $-\\eta\\lambda$ on a gradient of 0.",
    ),
    checks=(check_healthy, check_sick),
    probe=verdicts,
    wrong={
        "loss_falls": Wrong(
            """
def healthy(rule):
    x = torch.ones(1, dtype=torch.float64)
    state = rule.init(x)
    for _ in range(50):
        dx, state = rule.update(x, state, x)
        x = x + dx
    return abs(float(x)) < 1
""",
            "Your test watches a loss fall. All six bugs train: that is how they came to be "
            "published.",
        ),
        "units_alone": Wrong(
            STEPS.strip()
            + """


def healthy(rule):
    one = first_steps(rule, [1.0, -0.5, 2.0])
    other = first_steps(rule, [100.0, -50.0, 200.0])
    return all(abs(a - b) < 1e-3 * rule.lr for a, b in zip(one, other))
""",
            "Your test compares units, and that catches two bugs. The others scale as they should "
            "and are wrong at every scale.",
        ),
        "slope_alone": Wrong(
            STEPS.strip()
            + """


def healthy(rule):
    pull = rule.lr * getattr(rule, "weight_decay", 0.0)
    slope = first_steps(rule, [3.0] * 20)
    return all(abs(dx + rule.lr + pull) < 1e-3 * rule.lr for dx in slope)
""",
            "On a slope one bug is a drift of $10^{-8}$ beside a step of $10^{-2}$. Look where a "
            "healthy rule does not move at all.",
        ),
        "rest_alone": Wrong(
            STEPS.strip()
            + """


def healthy(rule):
    pull = rule.lr * getattr(rule, "weight_decay", 0.0)
    return all(abs(dx + pull) < 1e-12 for dx in first_steps(rule, [0.0] * 3))
""",
            "Without a gradient the averages stay 0, and what is wrong with them stays hidden.",
        ),
    },
    explanation=r"""
Two runs of one coordinate are enough, because both have a result that is known on paper: on a
constant gradient both averages equal what they average, and the step is $-\eta$; without a gradient
only the decay is left. The museum uses six laws for these six bugs, so that each names its disease.
""",
)
