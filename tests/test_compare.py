"""The comparison is fair: equal budgets, held-out seeds, verdicts that depend on the budget."""

import pytest
import torch

from descent import SGD, Adam, HeavyBall, run, sharpness_aware
from descent.compare import Method, Outcome, compare
from descent.experiments.compare import METHODS, digits_outcome

F64 = torch.float64


def bowl(x):
    return 0.5 * (torch.tensor([1.0, 100.0], dtype=x.dtype) * x**2).sum(-1)


PLAIN = Method("plain", SGD, {"lr": (1e-4, 1.0)})
BALL = Method("ball", lambda lr: HeavyBall(lr, 0.9), {"lr": (1e-4, 1.0)})
STARTS = torch.tensor([[1.0, 1.0], [2.0, -1.0], [-1.0, 0.5]], dtype=F64)


def outcome(tune, held):
    """An outcome with given final losses, (methods, trials) each."""
    last = torch.stack([torch.tensor(tune), torch.tensor(held)], -1)[:, None]
    names = tuple(f"m{i}" for i in range(len(tune)))
    loss = torch.cat([torch.full_like(last, 9.0), last], 1)
    return Outcome(names, ({},) * len(tune), torch.tensor([0, 10]), loss, tuning=1)


def test_an_ensemble_equals_runs_made_alone():
    found = compare(bowl, [PLAIN, BALL], STARTS, 40, trials=5, tuning=1)
    assert found.loss.shape == (2, 5, 5, 3)
    assert found.step.tolist() == [0, 10, 20, 30, 40]
    for m, (method, hypers) in enumerate(zip([PLAIN, BALL], found.hypers, strict=True)):
        for i, lr in enumerate(hypers["lr"].tolist()):
            for j, x0 in enumerate(STARTS):
                alone = run(bowl, method.make(lr), x0, 40, keep=10).loss
                torch.testing.assert_close(found.loss[m, :, i, j], alone)


def test_settings_are_spread_over_the_stated_range_and_continue():
    lr = PLAIN.draw(400)["lr"]
    assert 1e-4 <= lr.min() < 2e-4 and 0.5 < lr.max() <= 1.0
    assert abs(float(lr.log10().mean()) + 2) < 0.15
    assert torch.equal(PLAIN.draw(7)["lr"], lr[:7])


def test_momentum_wins_where_it_should_and_on_seeds_that_did_not_choose():
    found = compare(bowl, [PLAIN, BALL], STARTS, 200, trials=24, tuning=1)
    assert found.winners()[-1] == "ball"
    assert found.curves().shape == (2, 21, 2)
    fast = found.time_to(1e-2)
    assert (fast[1] < fast[0]).all()
    assert torch.isinf(found.time_to(-1.0)).all()


def test_units_of_one_method_do_not_matter():
    scaled = Method("ball", lambda lr: HeavyBall(lr / 1000, 0.9), {"lr": (1e-1, 1e3)})
    one = compare(bowl, [PLAIN, BALL], STARTS, 50, trials=12, tuning=1)
    two = compare(bowl, [PLAIN, scaled], STARTS, 50, trials=12, tuning=1)
    assert one.winners() == two.winners()
    torch.testing.assert_close(one.curves(), two.curves())


def test_the_choice_never_sees_the_reported_seeds():
    found = outcome([[1.0, 2.0, 3.0]], [[30.0, 20.0, 10.0]])
    assert found.chosen().tolist() == [0]
    assert found.curves()[0, -1].tolist() == [30.0]
    assert found.by_budget()[0, :, -1].unique().tolist() == [30.0]


def test_a_ranking_flips_with_the_budget():
    """One method works at most settings; the other is better at a single one."""
    steady, picky = [3.0] * 9, [9.0] * 8 + [1.0]
    found = outcome([steady, picky], [steady, picky])
    names = found.winners()
    assert names[0] == "m0" and names[-1] == "m1"


def test_more_budget_never_hurts_the_tuning_loss():
    g = torch.Generator().manual_seed(0)
    tune = torch.rand(3, 8, generator=g)
    found = outcome(tune.tolist(), tune.tolist())
    budget = found.by_budget(50)
    assert (budget.diff(dim=-1) <= 0).all()
    torch.testing.assert_close(budget[..., -1], tune.amin(1)[:, None].expand(3, 50))


def test_two_gradients_a_step_halve_the_steps():
    sam = Method("sam", SGD, {"lr": (1e-4, 1e-2)}, lambda o: sharpness_aware(0.1, o), gradients=2)
    found = compare(bowl, [sam], STARTS, 40, trials=2, tuning=1)
    lr = float(found.hypers[0]["lr"][0])
    alone = run(bowl, SGD(lr), STARTS[0], 20, oracle=sharpness_aware(0.1), keep=5).loss
    torch.testing.assert_close(found.loss[0, :, 0, 0], alone)


def test_a_short_comparison_on_digits():
    found = digits_outcome(trials=3, seeds=2, tuning=1, gradients=40)
    assert found.loss.shape == (len(METHODS), 3, 3, 2)
    assert (found.curves()[:, -1] < found.curves()[:, 0]).any()
    assert set(found.winners()) <= {m.name for m in METHODS}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Method("x", SGD, {"lr": (0.0, 1.0)}), r"ranges\['lr'\] is \(0.0, 1.0\)"),
        (lambda: Method("x", SGD, {"lr": (2.0, 1.0)}), "0 < low < high"),
        (lambda: compare(bowl, [PLAIN], STARTS, 10, trials=1, tuning=3), "tuning is 3"),
        (lambda: compare(bowl, [PLAIN, PLAIN], STARTS, 10, trials=1, tuning=1), "must differ"),
        (lambda: compare(bowl, [PLAIN], STARTS, 15, trials=1, tuning=1), "gradients is 15"),
        (lambda: compare(bowl, [PLAIN], STARTS, 10, trials=0, tuning=1), "trials is 0"),
        (lambda: Method("x", Adam, {}, gradients=0), "gradients is 0"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
