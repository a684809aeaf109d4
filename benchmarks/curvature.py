"""Hessian products, eigenvalues, spectral density and full matrices against their rivals.

Run: `python benchmarks/curvature.py [--quick] [--rivals]`. With `--rivals`, PyHessian and
curvlinops are installed into an environment of their own, `.descent_cache/rivals`, which borrows
this environment's torch; they are never installed beside the project.
"""

import os
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path

import torch
from timing import ratio, save
from torch import Tensor, nn

import descent
from descent.curvature import hessian, hvp, model_operator, spectral_density, top_eigenvalues
from descent.data import Dataset, digits
from descent.networks import MLP, Empirical, cross_entropy, to_module

ROOT = Path(__file__).resolve().parents[1]
# Without their dependencies, which would bring another torch; what they need beside it is listed.
RIVALS = (
    "PyHessian==0.1",
    "curvlinops-for-pytorch==3.0.1",
    "backpack-for-pytorch==1.7.1",
    "einconv==0.1.0",
    "einops==0.8.2",
    "linear_operator==0.6.1",
    "opt-einsum==3.4.0",
    "unfoldNd==0.2.3",
)
K, ACCURACY = 5, 1e-3
LOSS = nn.functional.cross_entropy


def trained_mlp() -> tuple[Empirical, Tensor]:
    """An MLP on 500 digits after 100 steps of gradient descent."""
    f = Empirical(MLP((64, 64, 64, 10)), digits(500, 0, standardize=True), cross_entropy)
    return f, descent.run(f, descent.SGD(lr=0.5), f.network.init(0), 100, keep="last").final_x


def trained_cnn(data: Dataset) -> nn.Module:
    """A small convolutional network after 50 steps of gradient descent."""
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Unflatten(1, (1, 8, 8)),
        nn.Conv2d(1, 8, 3, padding=1),
        nn.Tanh(),
        nn.Conv2d(8, 16, 3, padding=1),
        nn.Tanh(),
        nn.AvgPool2d(2),
        nn.Flatten(),
        nn.Linear(256, 10),
    )
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    for _ in range(50):
        optimizer.zero_grad()
        LOSS(model(data.inputs), data.labels).backward()
        optimizer.step()
    return model


def models() -> dict[str, tuple[nn.Module, Dataset, Callable]]:
    """Name to module, data, and a maker of our operator."""
    f, x = trained_mlp()
    cnn = trained_cnn(f.dataset)
    return {
        "MLP 64-64-64-10": (to_module(f.network, x), f.dataset, lambda: hvp(f, x)),
        "CNN 8-16": (
            cnn,
            f.dataset,
            lambda: model_operator(cnn, LOSS, f.dataset.inputs, f.dataset.labels),
        ),
    }


# --- products ------------------------------------------------------------------------------------


def repeat(work: Callable, times: int = 10) -> Callable:
    return lambda: [work() for _ in range(times)]


def products(pairs: int) -> list[dict]:
    """Price of one product in gradients."""
    f, x = trained_mlp()
    hand, v = hvp(f, x), torch.randn_like(x)
    work = {
        ("MLP 64-64-64-10", "by hand", "by autograd"): (
            lambda: hand(v),
            lambda: descent.gradient(lambda z: f(z), x),
        ),
        ("MLP 64-64-64-10", "by hand", "by hand"): (lambda: hand(v), lambda: f.grad(x)),
    }
    for name, (model, data, _) in models().items():
        work |= module_products(name, model, data)
    rows = []
    for (model, way, gradient), (product, unit) in work.items():
        row = ratio(repeat(product), repeat(unit), pairs)
        labels = {"work": "Hv", "model": model, "way": way, "gradient": gradient}
        prices = {"price": row["ratio"], "low": row["low"], "high": row["high"]}
        rows.append(labels | prices | {"gradient_s": row["ours_s"] / 10})
    return rows


def module_products(name: str, model: nn.Module, data: Dataset) -> dict:
    """Products of a module's loss with the stored graph, and with a graph for each product."""
    params = list(model.parameters())
    operator = model_operator(model, LOSS, data.inputs, data.labels)
    v = torch.randn_like(operator.x)

    def gradient() -> tuple[Tensor, ...]:
        return torch.autograd.grad(LOSS(model(data.inputs), data.labels), params)

    def rebuilt() -> Tensor:
        return model_operator(model, LOSS, data.inputs, data.labels)(v)

    return {
        (name, "stored graph", "by autograd"): (lambda: operator(v), gradient),
        (name, "graph rebuilt each time", "by autograd"): (rebuilt, gradient),
    }


# --- eigenvalues ---------------------------------------------------------------------------------


def power_iteration(operator: Callable, dim: int, tol: float, most: int = 2000) -> list[float]:
    """The largest eigenvalues in magnitude, one after the other, each until it stops changing."""
    found, values = [], []
    for k in range(K):
        v = torch.randn(dim, generator=torch.Generator().manual_seed(k))
        value = None
        for _ in range(most):
            for u in found:
                v = v - (u @ v) * u
            v = v / v.norm()
            hv = operator(v)
            new = float(v @ hv)
            v = hv / hv.norm()
            if value is not None and abs(new - value) <= tol * abs(value):
                break
            value = new
        values.append(new)
        found.append(v)
    return values


def adequate(solve: Callable[[float], list[float]], exact: Tensor) -> tuple[float, float]:
    """Return the loosest tolerance whose values are accurate enough, and their error."""
    for exponent in range(1, 9):
        tol = 10.0**-exponent
        values = torch.tensor(sorted(solve(tol), reverse=True), dtype=torch.float64)
        error = float(((values - exact) / exact).abs().max())
        if error <= ACCURACY:
            return tol, error
    raise RuntimeError(f"no tolerance reaches a relative error of {ACCURACY}")


