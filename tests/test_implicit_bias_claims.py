"""Every number that the chapter on implicit bias prints, derived again."""

import numpy as np
import pytest
import torch

from claims import claimed
from descent import implicit_bias as ib
from descent.experiments import implicit_bias as runs

F64 = torch.float64
FLOAT = "single precision: other machines round differently, and descent amplifies it"
TRAINED = "a run whose end depends on the last digits of its rate"


# --- predictors ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def fits():
    return runs.predictors()


def travel(curve):
    return float(np.abs(np.diff(curve)).sum())


def test_the_puzzle(fits):
    half, third = runs.DECAYS.index(0.5), runs.SPREADS.index(0.3)
    claimed("ib-travel-least").matches(travel(np.array(runs.VALUES)))
    claimed("ib-travel-zero").matches(travel(fits["zero"][half]))
    claimed("ib-travel-adam").matches(travel(fits["adam"][half]), tol=0.3, reason=TRAINED)
    claimed("ib-travel-start").matches(travel(fits["start"][half, third]))
    smooth = [fits[name][-1] for name in ("zero", "adam", "squares")]
    smooth.append(fits["start"][-1, third])
    claimed("ib-travel-smooth").holds_for(map(travel, smooth))
    assert max(float(fits[f"{name}_off"]) for name in ("zero", "adam", "squares", "start")) < 1e-3


# --- starts and stops ----------------------------------------------------------------------------


def test_sparse_weights():
    found = runs.sparse()
    middle = np.median(found["error"], 1)
    claimed("ib-sparse-large").matches(middle[-1])
    claimed("ib-sparse-large").matches(np.median(found["plain"]))
    claimed("ib-sparse-small").matches(middle[runs.START_SIZES.index(0.01)])
    trained = runs.squares_run()
    claimed("ib-sparse-run").matches(np.abs(trained["weights"] - trained["limit"]).max())


def test_stopping_beside_ridge():
    z = torch.linspace(1e-4, 20, 200_001, dtype=F64)
    one = torch.ones((), dtype=F64)
    flow = ib.stopped_flow(one, one * 0, one, z)
    ridge = ib.ridge_from(one, one * 0, one, 1 / z)
    claimed("ib-stop-gap").matches((ridge - flow).abs().max())


# --- margins -------------------------------------------------------------------------------------


def test_margins():
    part = np.median(runs.margins()["part"][..., -1], -1)
    claimed("ib-margin-gd-2").matches(part[0, 0])
    claimed("ib-margin-gd-inf").matches(part[0, 1])
    claimed("ib-margin-gd-1").matches(part[0, 2])
    claimed("ib-margin-sign-2").matches(part[1, 0])
    claimed("ib-margin-sign-inf").matches(part[1, 1])
    claimed("ib-margin-sign-1").matches(part[1, 2])
    claimed("ib-margin-one-2").matches(part[2, 0])
    claimed("ib-margin-one-inf").matches(part[2, 1])
    claimed("ib-margin-one-1").matches(part[2, 2])
    claimed("ib-margin-adam-2").matches(part[3, 0])
    claimed("ib-margin-adam-inf").matches(part[3, 1])
    claimed("ib-margin-adam-1").matches(part[3, 2])
    claimed("ib-margin-short-2").matches(part[4, 0])
    claimed("ib-margin-short-inf").matches(part[4, 1])
    claimed("ib-margin-short-1").matches(part[4, 2])


def test_each_rule_wins_in_its_own_norm():
    part = runs.margins()["part"][:3, :, :, -1]
    wins = [(part[i, i] > np.delete(part[:, i], i, 0).max(0)).sum() for i in range(3)]
    claimed("ib-margin-wins").matches(*wins)


# --- completion ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def nuclear():
    return runs.convex()


def test_the_convex_answer(nuclear):
    claimed("ib-fill-nuclear").matches(*nuclear["unseen"])
    claimed("ib-rank-nuclear").holds_for(nuclear["rank"])
    claimed("ib-norm-true").holds_for(nuclear["truth"] - nuclear["norm"])
    claimed("ib-rank-true").holds_for(nuclear["rank_true"])
    claimed("ib-least").matches(nuclear["least"][1])
    claimed("ib-gap").at_most(nuclear["gap"], slack=0.005, reason="where the solver stops")
    assert nuclear["least"][[0, 2, 3]].min() >= 3, "the others are determined row by row"


