"""Steps and examples from a measured hyperbola."""

from descent.exercises.model import Exercise, Number, Wrong

EXERCISE = Exercise(
    id="mini_batching.twice",
    kind="predict",
    title="A deadline and a budget",
    stars=2,
    minutes=10,
    name="answer",
    question=Number(unit="examples", within=0.02, digits=4),
    prompt=r"""
Two pilot runs, each tuned: with batch 32 your model needs 9,000 steps to its target, with batch 512
it needs 1,500. The deadline allows 2,500 steps.

By the hyperbola $S = S_{\min}(1 + B_c/B)$: how many *examples* will the smallest batch that meets
the deadline process?
""",
    stub="answer = ...",
    solution="""
from descent import mini_batching as mb

curve = mb.Hyperbola.fit([32, 512], [9000, 1500])
batch = curve.critical / (2500 / curve.steps - 1)
answer = curve.examples_at(batch)
""",
    hints=(
        "$S = S_{\\min} + E_{\\min}/B$ is a straight line in $1/B$. You have two points of it.",
        "$E_{\\min} = (9000-1500)/(1/32-1/512) = 256{,}000$, and $S_{\\min} = 1000$.",
        "2500 steps are $2.5\\,S_{\\min}$, so $S/S_{\\min}-1 = 1.5$, and $E/E_{\\min}-1$ is its "
        "inverse.",
    ),
    wrong={
        "small_price": Wrong(
            "answer = 9000 * 32",
            "That is the price at batch 32. A larger batch costs more examples.",
        ),
        "line_in_batch": Wrong(
            "answer = 2500 * (32 + (9000 - 2500) / (9000 - 1500) * 480)",
            "You drew a straight line in $B$. It is straight in $1/B$.",
        ),
        "pilot": Wrong(
            "answer = 512 * 1500",
            "That is the price of the second pilot. It meets the deadline with much to spare; a "
            "smaller batch does, too.",
        ),
    },
    explanation=r"""
$S = S_{\min}+E_{\min}/B$ with $E_{\min}=256{,}000$ examples and $S_{\min}=1000$ steps.
The deadline is $S=2.5\,S_{\min}$, so $E = E_{\min}(1+1/1.5) = 426{,}667$ examples, at batch 171.
Batch 512 would have processed 768,000.
Two pilot runs are the fewest that can be had, and each must be tuned: with one learning rate for
both, the line means nothing.
""",
)
