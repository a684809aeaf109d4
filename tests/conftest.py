"""Options and fixtures that every test shares."""

import os

import pytest
import torch

from descent import pick_device

torch.set_num_threads(1)


def pytest_addoption(parser):
    parser.addoption("--device", default=None, help="device of the tests: cpu, cuda, cuda:0, ...")
    parser.addoption("--dtype", default="float64", choices=("float32", "float64"))


@pytest.fixture(scope="session")
def device(request):
    """The device under test: --device, else DESCENT_DEVICE, else the CPU."""
    name = request.config.getoption("--device")
    if name:
        os.environ["DESCENT_DEVICE"] = name
    if name or os.environ.get("DESCENT_DEVICE"):
        return pick_device()
    return torch.device("cpu")


@pytest.fixture(scope="session")
def dtype(request):
    """The floating-point type under test."""
    return getattr(torch, request.config.getoption("--dtype"))


@pytest.fixture
def rtol(dtype):
    """Relative accuracy to expect of identities in the type under test."""
    return 1e-10 if dtype == torch.float64 else 1e-4


@pytest.fixture
def generator():
    """A seeded source of random numbers, on the CPU."""
    return torch.Generator().manual_seed(0)
