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


def pytest_collection_modifyitems(items):
    """Keep the tests of one page together, and those of one file: each group shares its work.

    Under xdist a group runs on one worker. A page of the book is opened there once for all the
    tests that only look at it, whatever their file.
    """
    groups: dict[str, int] = {}
    for item in items:
        params = item.callspec.params if hasattr(item, "callspec") else {}
        name = params.get("path") if "browser" in getattr(item, "fixturenames", ()) else None
        name = name or item.location[0]
        item.add_marker(pytest.mark.xdist_group(name))
        groups.setdefault(name, len(groups))
    items.sort(key=lambda item: groups[item.get_closest_marker("xdist_group").args[0]])
