"""Norm clipping over all parameters of a network."""

import torch

from descent.exercises.measure import expect, expect_close
from descent.exercises.model import Exercise, NotYet, Wrong


def gradients(scale: float) -> list[torch.Tensor]:
    """Gradients of a small network's parameters."""
    g = torch.Generator().manual_seed(0)
    shapes = ((3, 2), (3,), (1, 3))
    return [scale * torch.randn(*s, generator=g, dtype=torch.float64) for s in shapes]


def joined(parts) -> torch.Tensor:
    """All numbers in one vector."""
    if parts is None or parts is ...:
        raise NotYet
    return torch.cat([torch.as_tensor(p, dtype=torch.float64).flatten() for p in parts])


def check_long(clip) -> None:
    """A long gradient gets the norm of the threshold, and keeps its direction."""
    given = joined(gradients(10.0))
    got = joined(clip(gradients(10.0), 2.0))
    expect_close(got.norm(), 2.0, "the norm of the whole clipped gradient", rtol=1e-4)
    cosine = torch.cosine_similarity(got, given, 0)
    expect(cosine > 1 - 1e-9, f"the direction is kept; the cosine was {float(cosine):.4f}")


def check_short(clip) -> None:
    """A short gradient stays as it is."""
    given = joined(gradients(0.01))
    expect_close(joined(clip(gradients(0.01), 2.0)), given, "a gradient below the threshold")


SOLUTION = """
def clip(gradients, threshold):
    size = torch.sqrt(sum((g**2).sum() for g in gradients))
    factor = min(1.0, threshold / size)
    return [factor * g for g in gradients]
"""

EXERCISE = Exercise(
    id="long_term_dependencies.clip_all",
    kind="code",
    title="A seat belt",
    stars=1,
    minutes=10,
    name="clip",
    prompt=r"""
A network has many parameter tensors. Write `clip(gradients, threshold)`: it takes a list of
gradients, one for each tensor, and returns a list in which the *whole* gradient has a norm of at
most `threshold` and the direction it had before.
""",
    stub='''
def clip(gradients, threshold):
    """Return the gradients, shortened together if they are too long."""
    ...
''',
    solution=SOLUTION,
    hints=(
        "The whole gradient is one long vector that happens to be stored in pieces.",
        "Its squared norm is the sum of the squared norms of the pieces.",
        "Multiply every piece by the same factor, `min(1, threshold / norm)`.",
    ),
    checks=(check_long, check_short),
    probe=lambda answer: torch.stack([joined(answer(gradients(s), 2.0)) for s in (10.0, 0.01)]),
    wrong={
        "each_tensor": Wrong(
            """
def clip(gradients, threshold):
    return [g * min(1.0, threshold / g.norm()) for g in gradients]
""",
            "Each tensor is shortened on its own: the whole may still be longer than the "
            "threshold, and it has turned.",
        ),
        "values": Wrong(
            """
def clip(gradients, threshold):
    return [g.clamp(-threshold, threshold) for g in gradients]
""",
            "This cuts every number on its own. Numbers that are cut and numbers that are not "
            "change their ratio: the gradient turns.",
        ),
        "always": Wrong(
            SOLUTION.replace("min(1.0, threshold / size)", "threshold / size"),
            "Short gradients become longer: near a minimum the run would never slow down.",
        ),
    },
    explanation=r"""
One factor for everything keeps the direction. Normalizing always, instead of only when the gradient
is long, turns gradient descent into a method with a constant step length, which cannot settle.
`torch.nn.utils.clip_grad_norm_` does the same, up to a constant of $10^{-6}$ beside the norm.
""",
)
