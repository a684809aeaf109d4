"""Every number that the chapter on cost functions prints, derived again."""

import math

import numpy as np
import pytest
import torch

from claims import claimed
from descent import cost_functions as cost
from descent.experiments import cost_functions as runs
from descent.explore.gallery.cost_functions import ridge as ridge_figure
from descent.explore.gallery.cost_functions.features import DECAY, TOTAL

F64 = torch.float64
SEEDS = "spread over seeds; other machines round differently, and training amplifies it"


def t64(value):
    return torch.tensor(value, dtype=F64)


# --- the puzzle, and what regularizers do ---------------------------------------------------------


@pytest.fixture(scope="module")
def labels():
    """Results (labels, regularizers, seeds, kept): labels right, half random, all random."""
    return runs.random_labels()


def test_random_labels(labels):
    random = {name: values[2, 0] for name, values in labels.items()}
    right = {name: values[0, 0] for name, values in labels.items()}
    claimed("cost-random-train").matches(np.median(random["train"][:, -1]), tol=0.004, reason=SEEDS)
    claimed("cost-random-loss").matches(np.median(random["loss"][:, -1]), tol=0.02, reason=SEEDS)
    claimed("cost-random-test").holds_for(random["test"][:, -1], slack=0.02, reason=SEEDS)
    claimed("cost-true-test").holds_for(right["test"][:, -1], slack=0.005, reason=SEEDS)
    epochs = [np.median((part["train"] >= 0.99).argmax(-1)) for part in (random, right)]
    claimed("cost-random-time").matches(epochs[0] / epochs[1], tol=3, reason=SEEDS)
    assert (random["train"][:, -1] >= 0.99).all()
    assert (random["loss"][:, -1] < random["loss"][:, -2]).all(), "still falling"
    assert right["loss"][:, -1].max() < 0.01, "near zero in both"


def test_regularizers(labels):
    learned = np.median(labels["train"][2, :, :, -1], -1)
    useful = np.median(labels["test"][0, :, :, -1], -1)
    claimed("cost-wd-random").matches(learned[1], tol=0.006, reason=SEEDS)
    claimed("cost-wd-strong-random").matches(learned[2], tol=0.02, reason=SEEDS)
    claimed("cost-blur-random").matches(learned[3], tol=0.03, reason=SEEDS)
    claimed("cost-regularized").matches(*useful[1:], tol=0.005, reason=SEEDS)
    claimed("cost-unregularized").matches(useful[0], tol=0.004, reason=SEEDS)
    assert runs.REGULARIZERS == ((0.0, 0.0), (1e-3, 0.0), (1e-2, 0.0), (0.0, 0.5))


def test_half_random_labels(labels):
    test = labels["test"][1]
    claimed("cost-half-peak").holds_for(test[0].max(-1), slack=0.02, reason=SEEDS)
    claimed("cost-half-end").holds_for(test[0, :, -1], slack=0.02, reason=SEEDS)
    gain = np.median(test[2, :, -1]) - np.median(test[0, :, -1])
    claimed("cost-half-gain").matches(100 * gain, tol=2, reason=SEEDS)


def test_digits_after_the_last_error(labels):
    right, error = labels["train"][0, 0], 1 - labels["test"][0, 0]
    first = (right == 1).argmax(-1)
    assert (right.max(-1) == 1).all()
    before = error[np.arange(len(error)), first].mean()
    claimed("cost-after-zero-digits").matches(before, error[:, -1].mean(), tol=0.004, reason=SEEDS)


# --- two risks -----------------------------------------------------------------------------------


def test_two_descents():
    dim = torch.arange(1, TOTAL + 1, dtype=F64)
    weights = torch.exp(-dim / DECAY)
    seen = weights.cumsum(0) / weights.sum()
    found = cost.prefix_risks(dim, t64(40.0), seen, 0.1 + 1 - seen)
    first = found["population"][:38]
    claimed("cost-features-first").matches(first.min())
    claimed("cost-features-first-at").matches(1 + first.argmin())
    beyond = found["population"][41:]
    claimed("cost-features-second").matches(beyond.min())
    claimed("cost-features-second-at").matches(42 + beyond.argmin())
    assert (found["train"][39:] == 0).all() and math.isinf(found["population"][39])
    assert beyond.min() < first.min(), "the second is lower"


