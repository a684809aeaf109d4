"""Every bug of the museum is killed by the law that stands beside it."""

import pytest
import torch

from descent import museum
from descent.explore.gallery.museum import bugs
from descent.museum import EXHIBITS, TRIALS, Exhibit, museum_table


@pytest.mark.parametrize("exhibit", EXHIBITS, ids=lambda e: e.bug)
def test_the_law_holds_for_the_healthy_rule(exhibit):
    exhibit.law(exhibit.healthy)


@pytest.mark.parametrize("exhibit", EXHIBITS, ids=lambda e: e.bug)
def test_the_law_kills_the_mutant(exhibit):
    with pytest.raises(AssertionError):
        exhibit.law(exhibit.mutant)


@pytest.mark.parametrize("exhibit", [e for e in EXHIBITS if e.name in TRIALS], ids=lambda e: e.bug)
def test_a_trial_shows_what_the_law_says(exhibit):
    trial = TRIALS[exhibit.name]
    healthy, sick = trial.run(exhibit.healthy), trial.run(exhibit.mutant)
    assert healthy["x"].isfinite().all() and healthy["x"][0] == sick["x"][0] == 1
    assert not trial.broken(healthy["seen"])
    assert trial.broken(sick["seen"])


def test_every_bug_of_a_rule_has_a_trial_and_a_name_of_its_own():
    rules = [e.name for e in EXHIBITS if hasattr(e.healthy, "update")]
    assert sorted(rules) == sorted(TRIALS)
    assert len({e.name for e in EXHIBITS}) == len(EXHIBITS)


def test_the_figure_shows_all_of_them():
    figure = bugs()
    for k, exhibit in enumerate(e for e in EXHIBITS if e.name in TRIALS):
        text = figure.evaluate(bug=k)["text"]
        assert text["what it looks at"] == TRIALS[exhibit.name].what
        assert int(float(text["the bug breaks it at step"])) > 0


def test_the_page_lists_every_bug():
    table = museum_table()
    assert all(e.bug in table and e.law.__name__ in table.replace("<wbr>", "") for e in EXHIBITS)


def test_a_survivor_stops_the_page(monkeypatch):
    good = EXHIBITS[0]
    survivor = Exhibit("w", "x", "y", good.healthy, good.healthy, good.law)
    monkeypatch.setattr(museum, "EXHIBITS", [survivor])
    with pytest.raises(AssertionError, match="does not see"):
        museum_table()


def test_the_centered_bug_lives_in_the_wild():
    """torch.optim.RMSprop(centered=True) on a constant gradient, in float64."""
    broken = []
    for g in (0.1, 0.3, 0.7, 1.1, 1.3):
        p = torch.nn.Parameter(torch.ones(1, dtype=torch.float64))
        optimizer = torch.optim.RMSprop([p], lr=1e-3, alpha=0.9, centered=True)
        for _ in range(1000):
            p.grad = torch.full_like(p, g)
            optimizer.step()
        broken.append(bool(p.isnan()))
    assert any(broken)