def ours(make: Callable) -> Callable[[float], list[float]]:
    return lambda tol: top_eigenvalues(make(), K, tol).values.tolist()


def eigenvalues(pairs: int, solvers: Callable) -> list[dict]:
    """Time to the five largest eigenvalues within a relative error of 1e-3, for every rival."""
    rows = []
    for name, (model, data, make) in models().items():
        exact = top_eigenvalues(make(), K, 1e-6).values
        tol, error = adequate(ours(make), exact)
        for rival, solve in solvers(model, data, make).items():
            rival_tol, rival_error = adequate(solve, exact)
            row = ratio(lambda s=solve, t=rival_tol: s(t), lambda m=make, t=tol: ours(m)(t), pairs)
            rows.append(
                {
                    "work": f"top {K} eigenvalues",
                    "model": name,
                    "rival": rival,
                    "error": error,
                    "rival_error": rival_error,
                    **row,
                }
            )
    return rows


def own_solvers(model: nn.Module, data: Dataset, make: Callable) -> dict[str, Callable]:
    """Power iteration on our own operator: what Lanczos is worth by itself."""
    operator = make()
    return {"power iteration": lambda tol: power_iteration(operator, len(operator.x), tol)}


def rival_solvers(model: nn.Module, data: Dataset, make: Callable) -> dict[str, Callable]:
    """PyHessian and curvlinops with scipy's eigsh, as their documentation uses them."""
    from curvlinops import HessianLinearOperator
    from pyhessian import hessian as pyhessian
    from scipy.sparse.linalg import eigsh

    batch = (data.inputs, data.labels)

    def by_pyhessian(tol: float) -> list[float]:
        torch.manual_seed(0)
        model.zero_grad()
        computer = pyhessian(model, LOSS, data=batch, cuda=False)
        return computer.eigenvalues(maxIter=2000, tol=tol, top_n=K)[0]

    def by_curvlinops(tol: float) -> list[float]:
        operator = HessianLinearOperator(
            model,
            nn.CrossEntropyLoss(),
            list(model.parameters()),
            [batch],
            check_deterministic=False,
        )
        return eigsh(
            operator.to_scipy(), k=K, which="LA", tol=tol, return_eigenvectors=False
        ).tolist()

    return {"PyHessian": by_pyhessian, "curvlinops + eigsh": by_curvlinops}


# --- spectral density and full matrices ----------------------------------------------------------


def density(pairs: int) -> list[dict]:
    """All probes together, against one product at a time."""
    f, x = trained_mlp()

    class OneByOne:
        def __init__(self):
            self.x, self.product = x, hvp(lambda z: f(z), x)

        def many(self, v: Tensor) -> Tensor:
            return torch.stack([self.product(row) for row in v])

    row = ratio(
        lambda: spectral_density(OneByOne(), probes=8, steps=30),
        lambda: spectral_density(hvp(f, x), probes=8, steps=30),
        pairs,
    )
    return [{"work": "density, 8 x 30", "model": "MLP 64-64-64-10", "rival": "one by one", **row}]


def matrices(pairs: int) -> list[dict]:
    """Full Hessians in double precision."""
    rows = []
    for sizes, n in (
        ((10, 16, 8, 4), 200),
        ((64, 4, 4, 10), 500),
        ((20, 32, 8, 4), 200),
        ((64, 12, 10), 500),
        ((16, 16, 16, 16, 10), 500),
    ):
        g = torch.Generator().manual_seed(0)
        inputs = torch.randn(n, sizes[0], generator=g, dtype=torch.float64)
        labels = torch.randint(sizes[-1], (n,), generator=g)
        f = Empirical(MLP(sizes), Dataset(inputs, labels, sizes[-1]))
        x = f.network.init(0, dtype=torch.float64)
        reference = torch.func.hessian(f)(x)
        for label, objective in (("MLP by hand", f), ("any objective", lambda z, f=f: f(z))):
            error = float((hessian(objective, x) - reference).abs().max())
            row = ratio(
                lambda f=f, x=x: torch.func.hessian(f)(x),
                lambda o=objective, x=x: hessian(o, x),
                pairs,
            )
            model = f"{'-'.join(map(str, sizes))}, P = {len(x)}, {label}"
            row = {"rival": "torch.func.hessian", "error": error, **row}
            rows.append({"work": "full Hessian", "model": model, **row})
    return rows


# --- the rivals' own environment -----------------------------------------------------------------


def rivals_python() -> Path:
    """Make an environment that sees this one's packages and holds the rivals, and name it."""
    folder = ROOT / ".descent_cache" / "rivals"
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
        here = next(p for p in map(Path, sys.path) if p.name == "site-packages")
        [there] = folder.glob("lib/python*/site-packages")
        (there / "borrowed.pth").write_text(f"{here}\n{ROOT / 'code'}\n")
        install = [python, "-m", "pip", "install", "--quiet", "--no-deps", *RIVALS]
        subprocess.run(install, check=True)
    return python


def main() -> None:
    torch.set_num_threads(1)
    pairs = 3 if "--quick" in sys.argv else 9
    if "--inside-rivals" in sys.argv:
        save("curvature_rivals", eigenvalues(pairs, rival_solvers))
        return
    rows = products(pairs) + eigenvalues(pairs, own_solvers) + density(pairs) + matrices(pairs)
    save("curvature", rows)
    if "--rivals" in sys.argv:
        options = [a for a in sys.argv[1:] if a != "--rivals"]
        command = [rivals_python(), "-W", "ignore", __file__, "--inside-rivals", *options]
        subprocess.run(command, check=True, env=os.environ | {"OMP_NUM_THREADS": "1"})


if __name__ == "__main__":
    main()
