"""Completion by products of matrices, beside the completion of smallest nuclear norm."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from descent.core import Optimizer
from descent.experiments import experiment, progress
from descent.implicit_bias import GroupRMSProp, smallest_nuclear
from descent.objectives import Completion
from descent.optimizers import Adam

Arrays = dict[str, np.ndarray]

FACTORS, SCALES = (2, 3, 4), (1e-3, 1e-5)
RULES: dict[str, Callable[[float], Optimizer]] = {"group": GroupRMSProp, "adam": Adam}
# A smaller problem, on which neither rule wins on every matrix.
SMALL = {"size": 30, "rank": 2, "count": 240, "seeds": 6, "every": 3000}
SEEN = (0.1, 0.14, 0.18, 0.22, 0.26, 0.3, 0.4, 0.5)
# By how much the rate has fallen in the end: a tail that no longer jumps about.
FALL, SHOWN = 0.05, 6


def descend(
    problem: Completion, rule: Optimizer, x: Tensor, steps: int, every: int
) -> tuple[Tensor, Arrays]:
    """Descend with a rate that falls by the factor `FALL`, evenly in the logarithm.

    Args:
        problem: What is completed.
        rule: The rule, with its first rate.
        x: Start.
        steps: Budget.
        every: Steps between two looks.

    Returns:
        The last point, and at each look, the start included: `step`, `error` (looks, *batch, 2)
        and the leading singular values `spectrum` (looks, *batch, shown).
    """
    state, looks = rule.init(x), []

    def look() -> tuple[Tensor, Tensor]:
        return problem.errors(x), torch.linalg.svdvals(problem.product(x))[..., :SHOWN]

    for k in progress(range(steps), f"{type(rule).__name__}, depth {x.shape[-3]}"):
        if k % every == 0:
            looks.append(look())
        dx, state = rule.update(problem.grad(x), state, x)
        x = x + FALL ** (k / steps) * dx
    looks.append(look())
    error, spectrum = (torch.stack(part).numpy() for part in zip(*looks, strict=True))
    return x, {"step": np.arange(len(looks)) * every, "error": error, "spectrum": spectrum}


def summary(problem: Completion, x: Tensor) -> Arrays:
    """Measure the products that were found.

    Args:
        problem: What is completed.
        x: Stacks of factors.

    Returns:
        `seen` and `unseen`, relative squared errors, `norm`, the nuclear norm, and `rank`, the
        effective rank; each (*batch,).
    """
    seen, unseen = problem.errors(x).unbind(-1)
    norm = torch.linalg.matrix_norm(problem.product(x), "nuc")
    found = {"seen": seen, "unseen": unseen, "norm": norm, "rank": problem.effective_rank(x)}
    return {name: value.numpy() for name, value in found.items()}


def _problem(size: int, rank: int, count: int, seeds: int) -> Completion:
    found = Completion.draw(size, rank, count, seeds, unit="entry")
    return Completion(found.truth.float(), found.seen.float())


@experiment
def completions(
    depth: int,
    scale: float,
    rule: str = "group",
    lr: float = 0.05,
    steps: int = 3000,
    size: int = 50,
    rank: int = 3,
    count: int = 600,
    seeds: int = 4,
    every: int = 50,
) -> Arrays:
    """Complete matrices by a product of factors.

    Args:
        depth: Number of factors.
        scale: Size of the product at the start.
        rule: A key of `RULES`.
        lr: First rate.
        steps: Budget.
        size: Rows and columns.
        rank: Rank of the hidden matrices.
        count: Seen entries.
        seeds: How many matrices.
        every: Steps between two looks.

    Returns:
        What `descend` and `summary` return.
    """
    problem = _problem(size, rank, count, seeds)
    x, path = descend(problem, RULES[rule](lr), problem.start(depth, scale), steps, every)
    return path | summary(problem, x)


@experiment
def convex(size: int = 50, rank: int = 3, count: int = 600, seeds: int = 4) -> Arrays:
    """Complete the same matrices by the smallest nuclear norm.

    Args:
        size: Rows and columns.
        rank: Rank of the hidden matrices.
        count: Seen entries.
        seeds: How many matrices.

    Returns:
        What `summary` returns; `gap`, the proven distance of the norm to the smallest; `truth`
        and `rank_true`, the nuclear norm and effective rank of the hidden matrices; `least`, the
        fewest seen entries of any row or column; each (seeds,). And `spectrum` (seeds, shown).
    """
    problem = Completion.draw(size, rank, count, seeds, unit="entry")
    found = smallest_nuclear(problem.truth, problem.seen)
    fewest = torch.minimum(problem.seen.sum(-1).amin(-1), problem.seen.sum(-2).amin(-1))
    return summary(problem, found.matrix.unsqueeze(-3)) | {
        "gap": found.gap.numpy(),
        "truth": torch.linalg.matrix_norm(problem.truth, "nuc").numpy(),
        "rank_true": problem.effective_rank(problem.truth.unsqueeze(-3)).numpy(),
        "least": fewest.numpy(),
        "spectrum": torch.linalg.svdvals(problem.truth)[..., :SHOWN].numpy(),
    }


@experiment
def fractions(
    seen: Sequence[float] = SEEN,
    size: int = 30,
    rank: int = 2,
    seeds: int = 4,
    steps: int = 1500,
    lr: float = 0.06,
) -> Arrays:
    """Measure the unseen error of each method over the share of seen entries.

    Args:
        seen: Shares of the entries.
        size: Rows and columns.
        rank: Rank of the hidden matrices.
        seeds: Matrices for each share; the same ones for every share.
        steps: Budget of the factors.
        lr: First rate of the factors.

    Returns:
        `nuclear`, `deep2`, `deep3`, `adam2`: (shares, seeds), relative errors on unseen entries.
    """
    drawn = [
        Completion.draw(size, rank, round(part * size**2), seeds, unit="entry") for part in seen
    ]
    problem = Completion(*(torch.cat([getattr(p, f) for p in drawn]) for f in ("truth", "seen")))
    found = {
        "nuclear": smallest_nuclear(problem.truth, problem.seen, 1e-3, limit=800).matrix[:, None]
    }
    light = Completion(problem.truth.float(), problem.seen.float())
    for name, depth, scale, rule in (
        ("deep2", 2, 1e-5, GroupRMSProp(lr)),
        ("deep3", 3, 1e-4, GroupRMSProp(lr)),
        ("adam2", 2, 1e-5, Adam(0.01)),
    ):
        x, _ = descend(light, rule, light.start(depth, scale), steps, steps)
        found[name] = x
    shape = (len(seen), seeds)
    return {
        name: (problem if name == "nuclear" else light).errors(x)[:, 1].reshape(shape).numpy()
        for name, x in found.items()
    }


@experiment
def paper_size(size: int = 100, rank: int = 5, count: int = 2000, steps: int = 3000) -> Arrays:
    """Complete one matrix of the paper's size with 2, 3 and 1 factors, and by the nuclear norm.

    Args:
        size: Rows and columns.
        rank: Rank of the hidden matrix.
        count: Seen entries.
        steps: Budget of the factors.

    Returns:
        `unseen`, `all`, the relative squared error over all entries, `norm` and `rank`, each for
        the nuclear norm, depth 2 from 1e-5, depth 3 from 1e-3, and depth 1 from 1e-3, in this
        order; `truth` and `gap` of the nuclear norm.
    """
    problem = Completion.draw(size, rank, count, 1, unit="entry")
    light = Completion(problem.truth.float(), problem.seen.float())
    found = smallest_nuclear(problem.truth, problem.seen, tol=1e-3)
    ends = [found.matrix[:, None].float()]
    for depth, scale in ((2, 1e-5), (3, 1e-3), (1, 1e-3)):
        start = light.start(depth, scale)
        ends.append(descend(light, GroupRMSProp(0.05), start, steps, steps)[0])
    rows = [summary(light, x) for x in ends]
    off = [float((light.product(x) - light.truth).square().mean()) for x in ends]
    names = ("unseen", "norm", "rank")
    return {
        **{name: np.concatenate([row[name] for row in rows]) for name in names},
        "all": np.array(off),
        "truth": torch.linalg.matrix_norm(problem.truth, "nuc").numpy(),
        "gap": found.gap.numpy(),
    }