@pytest.fixture(scope="module")
def risks():
    return runs.three_risks()


def at(risks, size, flip):
    place = runs.SIZES.index(size), runs.FLIPS.index(flip)
    return {name: v[place] for name, v in risks.items() if v.ndim == 4}


def test_three_risks(risks):
    few, many = at(risks, 200, 0.1), at(risks, 2500, 0.1)
    population = few["population"]
    best = population.argmin(-1)
    claimed("cost-three-train").matches(np.median(few["train"][:, -1]), tol=0.01, reason=SEEDS)
    claimed("cost-three-least").holds_for(population.min(-1), slack=0.01, reason=SEEDS)
    claimed("cost-three-when").at_most(risks["step"][best], slack=40, reason=SEEDS)
    claimed("cost-three-bayes").matches(cost.LogisticTeacher(10, flip=0.1).bayes_risk)
    claimed("cost-three-last").holds_for(population[:, -1], slack=0.03, reason=SEEDS)
    claimed("cost-three-first").matches(np.median(population[:, 0]))
    claimed("cost-three-many-least").matches(
        np.median(many["population"].min(-1)), tol=0.003, reason=SEEDS
    )
    claimed("cost-three-many-last").matches(
        np.median(many["population"][:, -1]), tol=0.005, reason=SEEDS
    )
    assert (population[:, -1] > population[:, 0]).all(), "worse than never trained"


def test_certainty_grows_more_than_errors(risks):
    few = at(risks, 200, 0.1)
    population, error = few["population"], few["error"]
    row, best = np.arange(len(population)), few["population"].argmin(-1)
    growth = np.median(population[:, -1] / population[row, best])
    errors = np.median(error[row, best]), np.median(error[:, -1])
    claimed("cost-three-risk-growth").matches(growth, tol=0.1, reason=SEEDS)
    claimed("cost-three-error-growth").matches(*errors, tol=0.01, reason=SEEDS)
    ratio = np.median(error[:, -1] / error[row, best])
    claimed("cost-three-error-ratio").matches(ratio, tol=0.05, reason=SEEDS)


def returned(risks, size, patience):
    here = at(risks, size, 0.1)
    values = {k: torch.from_numpy(here[k].T.copy()) for k in ("validation", "population")}
    halted = cost.stop(values["validation"], patience)
    steps = risks["step"][halted.at.numpy()]
    return float(np.median(halted.of(values["population"]).numpy())), float(np.median(steps))


def test_patience(risks):
    (hasty, soon), (calm, late) = returned(risks, 2500, 1), returned(risks, 2500, 32)
    claimed("cost-patience-one").matches(hasty, tol=0.004, reason=SEEDS)
    claimed("cost-patience-long").matches(calm, tol=0.004, reason=SEEDS)
    claimed("cost-patience-cost").matches(late / soon, tol=4, reason=SEEDS)
    claimed("cost-patience-few").matches(returned(risks, 60, 8)[0], tol=0.03, reason=SEEDS)
    best = np.median(at(risks, 60, 0.1)["population"].min(-1))
    claimed("cost-patience-few-best").matches(best, tol=0.02, reason=SEEDS)


def test_hoeffding():
    claimed("cost-hoeffding-one").matches(cost.hoeffding_width(1000))
    claimed("cost-hoeffding-hundred").matches(cost.hoeffding_width(1000, 100))


# --- the loss that has a gradient ----------------------------------------------------------------


def lowest(name, p):
    """Where the mean loss is lowest, by search."""
    z = torch.linspace(-3, 3, 60_001, dtype=F64)
    return float(z[cost.conditional_risk(cost.MARGIN_LOSSES[name], z, p).argmin()])