def test_two_factors(nuclear):
    large, small = runs.completions(2, 1e-3), runs.completions(2, 1e-5)
    claimed("ib-fill-two-large").matches(*large["unseen"], tol=0.002, reason=FLOAT)
    claimed("ib-fill-two").matches(*small["unseen"], tol=0.002, reason=FLOAT)
    claimed("ib-norm-two-large").holds_for(
        large["norm"] - nuclear["norm"], slack=0.05, reason=FLOAT
    )
    claimed("ib-norm-two").holds_for(small["norm"] - nuclear["norm"], slack=0.05, reason=FLOAT)
    claimed("ib-excess").matches((small["norm"] - nuclear["norm"]).min(), tol=0.05, reason=FLOAT)
    claimed("ib-rank-two-large").holds_for(large["rank"], slack=0.05, reason=FLOAT)
    claimed("ib-rank-two").holds_for(small["rank"], slack=0.05, reason=FLOAT)
    assert (small["unseen"] < 0.65 * large["unseen"]).all(), "the smaller start is better"


def test_three_and_four_factors(nuclear):
    three, four, others = runs.completions(3, 1e-3), runs.completions(4, 1e-3), [0, 2, 3]
    claimed("ib-fill-three-second").matches(three["unseen"][1], tol=0.004, reason=FLOAT)
    claimed("ib-fill-three").at_most(three["unseen"][others], slack=1e-4, reason=FLOAT)
    better = nuclear["unseen"][others] / three["unseen"][others]
    claimed("ib-three-better").at_least(better, slack=390, reason=FLOAT)
    claimed("ib-fill-four-second").matches(four["unseen"][1], tol=0.004, reason=FLOAT)
    claimed("ib-fill-four").at_most(four["unseen"][others], slack=9e-5, reason=FLOAT)
    claimed("ib-norm-three").holds_for(three["norm"] - nuclear["norm"], slack=0.1, reason=FLOAT)
    claimed("ib-norm-four").holds_for(four["norm"] - nuclear["norm"], slack=0.2, reason=FLOAT)
    claimed("ib-rank-three").holds_for(three["rank"], slack=0.02, reason=FLOAT)
    claimed("ib-rank-four").holds_for(four["rank"], slack=0.02, reason=FLOAT)


def test_one_singular_value_after_another():
    shares = []
    for depth in (3, 2):
        values = runs.completions(depth, 1e-5)["spectrum"][:, 0]
        half = (values[:, 0] > values[-1, 0] / 2).argmax()
        shares.append(values[half, 1] / values[half, 0])
    claimed("ib-order-three").matches(shares[0], tol=1e-4, reason=FLOAT)
    claimed("ib-order-two").matches(shares[1], tol=0.02, reason=FLOAT)


def test_the_size_of_the_paper():
    found = runs.paper_size()
    claimed("ib-paper-nuclear").matches(found["unseen"][0])
    claimed("ib-paper-two").matches(found["unseen"][1], tol=0.001, reason=FLOAT)
    claimed("ib-paper-three").matches(found["unseen"][2], tol=1.9e-5, reason=FLOAT)
    claimed("ib-paper-one").matches(found["unseen"][3])
    claimed("ib-paper-all").matches(found["all"][3])


# --- where the conjecture fails ------------------------------------------------------------------


def descended(depth, sign=1, steps=5000):
    problem, x = ib.runaway(), ib.balanced_start(2, depth, 0.1)
    x[-1, 1, 1] *= sign
    for _ in range(steps):
        x = x - 0.02 * problem.grad(x)
    w = problem.product(x)
    return w, float(0.5 * (problem.seen * (w - problem.truth)).square().sum())


