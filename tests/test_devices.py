"""Which device is chosen, and what an unknown one says."""

import pytest
import torch

from descent import pick_device


def test_environment_decides(monkeypatch):
    monkeypatch.setenv("DESCENT_DEVICE", "CPU")
    assert pick_device() == torch.device("cpu")


def test_without_a_wish_the_first_present_device_is_taken(monkeypatch):
    monkeypatch.delenv("DESCENT_DEVICE", raising=False)
    assert pick_device().type == ("cuda" if torch.cuda.is_available() else "cpu")


def test_unknown_device_is_named_with_what_is_there(monkeypatch):
    monkeypatch.setenv("DESCENT_DEVICE", "abacus")
    with pytest.raises(ValueError, match="DESCENT_DEVICE is 'abacus'; on this machine it may be"):
        pick_device()
