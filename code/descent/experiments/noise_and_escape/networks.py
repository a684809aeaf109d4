"""Networks whose layers are counted, bin by bin, while they train."""

from collections.abc import Sequence

import numpy as np

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
        `kept` and `label` (kinds, sizes, seeds, counts, layers), in bits; `accuracy` (kinds, sizes,
        seeds, counts).
    """
    data = symmetric_rule()
    counts = steps // every + 1
    shape = (len(kinds), len(sizes), len(seeds), counts)
    kept, label = np.zeros((*shape, 5)), np.zeros((*shape, 5))
    accuracy = np.zeros(shape)
    for i, kind in enumerate(kinds):
        network = MLP(WIDTHS, kind)
        f = Empirical(network, data)
        for j, size in enumerate(sizes):
            oracle = watched(minibatch(size) if size else gradient, steps, f"{kind}, {size}")
            x = run(f, Adam(2e-3), network.init(list(seeds)), steps, oracle=oracle,
                    keep=every, watch=False).x  # fmt: skip
            for k, row in enumerate(x):
                accuracy[i, j, :, k] = f.accuracy(row)
                for n, layer in enumerate(layers(network, row, data.inputs)):
                    for s, outputs in enumerate(layer):
                        # tanh has a range; a ReLU layer gets one that holds its largest output.
                        top = 1.0 if kind == "tanh" else float(outputs.max()) + 1e-6
                        span = (-1.0 if kind == "tanh" else 0.0, top)
                        places = binned(outputs, 30 if kind == "tanh" else 100, span)
                        kept[i, j, s, k, n] = entropy_bits(places)
                        label[i, j, s, k, n] = label_bits(places, data.labels)
    return {"kept": kept, "label": label, "accuracy": accuracy}
