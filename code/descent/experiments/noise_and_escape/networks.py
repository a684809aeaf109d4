"""Networks whose layers are counted, bin by bin, while they train."""

from collections.abc import Sequence

import numpy as np
from torch import Tensor

from descent.core import run
from descent.experiments import experiment, watched
from descent.networks import MLP, Empirical
from descent.noise_and_escape import binned, entropy_bits, label_bits, layers, symmetric_rule
from descent.optimizers import Adam
from descent.oracles import gradient, minibatch

Arrays = dict[str, np.ndarray]

WIDTHS = (12, 10, 7, 5, 4, 3, 2)
KINDS = ("tanh", "relu")
SIZES = (0, 256)
SEEDS = (0, 1, 2)


@experiment
def compression(
    kinds: Sequence[str] = KINDS,
    sizes: Sequence[int] = SIZES,
    seeds: Sequence[int] = SEEDS,
    steps: int = 2000,
    every: int = 50,
) -> Arrays:
    """Train on all inputs of 12 bits, and count what each layer keeps.

    Args:
        kinds: Activations.
        sizes: Batch sizes; 0 stands for all examples, without noise.
        seeds: Seeds of the weights.
        steps: Steps of Adam with learning rate 0.002.
        every: Distance between two counts.

    Returns:
        `kept` and `label` (kinds, sizes, seeds, counts, layers), in bits, with bins that stay the
        same during training; `moving` (kinds, sizes, seeds, counts, layers), in bits, with bins
        that reach to the largest output of the moment; `accuracy` (kinds, sizes, seeds, counts).
    """
    data = symmetric_rule()
    shape = (len(kinds), len(sizes), len(seeds), steps // every + 1)
    out = {name: np.zeros((*shape, 5)) for name in ("kept", "label", "moving")}
    out["accuracy"] = np.zeros(shape)
    for i, kind in enumerate(kinds):
        network = MLP(WIDTHS, kind)
        f = Empirical(network, data)
        for j, size in enumerate(sizes):
            oracle = watched(minibatch(size) if size else gradient, steps, f"{kind}, {size}")
            x = run(f, Adam(2e-3), network.init(list(seeds)), steps, oracle=oracle,
                    keep=every, watch=False).x  # fmt: skip
            out["accuracy"][i, j] = f.accuracy(x).T.numpy()
            for n, outputs in enumerate(layers(network, x, data.inputs)):
                for s in range(len(seeds)):
                    rows = _counts(outputs[:, s], data.labels, kind)
                    for name, values in zip(("kept", "label", "moving"), rows, strict=True):
                        out[name][i, j, s, :, n] = values
    return out


def _counts(outputs: Tensor, labels: Tensor, kind: str) -> tuple[list[float], ...]:
    """Bits about input and label with fixed bins, and about the input with moving bins."""
    bins, low = (30, -1.0) if kind == "tanh" else (100, 0.0)
    # tanh has a range; a ReLU layer gets one that holds its largest output of the whole run.
    top = 1.0 if kind == "tanh" else float(outputs.max()) + 1e-6
    kept, label, moving = [], [], []
    for layer in outputs:
        places = binned(layer, bins, (low, top))
        kept.append(float(entropy_bits(places)))
        label.append(float(label_bits(places, labels)))
        reach = float(layer.abs().max()) + 1e-6
        moving.append(float(entropy_bits(binned(layer, bins, (low * reach, reach)))))
    return kept, label, moving
