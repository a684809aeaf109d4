"""Train one network twice and compare."""

import io
import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from descent.conformance.drawing import Range, in_float64, problem
from descent.core import Optimizer
from descent.torch_bridge import torch_optimizer

Hypers = Mapping[str, Any]
Step = Callable[[torch.optim.Optimizer, Callable[[], Tensor]], None]


# A relative change of the start: well above rounding, well below anything of interest.
NUDGE = 1e-12
# Runs that amplify such a change by more are not compared.
CALM = 1e3


def plain_step(optimizer: torch.optim.Optimizer, closure: Callable[[], Tensor]) -> None:
    """Compute the gradients, then step: how most optimizers are driven.

    Args:
        optimizer: Any torch optimizer.
        closure: Clears the gradients and computes new ones.
    """
    closure()
    optimizer.step()


@dataclass(frozen=True)
class Comparison:
    """A rule, its counterpart, and the settings on which they are compared.

    Args:
        name: The rule's name.
        rival: The counterpart's name, with its package.
        ours: Builds the rule from hyper-parameters.
        theirs: Builds the counterpart from parameters and hyper-parameters.
        ranges: Hyper-parameter to its range: two numbers, drawn log-uniformly (uniformly from 0),
            or `bool`.
        note: What was set or widened to make the comparison meaningful.
        kind: "mlp" for a network with biases, "square" for square matrices.
        our_step: How the rule's torch optimizer is driven.
        their_step: How the counterpart is driven.
        options: Further options of `torch_optimizer`, from hyper-parameters.
        graph: Whether gradients keep the graph that they came from.
    """

    name: str
    rival: str
    ours: Callable[[Hypers], Optimizer]
    theirs: Callable[[list[nn.Parameter], Hypers], torch.optim.Optimizer]
    ranges: Mapping[str, Range]
    note: str = ""
    kind: str = "mlp"
    our_step: Step = plain_step
    their_step: Step = plain_step
    options: Callable[[Hypers], dict[str, Any]] = lambda h: {}
    graph: bool = False

    def deviation(self, hypers: Hypers, seed: int, steps: int = 200, resume: int = 0) -> float:
        """Train both, and return the largest relative difference of any parameter at any step.

        Args:
            hypers: Values of the hyper-parameters.
            seed: Seed of network and data.
            steps: Number of updates.
            resume: Step at which the rule's state is saved, and a new optimizer restored from it;
                0 for never.

        Returns:
            max over steps of max |ours - theirs| / max |theirs|.
        """
        mine, theirs = self._ours(hypers, seed, resume=resume), self._theirs(hypers, seed)
        return _largest_difference(mine, theirs, steps)

    def amplification(self, hypers: Hypers, seed: int, steps: int = 200) -> float:
        """Train the rule twice, from starts that differ by rounding, and compare.

        A rule that divides by a gradient that passes through zero can blow up the last digits. At
        such settings two exact implementations part; a comparison there says nothing.

        Args:
            hypers: Values of the hyper-parameters.
            seed: Seed of network and data.
            steps: Number of updates.

        Returns:
            How many times larger than at the start the difference becomes.
        """
        mine, nudged = self._ours(hypers, seed), self._ours(hypers, seed, nudge=NUDGE)
        return _largest_difference(mine, nudged, steps) / NUDGE

    def _ours(self, h: Hypers, seed: int, nudge: float = 0.0, resume: int = 0) -> Iterator[Tensor]:
        """Train with the rule; yield all parameters after each step."""
        net, loss = problem(self.kind, seed)
        with torch.no_grad():
            for p in net.parameters():
                p.mul_(1 + nudge)
        optimizer, closure = self._make(net, h), _closure(net, loss, self.graph)
        for k in itertools.count():
            if resume and k == resume:
                optimizer = self._restored(optimizer, net, h)
            self.our_step(optimizer, closure)
            yield _flat(net)

    def _theirs(self, h: Hypers, seed: int) -> Iterator[Tensor]:
        """Train with the counterpart; yield all parameters after each step."""
        net, loss = problem(self.kind, seed)
        optimizer, closure = self.theirs(list(net.parameters()), h), _closure(net, loss, self.graph)
        while True:
            self.their_step(optimizer, closure)
            yield _flat(net)

    def _make(self, net: nn.Module, hypers: Hypers) -> torch.optim.Optimizer:
        return torch_optimizer(self.ours(hypers), net.parameters(), **self.options(hypers))

    def _restored(
        self, old: torch.optim.Optimizer, net: nn.Module, hypers: Hypers
    ) -> torch.optim.Optimizer:
        """A new optimizer with the old one's state, by way of a file."""
        file = io.BytesIO()
        torch.save(old.state_dict(), file)
        file.seek(0)
        new = self._make(net, hypers)
        new.load_state_dict(torch.load(file))
        return new


def _largest_difference(one: Iterator[Tensor], two: Iterator[Tensor], steps: int) -> float:
    with in_float64():
        pairs = itertools.islice(zip(one, two, strict=True), steps)
        return max(float((a - b).abs().max() / b.abs().max()) for a, b in pairs)


def _closure(net: nn.Module, loss: Callable[[], Tensor], graph: bool) -> Callable[[], Tensor]:
    """Compute new gradients in the place of the old ones."""

    def closure() -> Tensor:
        value, params = loss(), list(net.parameters())
        grads = torch.autograd.grad(value, params, create_graph=graph)
        for p, g in zip(params, grads, strict=True):
            p.grad = g
        return value.detach()

    return closure


def _flat(net: nn.Module) -> Tensor:
    return torch.cat([p.detach().flatten() for p in net.parameters()])