def test_what_losses_ask_for():
    claimed("cost-best-logistic").matches(lowest("logistic", 0.8))
    claimed("cost-best-square").matches(lowest("square", 0.8))
    claimed("cost-perceptron").matches(lowest("perceptron", 0.7))


def test_an_outlier_on_the_right_side():
    place, label = t64([-2.0, -1.0, 1.0, 30.0]), t64([-1.0, -1.0, 1.0, 1.0])
    inputs = torch.stack([place, torch.ones_like(place)], -1)
    near = torch.stack([t64([-2.0, -1.0, 1.0, 2.0]), torch.ones_like(place)], -1)
    assert (near @ torch.linalg.lstsq(near, label).solution * label > 0).all(), "no errors"
    fit = inputs @ torch.linalg.lstsq(inputs, label).solution
    claimed("cost-outlier-errors").matches((fit * label <= 0).sum())
    f, w = cost.MarginObjective(inputs * label[:, None]), torch.zeros(2, dtype=F64)
    for _ in range(3000):
        w = w - 0.01 * f.grad(w)
    claimed("cost-outlier-logistic").matches(4 * f.errors(w))


def test_after_the_last_error():
    found = runs.growing_margins()
    step = found["step"]
    zero = (found["error"] == 0).argmax(0)
    assert (found["error"][-1] == 0).all()

    def at_zero(name):
        return found[name][zero, np.arange(len(zero))].mean()

    claimed("cost-margin-zero").matches(np.median(step[zero]), tol=12, reason="log-spaced steps")
    later = np.abs(np.log(step[:, None] / (10 * step[zero]))).argmin(0)
    ten = found["margin"][later, np.arange(len(zero))].mean()
    claimed("cost-margin-ten").matches(ten, tol=0.02, reason="log-spaced steps")
    claimed("cost-margin-end").matches(found["margin"][-1].mean())
    claimed("cost-margin-angle").matches(found["angle"][-1].mean())
    claimed("cost-after-zero-before").matches(at_zero("test_error"))
    claimed("cost-after-zero-end").matches(found["test_error"][-1].mean())
    claimed("cost-after-zero-spread").matches(found["test_error"][-1].std(ddof=1))
    claimed("cost-after-zero-loss").matches(at_zero("test_loss"), found["test_loss"][-1].mean())


def test_number_of_images():
    claimed("cost-images").matches(len(str(2 ** (28 * 28))))


# --- stop before the minimum ---------------------------------------------------------------------


def test_gradient_at_the_stop():
    found = runs.gradient_at_the_stop()
    noisy = {name: v[runs.NOISE.index(0.2)] for name, v in found.items()}
    row, best = np.arange(3), noisy["validation"].argmin(-1)
    norm, clean = noisy["norm"][row, best], found["norm"][runs.NOISE.index(0.0), :, -1]
    claimed("cost-stop-epoch").holds_for(best, slack=3, reason=SEEDS)
    claimed("cost-stop-norm").holds_for(norm, slack=0.05, reason=SEEDS)
    claimed("cost-stop-start").holds_for(norm / noisy["norm"][:, 0], slack=0.2, reason=SEEDS)
    claimed("cost-stop-clean").holds_for(clean, slack=0.002, reason=SEEDS)
    claimed("cost-stop-ratio").holds_for(norm / clean, slack=8, reason=SEEDS)
    claimed("cost-stop-error").holds_for(noisy["test_error"][row, best], slack=0.01, reason=SEEDS)
    claimed("cost-stop-error-end").holds_for(noisy["test_error"][:, -1], slack=0.02, reason=SEEDS)
    fall = noisy["train"][row, best] / noisy["train"][:, -1]
    claimed("cost-stop-fall").holds_for(fall, slack=1.5, reason=SEEDS)


