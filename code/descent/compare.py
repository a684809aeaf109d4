"""Fair comparison of optimizers: equal budgets for tuning, held-out seeds, and who wins when.

Every method gets the same number of random settings from ranges stated in advance, the same number
of gradients, the same networks and the same mini-batches. A setting is chosen on some seeds and
reported on others. All settings and seeds of a method advance as one ensemble.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from descent import validate
from descent.core import Objective, Optimizer, run
from descent.oracles import Oracle, gradient, seeded


@dataclass(frozen=True)
class Method:
    """An optimizer with what its user would tune.

    Args:
        name: What the figure calls it.
        make: Builds the rule from the drawn hyper-parameters, which are tensors.
        ranges: Hyper-parameter to lowest and highest value; drawn log-uniformly.
        oracle: Turns the common oracle into the one that this rule needs.
        gradients: Gradients that a step costs; the method gets that many times fewer steps.

    Raises:
        ValueError: If a range is empty or not positive.
    """

    name: str
    make: Callable[..., Optimizer]
    ranges: Mapping[str, tuple[float, float]]
    oracle: Callable[[Oracle], Oracle] = lambda oracle: oracle
    gradients: int = 1

    def __post_init__(self) -> None:
        validate.count("gradients", self.gradients)
        for name, (low, high) in self.ranges.items():
            if not 0 < low < high:
                raise ValueError(f"ranges[{name!r}] is {(low, high)}; it must be 0 < low < high")

    def draw(self, trials: int, seed: int = 0) -> dict[str, Tensor]:
        """Draw settings; more trials continue the same sequence.

        Args:
            trials: How many.
            seed: Seed of the search.

        Returns:
            Hyper-parameter to values, (trials,), float64.
        """
        u = torch.stack(
            [torch.rand(len(self.ranges), generator=seeded(seed, i)) for i in range(trials)]
        ).double()
        pairs = zip(self.ranges.items(), u.unbind(-1), strict=True)
        return {name: low * (high / low) ** column for (name, (low, high)), column in pairs}


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a comparison measured.

    Args:
        names: The methods.
        hypers: For each method its drawn settings.
        step: Gradients spent at each measurement, (times,).
        loss: Losses, (methods, times, trials, seeds); +inf where a run diverged.
        tuning: How many of the seeds choose the setting; the others report.
    """

    names: tuple[str, ...]
    hypers: tuple[dict[str, Tensor], ...]
    step: Tensor
    loss: Tensor
    tuning: int

    def chosen(self) -> Tensor:
        """Return the trial that each method's tuning seeds choose, (methods,)."""
        return self.loss[:, -1, :, : self.tuning].mean(-1).argmin(-1)

    def curves(self) -> Tensor:
        """Return the losses of the chosen settings on held-out seeds, (methods, times, seeds)."""
        held = self.loss[..., self.tuning :]
        return torch.stack([held[m, :, t] for m, t in enumerate(self.chosen().tolist())])

    def time_to(self, target: float) -> Tensor:
        """Return the gradients that the chosen settings needed on held-out seeds.

        Args:
            target: The loss to reach.

        Returns:
            Gradients at the first measurement at or below it, (methods, seeds); +inf for never.
        """
        reached = self.curves() <= target
        spent = self.step.double()[:, None].expand(reached.shape)
        return torch.where(reached, spent, torch.inf).amin(1)

    def by_budget(self, orders: int = 200, seed: int = 0) -> Tensor:
        """Return what each method reaches when only some of the settings may be tried.

        Args:
            orders: Random orders of the settings over which the search is repeated.
            seed: Seed of the orders.

        Returns:
            Held-out losses after trying 1, 2, … settings, (methods, orders, trials).
        """
        tune = self.loss[:, -1, :, : self.tuning].mean(-1)
        held = self.loss[:, -1, :, self.tuning :].mean(-1)
        trials = tune.shape[1]
        order = torch.stack(
            [torch.randperm(trials, generator=seeded(seed, i)) for i in range(orders)]
        )
        best = torch.cummin(tune[:, order], -1).values
        here = (tune[:, order] == best).int() * torch.arange(trials)
        index = order.expand(len(tune), -1, -1).gather(-1, torch.cummax(here, -1).values)
        return held[:, None].expand(-1, orders, -1).gather(-1, index)

    def winners(self, orders: int = 200, seed: int = 0) -> list[str]:
        """Return the method with the lowest median loss at every tuning budget.

        Args:
            orders: As in `by_budget`.
            seed: As in `by_budget`.

        Returns:
            One name for each budget, from 1 setting on.
        """
        median = self.by_budget(orders, seed).median(1).values
        return [self.names[i] for i in median.argmin(0).tolist()]


def compare(
    objective: Objective,
    methods: Sequence[Method],
    x0: Tensor,
    gradients: int,
    *,
    trials: int,
    tuning: int,
    oracle: Oracle = gradient,
    every: int = 10,
    seed: int = 0,
) -> Outcome:
    """Tune every method with the same effort, and measure it where it was not tuned.

    Args:
        objective: Maps (*batch, dim) to (*batch,).
        methods: The competitors.
        x0: One start for each seed, (seeds, dim).
        gradients: Gradients that every run may use.
        trials: Settings that every method may try.
        tuning: How many of the seeds choose; the others report.
        oracle: Where gradients come from; the same draws for all.
        every: Gradients between two measurements; it divides `gradients`.
        seed: Seed of the search.

    Returns:
        The losses and what follows.

    Raises:
        ValueError: If no seed is left to report on, two methods share a name, or the numbers of
            gradients do not divide.

    >>> from descent import SGD, HeavyBall
    >>> race = [
    ...     Method("plain", SGD, {"lr": (1e-3, 1.0)}),
    ...     Method("ball", lambda lr: HeavyBall(lr, 0.9), {"lr": (1e-3, 1.0)}),
    ... ]
    >>> f = lambda x: (x * x * torch.tensor([0.5, 50.0])).sum(-1)
    >>> x0 = torch.tensor([[1.0, 1.0], [1.0, -2.0]])
    >>> compare(f, race, x0, 100, trials=16, tuning=1).winners()[-1]
    'ball'
    """
    validate.count("trials", trials)
    if not 0 < validate.count("tuning", tuning) < len(x0):
        raise ValueError(f"tuning is {tuning}; it must leave one of the {len(x0)} seeds to report")
    names = tuple(m.name for m in methods)
    if len(set(names)) < len(names):
        raise ValueError(f"methods are named {names}; the names must differ")
    losses, settings = [], []
    for m in methods:
        if gradients % every or every % m.gradients:
            raise ValueError(
                f"gradients is {gradients}, every {every} and a step of {m.name} costs "
                f"{m.gradients}; each must divide the one before"
            )
        hypers = m.draw(trials, seed)
        rule = m.make(**{k: v.to(x0)[:, None] for k, v in hypers.items()})
        t = run(
            objective,
            rule,
            x0.expand(trials, *x0.shape),
            gradients // m.gradients,
            oracle=m.oracle(oracle),
            keep=every // m.gradients,
            watch=False,
        )
        settings.append(hypers)
        losses.append(t.loss)
    step = torch.arange(0, gradients + 1, every)
    return Outcome(names, tuple(settings), step, torch.stack(losses), tuning)
