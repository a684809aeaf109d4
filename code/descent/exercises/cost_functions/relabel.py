"""Memorize labels without meaning."""

from functools import lru_cache

from descent.exercises.measure import array, expect
from descent.exercises.model import Exercise, Wrong


@lru_cache(maxsize=8)
def outcome(memorize) -> tuple[float, ...]:
    """Train and test accuracy, with right and with random labels."""
    pairs = [array(memorize(random), "the accuracies", (2,)) for random in (False, True)]
    return tuple(value for pair in pairs for value in pair.tolist())


def check_fit(memorize) -> None:
    """Both kinds of labels are fitted."""
    fit, _, fit_random, _ = outcome(memorize)
    for name, value in (("right", fit), ("random", fit_random)):
        text = f"the network fits at least 99 % of the {name} labels; yours fitted {value:.1%}"
        expect(value >= 0.99, text)


def check_meaning(memorize) -> None:
    """Only right labels teach something."""
    _, test, _, test_random = outcome(memorize)
    expect(test > 0.8, f"with right labels it gets over 80 % of the test digits; yours {test:.1%}")
    text = f"with random labels it stays near chance on test digits; yours {test_random:.1%}"
    expect(test_random < 0.25, text)


SOLUTION = """
from torch import nn

from descent.data import digits


def memorize(random):
    torch.manual_seed(0)
    data = digits(200, 500, seed=0, standardize=True)
    labels = torch.randint(10, (200,)) if random else data.labels
    model = nn.Sequential(
        nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 10)
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(100):
        optimizer.zero_grad()
        outputs = model(data.inputs)
        nn.functional.cross_entropy(outputs, labels).backward()
        optimizer.step()

    def share(inputs, truth):
        return (model(inputs).argmax(-1) == truth).float().mean()

    learned = share(data.inputs, labels)
    return learned, share(data.test_inputs, data.test_labels)
"""

EXERCISE = Exercise(
    id="cost_functions.relabel",
    kind="replicate",
    title="Labels without meaning",
    stars=2,
    minutes=25,
    name="memorize",
    prompt=r"""
Replicate the puzzle in PyTorch, small. Write `memorize(random)`: train any network on 200 digits
(`descent.data.digits(200, 500, seed=0, standardize=True)`), with their labels, or, if `random`,
with labels drawn at random. Return two accuracies: on the labels that it was trained on, and on the
500 test digits with right labels.

It must fit both kinds of labels to at least 99 %. A hundred full-batch steps of Adam are enough.
""",
    stub='''
def memorize(random):
    """Return (accuracy on its training labels, accuracy on test digits)."""
    ...
''',
    solution=SOLUTION,
    hints=(
        "One hidden layer of 128 ReLU units is enough, and so is the full batch.",
        "`torch.randint(10, (200,))` draws the labels; draw them once, before training.",
        "`torch.optim.Adam(model.parameters(), lr=0.01)` fits both in a hundred steps.",
    ),
    checks=(check_fit, check_meaning),
    probe=outcome,
    wrong={
        "too_short": Wrong(
            SOLUTION.replace("range(100)", "range(3)"),
            "Three steps do not reach zero error. Random labels need more of them than right ones.",
            like=lambda answer: outcome(answer)[0] < 0.99,
        ),
        "fresh_labels": Wrong(
            SOLUTION.replace(
                "        outputs = model(data.inputs)\n",
                "        outputs = model(data.inputs)\n"
                "        if random:\n            labels = torch.randint(10, (200,))\n",
            ),
            "You draw new labels at every step, so there is nothing to memorize. Draw them once.",
            like=lambda answer: outcome(answer)[0] > 0.99 and outcome(answer)[2] < 0.6,
        ),
    },
    explanation=r"""
Both training accuracies are 100 %. The test accuracy is about 85 % with right labels and a tenth
with random ones. Network, optimizer, steps and training loss are the same: nothing that is measured
on the training set tells the two apart.
""",
)
