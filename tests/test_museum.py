"""Every bug of the museum is killed by the law that stands beside it."""

import pytest
import torch

from descent import museum
from descent.museum import EXHIBITS, Exhibit, museum_table


@pytest.mark.parametrize("exhibit", EXHIBITS, ids=lambda e: e.bug)
def test_the_law_holds_for_the_healthy_rule(exhibit):
    exhibit.law(exhibit.healthy)


@pytest.mark.parametrize("exhibit", EXHIBITS, ids=lambda e: e.bug)
def test_the_law_kills_the_mutant(exhibit):
    with pytest.raises(AssertionError):
        exhibit.law(exhibit.mutant)


def test_the_page_lists_every_bug():
    table = museum_table()
    assert all(e.bug in table and e.law.__name__ in table.replace("<wbr>", "") for e in EXHIBITS)


def test_a_survivor_stops_the_page(monkeypatch):
    good = EXHIBITS[0]
    survivor = Exhibit("x", "y", good.healthy, good.healthy, good.law)
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