def test_a_factor_of_less_than_two():
    worst, place = cost.worst_flow_over_ridge()
    claimed("cost-ridge-bound").matches(worst)
    claimed("cost-ridge-exact").matches(worst)
    claimed("cost-ridge-place").matches(place)
    best = ridge_figure().evaluate()["readout"]["ratio of the two best"]
    claimed("cost-ridge-best").matches(best - 1)
    stopped = float(ridge_figure().evaluate()["signals"]["flow_min"])
    lam = 300.0 ** (torch.arange(12, dtype=F64) / 11 - 1)
    solved = cost.shrinkage_risk(torch.ones(12), lam, torch.ones(12), t64(0.01))
    claimed("cost-ridge-perfect").matches(solved / stopped)


# --- the value does not tell ---------------------------------------------------------------------


def test_equal_value():
    found = runs.same_value()
    assert (found["step"] > 0).all() and (found["loss"] <= 0.01).all()
    step, error = found["step"], found["error"]
    claimed("cost-same-steps-half").holds_for(step[0], slack=10, reason=SEEDS)
    claimed("cost-same-steps-one").matches(np.median(step[1]), tol=5, reason=SEEDS)
    claimed("cost-same-steps-four").holds_for(step[3], slack=10, reason=SEEDS)
    claimed("cost-same-steps-eight").holds_for(step[4], slack=10, reason=SEEDS)
    claimed("cost-same-steps-spoiled").holds_for(step[5], slack=10, reason=SEEDS)
    claimed("cost-same-error-half").holds_for(error[0], slack=0.006, reason=SEEDS)
    claimed("cost-same-error-one").holds_for(error[1], slack=0.006, reason=SEEDS)
    claimed("cost-same-error-four").holds_for(error[3], slack=0.006, reason=SEEDS)
    claimed("cost-same-error-eight").holds_for(error[4], slack=0.01, reason=SEEDS)
    claimed("cost-same-error-spoiled").holds_for(error[5], slack=0.01, reason=SEEDS)
    ratio = error[4].mean() / error[1].mean()
    claimed("cost-same-ratio").matches(ratio, tol=0.2, reason=SEEDS)
    assert step[[4, 5]].max() < step[:4].min(), "the worst arrived sooner"


# --- the straight line ---------------------------------------------------------------------------


def test_straight_lines():
    found = runs.straight()
    inside = [i for i, part in enumerate(runs.PARTS) if 0 <= part <= 1]
    rise = {
        name: cost.largest_rise(torch.from_numpy(found[name][..., inside]).movedim(-1, 0)).numpy()
        for name in ("train", "test")
    }
    recipe = {name: i for i, name in enumerate(runs.RECIPES)}
    smooth = (rise["train"] == 0).sum(-1)
    claimed("cost-line-sgd").matches(smooth[recipe["SGD"]], 5)
    claimed("cost-line-large").matches(smooth[recipe["large rate"]], 5)
    claimed("cost-line-momentum").matches(smooth[recipe["momentum"]], 5)
    assert 0 < smooth[recipe["deep"]] < 5
    small = [rise["train"][recipe["deep"]].max()]
    claimed("cost-line-deep-rise").at_most(small, slack=0.008, reason=SEEDS)
    claimed("cost-line-hot").at_least([5 - smooth[recipe["too large"]]], slack=1, reason=SEEDS)
    large = [rise["train"][recipe["too large"]].max()]
    claimed("cost-line-hot-rise").at_least(large, slack=3, reason=SEEDS)
    claimed("cost-line-test").matches((rise["test"][recipe["large rate"]] > 0).sum(), 5)
    off = found["path_off"][recipe["SGD"]].max(-1)
    claimed("cost-line-off").at_most(off, slack=0.01, reason=SEEDS)
    walked, straight = halfway(found, recipe["SGD"])
    claimed("cost-line-walked").matches(walked, tol=0.03, reason=SEEDS)
    claimed("cost-line-straight").matches(straight, tol=0.1, reason=SEEDS)


def halfway(found, recipe):
    """Mean loss of the run and of the line where both are half-way along it."""
    walked = [
        np.interp(0.5, part, loss)
        for part, loss in zip(found["path_part"][recipe], found["path_loss"][recipe], strict=True)
    ]
    return np.mean(walked), found["train"][recipe, :, runs.PARTS.index(0.5)].mean()
