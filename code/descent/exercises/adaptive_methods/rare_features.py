"""Two rules, the same training data, different answers on data not seen."""

from descent.exercises.measure import array, expect
from descent.exercises.model import Exercise, Wrong

SHARES = (0.6, 0.8)


def check_descent(errors) -> None:
    """Gradient descent is right about everything."""
    for share in SHARES:
        found = array(errors(share), "the pair of test errors", (2,))
        expect(
            abs(float(found[0])) < 1e-6,
            f"gradient descent makes no error at p = {share:g}; your run made "
            f"{float(found[0]):.3g}",
        )


def check_signs(errors) -> None:
    """A rule of equal steps follows the majority."""
    for share in SHARES:
        found = array(errors(share), "the pair of test errors", (2,))
        expect(
            abs(float(found[1]) - (1 - share)) < 1e-6,
            f"Adam errs on the whole minority, {1 - share:g}, at p = {share:g}; your run made "
            f"{float(found[1]):.3g}",
        )


RUN = """
from descent import SGD, Adam, run
from descent.adaptive_methods import RareFeatures


def errors(share):
    problem = RareFeatures(share)
    start = torch.zeros(4, dtype=torch.float64)
    found = []
    for rule in (SGD(0.2), Adam(0.01)):
        x = run(problem, rule, start, 300, keep="last").final_x
        found.append(float(problem.test_error(x)))
    return found
"""

EXERCISE = Exercise(
    id="adaptive_methods.rare_features",
    kind="replicate",
    title="Both fit, one is right",
    stars=2,
    minutes=20,
    name="errors",
    prompt=r"""
Replicate the experiment with rare features for another share $p$ of positive labels. The problem is
`descent.adaptive_methods.RareFeatures(share)`: four weights stand for all 1003, `grad` gives what a
rule sees, and `test_error(x)` counts unseen examples.

Write `errors(share)`: train gradient descent and Adam from 0 until both fit, and return their two
test errors.
""",
    stub='''
def errors(share):
    """Return the test errors of gradient descent and of Adam."""
    ...
''',
    solution=RUN,
    hints=(
        "`descent.run(problem, rule, start, steps, keep='last').final_x` is the trained point. "
        "The start has four zeros.",
        "Gradient descent is stable with $\\eta = 0.2$ here; Adam with 0.01 fits within "
        "three hundred steps. Look at `problem(x)`: both should be near 0.",
        "`float(problem.test_error(x))` for either, in the order gradient descent, Adam.",
    ),
    checks=(check_descent, check_signs),
    probe=lambda answer: [list(map(float, answer(share))) for share in SHARES],
    wrong={
        "turned": Wrong(
            RUN.replace("return found", "return found[::-1]"),
            "The two are in the wrong order: gradient descent first.",
        ),
        "large_floor": Wrong(
            RUN.replace("Adam(0.01)", "Adam(0.01, eps=1.0)"),
            "With so large a floor Adam divides all coordinates by about the same number. It is "
            "gradient descent with momentum, and as right as that.",
        ),
        "accuracy": Wrong(
            RUN.replace("problem.test_error(x)", "1 - problem.test_error(x)"),
            "These are the shares that are right. The question asks for errors.",
        ),
    },
    explanation=r"""
Both fit the data, and Adam errs on the whole minority, $1-p$. Its weights have equal sizes, so the
score of an unseen example is $y\,w + 2w$, which is positive for either label. Gradient descent lets
a weight grow with the number of examples that pull at it, and nearly all weight goes to the feature
that carries the label. Neither training loss nor speed could have told.
""",
)
