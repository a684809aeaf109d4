"""Paths of least action, and the potential that they measure."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from descent.experiments import experiment, progress
from descent.noise_and_escape import CurvedValley, cheapest

Arrays = dict[str, np.ndarray]

PARTS = (0.1, 0.3, 0.5, 0.7, 0.9)
PROBES = ((-0.6, 0.3), (-0.8, 0.7), (-0.5, 0.9))


def _noise(part: float) -> Tensor:
    return torch.diag(torch.tensor([2 * part, 2 - 2 * part], dtype=torch.float64))


@experiment
def curved_ways(parts: Sequence[float] = PARTS, pieces: int = 240) -> Arrays:
    r"""Compute the cheapest ways over a barrier whose valley is curved.

    Args:
        parts: Parts of the noise's trace, 2, that lie along x.
        pieces: Steps of each path.

    Returns:
        `path` (parts, 121, 2): every second point; `action` (parts,); `off` (parts,): largest
        $\\abs{\\tfrac12 p^\\T Dp-\\nabla f^\\T p}$ along the path.
    """
    f = CurvedValley()
    out: dict[str, list] = {"path": [], "action": [], "off": []}
    for part in progress(parts, "cheapest ways"):
        noise = _noise(part)
        way = cheapest(f.grad, noise, f.minima[0], f.saddle, 16.0, pieces)
        middle = (way.path[1:] + way.path[:-1]) / 2
        p = way.force
        off = 0.5 * ((p @ noise) * p).sum(-1) - (f.grad(middle) * p).sum(-1)
        out["path"].append(way.path[::2].numpy())
        out["action"].append(way.action)
        out["off"].append(float(off.abs().max()))
    return {name: np.array(rows) for name, rows in out.items()}


@experiment
def local_potential(
    probes: Sequence[Sequence[float]] = PROBES, part: float = 0.9, step: float = 0.02
) -> Arrays:
    """Measure the local quasi-potential by paths, and its slope by differences.

    Args:
        probes: Places.
        part: Part of the noise's trace, 2, along x.
        step: Distance of the neighbors whose difference gives the slope.

    Returns:
        `level` (probes,), `slope` (probes, 2) by differences, `force` (probes, 2) at the end of
        the path, `descent` (probes, 2), the gradient of the loss, and `noise` (2, 2).
    """
    f, noise = CurvedValley(), _noise(part)

    def level(x: Tensor) -> float:
        return cheapest(f.grad, noise, f.minima[0], x, 12.0, 180).action

    out: dict[str, list] = {"level": [], "slope": [], "force": [], "descent": []}
    for probe in progress(probes, "local potential"):
        x = torch.tensor(probe, dtype=torch.float64)
        way = cheapest(f.grad, noise, f.minima[0], x, 12.0, 180)
        steps = step * torch.eye(2, dtype=torch.float64)
        slope = [(level(x + e) - level(x - e)) / (2 * step) for e in steps]
        # The force is known at midpoints; a straight line through the last two gives the end.
        out["level"].append(way.action)
        out["slope"].append(slope)
        out["force"].append((1.5 * way.force[-1] - 0.5 * way.force[-2]).tolist())
        out["descent"].append(f.grad(x).tolist())
    return {**{name: np.array(rows) for name, rows in out.items()}, "noise": noise.numpy()}
