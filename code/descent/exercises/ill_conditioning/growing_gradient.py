"""A real network whose gradient norm grows while its loss falls."""

from functools import lru_cache

import torch

from descent.exercises.measure import array, expect
from descent.exercises.model import Exercise, Wrong

EPOCHS = 60

GIVEN = """
from descent.data import digits, with_label_noise

clean = digits(300, seed=0)
noisy = with_label_noise(clean, 0.2)
"""


@lru_cache(maxsize=8)
def measured(train) -> dict[str, torch.Tensor]:
    """Train once on noisy and once on clean labels: losses and norms, (2, EPOCHS) each."""
    namespace: dict = {}
    exec(GIVEN, namespace)
    runs = {}
    for name in ("noisy", "clean"):
        data = namespace[name]
        result = train(data.inputs.clone(), data.labels.clone(), 1)
        runs[name] = array(result, "what `train` returns, losses and norms,", (2, EPOCHS))
    return runs


def progress(train) -> float:
    """Fraction of the loss that training on clean labels removes."""
    loss = measured(train)["clean"][0]
    return float(1 - loss[-1] / loss[0])


def clean_norm(train) -> torch.Tensor:
    """Norm of each epoch on clean labels, (EPOCHS,)."""
    return measured(train)["clean"][1]


def check_learning(train) -> None:
    """The loss starts at that of guessing and falls, on clean and on noisy labels."""
    for name, (loss, _) in measured(train).items():
        expect(
            1.5 < loss[0] < 2.6,
            f"the first epoch's loss is near that of guessing, ln 10 = 2.3; on {name} labels yours "
            f"was {loss[0]:.3g}",
        )
        expect(
            loss[-1] < 0.6 * loss[0],
            f"the loss falls by 40 % or more; on {name} labels yours went from {loss[0]:.3g} to "
            f"{loss[-1]:.3g}",
        )


def check_growth(train) -> None:
    """With wrong labels the gradient norm ends far above its start."""
    norm = measured(train)["noisy"][1]
    ratio = float(norm[-5:].mean() / norm[0])
    expect(
        2 < ratio < 20,
        "with noisy labels the gradient norm of the last epochs is between 2 and 20 times that of "
        f"the first; yours is {ratio:.3g} times",
    )


def check_vanishing(train) -> None:
    """With clean labels it ends below its start."""
    norm = measured(train)["clean"][1]
    ratio = float(norm[-5:].mean() / norm[0])
    expect(
        ratio < 1,
        "with clean labels, once they are learned, the gradient norm ends below its "
        f"start; yours is {ratio:.3g} times the first",
    )


SOLUTION = """
from torch.nn.functional import cross_entropy


def train(x, y, seed):
    torch.manual_seed(seed)
    net = torch.nn.Sequential(
        torch.nn.Linear(64, 64), torch.nn.ReLU(),
        torch.nn.Linear(64, 64), torch.nn.ReLU(),
        torch.nn.Linear(64, 10),
    )
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    losses, norms = [], []
    for _ in range(60):
        epoch_losses, epoch_norms = [], []
        for batch in torch.randperm(len(x)).split(16):
            loss = cross_entropy(net(x[batch]), y[batch])
            optimizer.zero_grad()
            loss.backward()
            squares = sum(p.grad.square().sum() for p in net.parameters())
            epoch_losses.append(loss.item())
            epoch_norms.append(squares.sqrt().item())
            optimizer.step()
        losses.append(sum(epoch_losses) / len(epoch_losses))
        norms.append(sum(epoch_norms) / len(epoch_norms))
    return losses, norms
"""

EXERCISE = Exercise(
    id="ill_conditioning.growing_gradient",
    kind="replicate",
    title="A gradient that grows while training succeeds",
    stars=3,
    minutes=30,
    name="train",
    given=GIVEN,
    prompt=r"""
It is said that training has converged when the gradient is small. See for yourself what a gradient
norm does while a network learns labels of which one in five is wrong.

Write `train(x, y, seed)`: train a network 64-64-64-10 with ReLU by SGD, learning rate 0.1,
mini-batches of 16, for 60 epochs of shuffled data, on the cross-entropy. Return two lists of 60
numbers: the mean mini-batch loss and the mean mini-batch gradient norm of each epoch. The norm is
that of the gradient with respect to all parameters together.

Then run it on `noisy.inputs, noisy.labels` and on `clean.inputs, clean.labels`. A run takes a
second
or two; the check makes both.
""",
    stub='''
def train(x, y, seed):
    """Return mean loss and mean gradient norm of each of 60 epochs."""
    ...
''',
    solution=SOLUTION,
    hints=(
        "An ordinary training loop with one more line: after `backward()` and before the step, "
        "every parameter `p` holds its gradient in `p.grad`.",
        "The norm of all gradients together is the root of the sum of all squares. Average it over "
        "the mini-batches of an epoch.",
        "`squares = sum(p.grad.square().sum() for p in net.parameters())`, then "
        "`squares.sqrt().item()`. Clear the gradients before each `backward()`.",
    ),
    checks=(check_learning, check_growth, check_vanishing),
    wrong={
        "never_steps": Wrong(
            SOLUTION.replace("            optimizer.step()\n", ""),
            "The loss stays where it began: the parameters are never updated.",
            like=lambda train: abs(progress(train)) < 0.002,
        ),
        "gradients_pile_up": Wrong(
            SOLUTION.replace("            optimizer.zero_grad()\n", ""),
            "Your norm grows for the wrong reason: `backward()` adds to the gradients of the "
            "batches before. Clear them first.",
            like=lambda train: bool(clean_norm(train).max() > 12 * clean_norm(train)[0]),
        ),
        "weight_norm": Wrong(
            SOLUTION.replace("p.grad.square()", "p.square()"),
            "These numbers are the size of the *weights*: they start large and change little. "
            "Take the gradients.",
            like=lambda train: bool(clean_norm(train)[0] > 4),
        ),
        "timid": Wrong(
            SOLUTION.replace("lr=0.1", "lr=0.001"),
            "The loss has hardly begun to fall. Use the learning rate that the task gives: the "
            "growth comes late, when the easy examples are learned.",
            like=lambda train: 0.002 <= progress(train) < 0.4,
        ),
    },
    explanation=r"""
With clean labels the network fits every example, and the gradient of each one vanishes.
With wrong labels the easy examples are learned first; what remains are examples that contradict
their
neighbors, and their gradients are large, because the network is confident and wrong. The loss falls
all the same. A large gradient is not a sign of trouble, and a small one is not required for
success:
what matters is whether the steps still go down.
""",
)
