"""Tell why four clouds did what they did."""

from descent.exercises.cases import called, each_has_its_own
from descent.exercises.model import Exercise, Wrong

CAUSES = ("not yet stationary", "absorbed", "unequal noise", "unstable")
DIAGNOSIS = {
    "A": "unequal noise",
    "B": "not yet stationary",
    "C": "absorbed",
    "D": "unstable",
}

EXERCISE = Exercise(
    id="noise_and_escape.logs",
    kind="diagnose",
    title="Four clouds",
    stars=2,
    minutes=15,
    name="diagnosis",
    prompt=r"""
Four losses have two equally deep minima. SGD with a fixed rate was run from a cloud in the left
minimum and from one in the right minimum. The table shows the share on the left after $10^4$ and
after $10^5$ steps.

| log | from left: $10^4$, $10^5$ | from right: $10^4$, $10^5$ | remark |
|-|-|-|-|
| A | 0.81, 0.80 | 0.79, 0.80 | jumps go on all the time |
| B | 1.00, 0.96 | 0.00, 0.04 | few jumps |
| C | 1.00, 1.00 | 0.93, 1.00 | no jump from left to right, ever |
| D | 0.00, 0.00 | 0.00, 0.00 | all left it within 50 steps; at half the rate none does |

Name each: `"not yet stationary"`, `"absorbed"`, `"unequal noise"` or `"unstable"`.
""",
    stub='diagnosis = {"A": ..., "B": ..., "C": ..., "D": ...}',
    solution="""
diagnosis = {
    "A": "unequal noise",
    "B": "not yet stationary",
    "C": "absorbed",
    "D": "unstable",
}
""",
    hints=(
        "Where do the two starts agree? Only there is the law stationary.",
        "Which log has traffic in one direction only?",
        "An escape over a barrier scatters in time. What does something do that happens to all "
        "within 50 steps, and to none at half the rate?",
    ),
    checks=(each_has_its_own("log", "cause", DIAGNOSIS, CAUSES),),
    wrong={
        "b_absorbed": Wrong(
            'diagnosis = {"A": "unequal noise", "B": "absorbed", "C": "not yet stationary", '
            '"D": "unstable"}',
            "In B particles leave both minima, if seldom. An absorbing minimum is never left.",
            like=called("B", "absorbed"),
        ),
        "d_noise": Wrong(
            'diagnosis = {"A": "not yet stationary", "B": "unequal noise", "C": "absorbed", '
            '"D": "unstable"}',
            "In A both starts agree and nothing moves any more: it is as stationary as can be.",
            like=called("A", "not yet stationary"),
        ),
        "a_unstable": Wrong(
            'diagnosis = {"A": "unstable", "B": "not yet stationary", "C": "absorbed", '
            '"D": "unequal noise"}',
            "Unequal noise changes shares smoothly with the rate. What empties a minimum at once, "
            "and not at all at half the rate?",
            like=called("D", "unequal noise"),
        ),
    },
    explanation=r"""
A is stationary with unequal shares: less noise along the exit on the left. B needs more time. In C
the left minimum fits every example. In D the rate exceeds $2\,\mathbb E h/\mathbb E h^2$ on the
left: no barrier is crossed, the minimum repels.
""",
)
