"""Kernels of infinite width against `neural-tangents`, and of finite width against torch.func.

Run: `python benchmarks/kernels.py [--quick]`. The rival, with the version of jax that it needs, is
installed into an environment of its own, `.descent_cache/rivals_kernels`, which borrows this
environment's torch; it is never installed beside the project. Every row holds the ratio of the
times and the largest relative difference of the results.
"""

import os
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from timing import ratio, save
from torch import Tensor, nn

from descent.data import digits
from descent.implicit_bias import conv_kernels, layer_kernels, relu_kernels, tangent_kernel
from descent.networks import MLP, to_module

ROOT = Path(__file__).resolve().parents[1]
RIVAL = ("neural-tangents==0.6.5", "jax==0.4.30", "jaxlib==0.4.30")


def compare(work: str, rival: Callable, ours: Callable, pairs: int, **labels: object) -> dict:
    """Time both ways and measure how far their results are apart."""
    a, b = np.asarray(rival(), dtype=np.float64), np.asarray(ours(), dtype=np.float64)
    error = float(np.abs(a - b).max() / np.abs(a).max())
    return {"work": work, **labels, "error": error, **ratio(rival, ours, pairs)}


# --- infinite width ------------------------------------------------------------------------------


def rival_kernel(layers: list, x: Tensor) -> Callable:
    """Return a compiled call of the rival's tangent kernel."""
    import jax
    from neural_tangents import stax

    kernel = jax.jit(stax.serial(*layers)[2], static_argnames="get")
    data = jax.numpy.asarray(x.numpy())
    return lambda: np.asarray(kernel(data, None, get="ntk"))


def dense_layers(d: int, depth: int) -> list:
    """Our scale: the first layer without a factor, then the root of 2 over the width."""
    from neural_tangents import stax

    layers = [stax.Dense(1, W_std=d**0.5)]
    for _ in range(depth):
        layers += [stax.Relu(), stax.Dense(1, W_std=2**0.5)]
    return layers


def conv_layers(depth: int, positions: int, pooling: bool) -> list:
    """The same for filters of 3 × 3."""
    from neural_tangents import stax

    layers = [stax.Conv(1, (3, 3), padding="SAME", W_std=3.0), stax.Relu()]
    for _ in range(depth - 1):
        layers += [stax.Conv(1, (3, 3), padding="SAME", W_std=2**0.5), stax.Relu()]
    if pooling:
        return [*layers, stax.GlobalAvgPool(), stax.Dense(1, W_std=(2 / 9) ** 0.5)]
    return [*layers, stax.Flatten(), stax.Dense(1, W_std=(2 * positions / 9) ** 0.5)]


def infinite(pairs: int) -> list[dict]:
    """Kernels of infinite width, both packages in the same precision."""
    x = digits(dtype=torch.float64).inputs
    rows = []
    for dtype in (torch.float64, torch.float32):
        name = str(dtype).removeprefix("torch.")
        u = x.to(dtype)
        rows.append(
            compare(
                "dense, depth 10",
                rival_kernel(dense_layers(64, 10), u),
                lambda u=u: relu_kernels(u, depth=10).ntk,
                pairs,
                examples=len(u),
                dtype=name,
            )
        )
        for pooling, n in ((False, 500), (True, 24)):
            images = u[:n].view(-1, 1, 8, 8)
            layers = conv_layers(3, 64, pooling)
            rows.append(
                compare(
                    "convolutional, depth 3",
                    rival_kernel(layers, images.permute(0, 2, 3, 1).contiguous()),
                    lambda i=images, p=pooling: conv_kernels(i, depth=3, pooling=p).ntk,
                    pairs,
                    pooling=pooling,
                    examples=n,
                    dtype=name,
                )
            )
            pair_layers = 3 * n * (n + 1) / 2
            rows[-1]["ours_us_per_pair_and_layer"] = rows[-1]["ours_s"] / pair_layers * 1e6
    return rows


# --- finite width --------------------------------------------------------------------------------


def by_torch_func(module: nn.Module, inputs: Tensor) -> Tensor:
    """Contract full Jacobians, as the tutorial of torch.func does."""
    params = {name: p.detach() for name, p in module.named_parameters()}

    def one(values: dict[str, Tensor], example: Tensor) -> Tensor:
        return torch.func.functional_call(module, values, (example[None],))[0]

    with torch.no_grad():
        jacobian = torch.vmap(torch.func.jacrev(one), (None, 0))(params, inputs)
        flat = [j.flatten(2) for j in jacobian.values()]
        return sum(torch.einsum("Naf,Mbf->NaMb", j, j) for j in flat)


def finite(pairs: int) -> list[dict]:
    """Tangent kernels of a network with one output."""
    network = MLP((64, 256, 256, 1), "relu")
    x, inputs = network.init(0), digits(500, 0).inputs
    module = to_module(network, x)
    ways = {
        "layer by layer": lambda: layer_kernels(network, x, inputs).sum((0, 1)),
        "any module": lambda: tangent_kernel(module, inputs)[:, 0, :, 0],
    }
    return [
        compare(
            f"64-256-256-1, {way}",
            lambda: by_torch_func(module, inputs)[:, 0, :, 0],
            ours,
            pairs,
            examples=len(inputs),
            dtype="float32",
        )
        for way, ours in ways.items()
    ]


# --- the rival's own environment -----------------------------------------------------------------


def rivals_python() -> Path:
    """Make an environment that holds the rival and sees this one's packages behind it."""
    folder = ROOT / ".descent_cache" / "rivals_kernels"
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *RIVAL], check=True)
    here = next(p for p in map(Path, sys.path) if p.name == "site-packages")
    [there] = folder.glob("lib/python*/site-packages")
    (there / "borrowed.pth").write_text(f"{here}\n{ROOT / 'code'}\n")
    return python


def main() -> None:
    torch.set_num_threads(1)
    pairs = 1 if "--quick" in sys.argv else 5
    if "--inside-rivals" in sys.argv:
        import jax

        jax.config.update("jax_enable_x64", True)
        save("kernels", infinite(pairs) + finite(pairs))
        return
    command = [rivals_python(), "-W", "ignore", __file__, "--inside-rivals", *sys.argv[1:]]
    subprocess.run(command, check=True, env=os.environ | {"OMP_NUM_THREADS": "1"})


if __name__ == "__main__":
    main()