def test_the_runaway():
    two, loss = descended(2)
    three, other = descended(3)
    claimed("ib-runaway-two").matches(two[0, 0])
    claimed("ib-runaway-three").matches(three[0, 0])
    claimed("ib-runaway-product").matches(two[0, 0] * loss**0.5, three[0, 0] * other**0.5)
    values = torch.linalg.svdvals(two)
    claimed("ib-runaway-shape").at_most([values[1] / values[0]], slack=1e-6, reason="a bound")
    assert two[0, 0] >= ib.least_entry(torch.tensor(loss))
    turned, rest = descended(2, sign=-1)
    claimed("ib-runaway-negative").matches(turned[0, 0].abs())
    assert rest < 1e-20


# --- one after the other -------------------------------------------------------------------------


def test_waiting_and_rising():
    ends = {(s, n): ib.arrival_time(s, 0.9, n) for s in (1e-3, 1e-5) for n in (1, 2, 3, 4)}
    rises = [1 - ib.arrival_time(1e-3, 0.1, n) / ends[1e-3, n] for n in (1, 2, 3, 4)]
    claimed("ib-rise").matches(*rises)
    claimed("ib-wait-two").matches(ends[1e-3, 2], ends[1e-5, 2])
    claimed("ib-wait-three").matches(ends[1e-3, 3], ends[1e-5, 3])


def test_how_many_entries():
    middle = {name: np.median(values, 1) for name, values in runs.fractions().items()}
    ten, twenty, thirty, half = (runs.SEEN.index(part) for part in (0.1, 0.22, 0.3, 0.5))
    claimed("ib-part-nuclear-10").matches(middle["nuclear"][ten])
    claimed("ib-part-two-10").matches(middle["deep2"][ten], tol=0.02, reason=FLOAT)
    claimed("ib-part-three-10").matches(middle["deep3"][ten], tol=0.5, reason=FLOAT)
    claimed("ib-part-nuclear-22").matches(middle["nuclear"][twenty])
    claimed("ib-part-two-22").matches(middle["deep2"][twenty], tol=0.01, reason=FLOAT)
    claimed("ib-part-three-22").matches(middle["deep3"][twenty], tol=0.02, reason=FLOAT)
    claimed("ib-part-nuclear-30").matches(middle["nuclear"][thirty])
    claimed("ib-part-two-30").matches(middle["deep2"][thirty], tol=0.004, reason=FLOAT)
    claimed("ib-part-three-30").at_most([middle["deep3"][thirty]], slack=1e-5, reason=FLOAT)
    claimed("ib-part-nuclear-50").at_most([middle["nuclear"][half]], slack=1e-8, reason="a bound")
    claimed("ib-part-two-50").matches(middle["deep2"][half], tol=1.5e-5, reason=FLOAT)
    claimed("ib-part-three-50").at_most([middle["deep3"][half]], slack=1e-6, reason=FLOAT)


# --- Adam ----------------------------------------------------------------------------------------


def test_adam_with_two_factors(nuclear):
    adam, group = runs.completions(2, 1e-3, "adam", 1e-3), runs.completions(2, 1e-3)
    claimed("ib-adam-two").matches(*adam["unseen"], tol=0.02, reason=FLOAT)
    ratio = adam["unseen"] / group["unseen"]
    claimed("ib-adam-ratio").holds_for(ratio, slack=0.2, reason=FLOAT)
    claimed("ib-adam-rank").holds_for(adam["rank"], slack=0.5, reason=FLOAT)
    assert (adam["unseen"] > nuclear["unseen"]).all()


def test_adam_with_three_factors():
    adam = runs.completions(3, 1e-3, "adam", 1e-3)["unseen"]
    claimed("ib-adam-three").holds_for(adam, slack=0.003, reason=FLOAT)
    small = runs.completions(3, 1e-5, **runs.SMALL)["unseen"]
    other = runs.completions(3, 1e-5, "adam", 1e-3, **runs.SMALL)["unseen"]
    claimed("ib-adam-worse").matches((other > small).sum())
    claimed("ib-adam-wild").matches(small[0], tol=3, reason=FLOAT)
    claimed("ib-adam-tame").matches(other[0], tol=0.01, reason=FLOAT)
