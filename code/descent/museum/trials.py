"""The bugs of the museum at work: what their users see, and what their laws see."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import Tensor

from descent.museum.laws import points_ahead

STEPS = 120
Slope = Callable[[Tensor, int], Tensor]
Look = Callable[[Tensor, Tensor, Any], Tensor]


@dataclass(frozen=True)
class Trial:
    """Two runs of one coordinate from x = 1, and what has to hold in the second.

    Args:
        user: Gradient, at a point and a step, of the problem that the user trains on.
        law: Gradient that the law feeds.
        look: What the law looks at, from iterates (n + 1,), steps (n,) and rule to at least STEPS
            numbers.
        what: Label of that.
        must: What all of these numbers have to be.
        settings: Fields to change on both rules, so that the bug can be seen with the naked eye.
    """

    user: Slope
    law: Slope
    look: Look
    what: str
    must: float
    settings: dict[str, float] = field(default_factory=dict)

    def run(self, rule: Any) -> dict[str, Tensor]:
        """Run a rule on both problems.

        Args:
            rule: The healthy rule or the mutant.

        Returns:
            `x`, the iterates of the user's run (STEPS + 1,), and `seen`, what the law sees
            (STEPS,).
        """
        rule = replace(rule, **self.settings)
        x, _ = _run(rule, self.user)
        path, steps = _run(rule, self.law)
        return {"x": x[: STEPS + 1], "seen": self.look(path, steps, rule)[:STEPS]}

    def broken(self, seen: Tensor) -> int:
        """Count the steps until the law is broken.

        Args:
            seen: What the law sees (STEPS,).

        Returns:
            The number of the step, from 1 on; 0 if the law holds throughout.
        """
        bad = ~((seen - self.must).abs() < 1e-6)
        return int(bad.nonzero()[0]) + 1 if bad.any() else 0


def _run(rule: Any, slope: Slope) -> tuple[Tensor, Tensor]:
    """Return iterates (STEPS + 2,) and steps (STEPS + 1,) from x = 1."""
    x = torch.ones(1, dtype=torch.float64)
    state, path, steps = rule.init(x), [x], []
    for k in range(STEPS + 1):
        dx, state = rule.update(slope(x, k), state, x)
        x = x + dx
        path.append(x)
        steps.append(dx)
    return torch.cat(path), torch.cat(steps)


def _bowl(x: Tensor, k: int) -> Tensor:
    return x


def _steep_bowl(x: Tensor, k: int) -> Tensor:
    return 100 * x


def _noise(x: Tensor, k: int) -> Tensor:
    """Ten and minus ten in turn: a large gradient without a direction."""
    return torch.full_like(x, 10.0 * (-1) ** k)


def _once(x: Tensor, k: int) -> Tensor:
    return torch.full_like(x, float(k == 0))


def _asleep(x: Tensor, k: int) -> Tensor:
    """A bowl whose unit is dead for twenty steps."""
    return x if k >= 20 else torch.zeros_like(x)


def _always(g: float) -> Slope:
    return lambda x, k: torch.full_like(x, g)


def _place(x: Tensor, steps: Tensor, rule: Any) -> Tensor:
    return x[1:]


def _length(x: Tensor, steps: Tensor, rule: Any) -> Tensor:
    return steps.abs() / rule.lr


def _later_length(x: Tensor, steps: Tensor, rule: Any) -> Tensor:
    return steps[1:].abs() / rule.lr


def _shrinkage(x: Tensor, steps: Tensor, rule: Any) -> Tensor:
    return -steps / (rule.lr * rule.weight_decay * x[:-1])


def _behind(x: Tensor, steps: Tensor, rule: Any) -> Tensor:
    return x[1:] - points_ahead(rule, len(steps))


def _counted(x: Tensor, steps: Tensor, rule: Any) -> Tensor:
    return x[1:].isfinite().to(x.dtype)


_ON_A_SLOPE = Trial(_bowl, _always(3.0), _length, "length of a step / η, gradient 3", 1)
_AT_REST = Trial(
    _noise, _always(0.0), _shrinkage, "share lost / ηλ, gradient 0", 1, {"weight_decay": 0.5}
)

# The name of an exhibit to its trial. Bugs of comparisons have no trajectory.
TRIALS = {
    "ε on the parameter": Trial(_bowl, _always(0.0), _place, "x, gradient 0", 1, {"eps": 1e-3}),
    "no root": Trial(_steep_bowl, _always(100.0), _length, "length of a step / η, gradient 100", 1),
    "no correction": _ON_A_SLOPE,
    "counter from 2": _ON_A_SLOPE,
    "look back": Trial(_bowl, _bowl, _behind, "distance from the point ahead", 0),
    "decay scaled twice": _AT_REST,
    "decay in the moments": _AT_REST,
    "secret momentum": Trial(
        _bowl, _once, _later_length, "length of a step / η, gradient 0 after one of 1", 0
    ),
    "no floor": Trial(
        _asleep, _always(0.0), _counted, "is x a number (1 for yes), gradient 0", 1, {"lr": 0.01}
    ),
    "negative variance": Trial(
        _always(0.7),
        _always(0.7),
        _counted,
        "is x a number (1 for yes), gradient 0.7",
        1,
        {"rho": 0.5, "eps": 0.1},
    ),
}
