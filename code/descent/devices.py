"""The device of a lab, test or benchmark; the package itself follows the tensors it is given."""

import os

import torch


def pick_device(*, float64: bool = True) -> torch.device:
    """Choose a device: `DESCENT_DEVICE` if set, else CUDA, else MPS, else the CPU.

    Args:
        float64: Whether the computation needs double precision, which Apple's MPS lacks.

    Returns:
        The device.

    Raises:
        ValueError: If `DESCENT_DEVICE` names a device that is unknown or not present.
    """
    here = ["cpu"]
    if torch.backends.mps.is_available() and not float64:
        here.insert(0, "mps")
    if torch.cuda.is_available():
        here[:0] = ["cuda", *(f"cuda:{i}" for i in range(torch.cuda.device_count()))]
    wanted = os.environ.get("DESCENT_DEVICE", "").strip().lower()
    if wanted and wanted not in here:
        raise ValueError(
            f"DESCENT_DEVICE is {wanted!r}; on this machine it may be one of {', '.join(here)}"
        )
    return torch.device(wanted or here[0])
