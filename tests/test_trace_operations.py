"""Every traced operation equals torch's, forward and backward, in torch and in JavaScript."""

import itertools
import math
import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from descent.trace import UnsupportedOperation, trace
from descent.trace.scalars import BOOL, DTYPES, FLOAT, INT, SCALARS
from scripts import javascript

OUTER = torch.tensor([[1.0, 0.5], [-0.25, 2.0]], dtype=torch.float64)

# Functions of a point (2,), smooth or not at the points tested.
OPERATIONS = {
    "arithmetic": lambda x: (2 - x) * x / (x + 3) - (-x) + 1 / (x - 5),
    "powers": lambda x: x**2 + x**3 + x**5 + x**8 + (x + 3) ** -2 + x**0,
    "real power": lambda x: x.abs() ** 1.5 + (x.abs() + 1) ** -0.5 + x.abs() ** 0.5,
    "power of tensors": lambda x: x.abs() ** x + 2.0**x,
    "roots": lambda x: torch.sqrt(x.abs()) + torch.rsqrt(x * x + 1) + (x + 4).reciprocal(),
    "exponential": lambda x: torch.exp(x) + torch.expm1(x) + torch.exp2(x),
    "logarithm": lambda x: torch.log(x.abs()) + torch.log1p(x * x) + torch.log2(x * x + 1),
    "circular": lambda x: torch.sin(x) * torch.cos(x) + torch.tan(x) + torch.atan(x),
    "inverse": lambda x: torch.asin(x / 9) + torch.acos(x / 9) + torch.atan2(x, x.flip(0)),
    "inverse hyperbolic": lambda x: torch.asinh(x) + torch.acosh(x + 4) + torch.atanh(x / 9),
    "error function": lambda x: torch.erf(x) + torch.erfc(2 * x) + torch.special.ndtr(x),
    "gelu": lambda x: F.gelu(x) + F.gelu(x, approximate="tanh") + F.mish(x),
    "which is largest": lambda x: x.argmax() * x + x.argmin() * x**2 + x.max(0).indices * x**3,
    "largest of rows": lambda x: (
        (OUTER * x).detach().max(1).values * x + x.argmax(0, keepdim=True) * x
    ),
    "fractions": lambda x: torch.frac(x) + x.div(0.3, rounding_mode="floor") + x.detach() // 0.7,
    "quotients": lambda x: x.div(0.3, rounding_mode="trunc") * x + torch.xlogy(x.abs(), x.abs()),
    "bounds": lambda x: x.clamp_min(0.1) * x.clamp_max(0.2) + F.normalize(x, dim=0),
    "similarity": lambda x: F.cosine_similarity(x, x + 1, 0) + torch.vdot(x, x) + x,
    "moments": lambda x: sum(torch.var_mean(x)) * x,
    "clearing": lambda x: x.clone().zero_() + torch.deg2rad(x),
    "hyperbolic": lambda x: torch.tanh(x) + torch.sinh(x) / torch.cosh(x),
    "rounding": lambda x: torch.floor(x) + torch.ceil(3 * x) - torch.trunc(2 * x),
    "remainder": lambda x: torch.remainder(x, 0.3) + torch.fmod(x, 0.7),
    "signs": lambda x: torch.sign(x) * x.abs() + torch.relu(x) + x.neg(),
    "comparisons": lambda x: (x > 0.1) * x + (x <= x.flip(0)) * x**2 + (x != 0.25).double(),
    "logic": lambda x: torch.where((x > 0) & ~(x > 1) | (x == 0.5), x * 3, -x),
    "exclusive or": lambda x: torch.logical_xor(x > 0, x.flip(0) > 1) * x,
    "finite": lambda x: torch.isfinite(x) * x + torch.nan_to_num(x) + torch.isnan(x) * x,
    "infinite": lambda x: torch.isinf(x / (x - x)) * x + (x / 0 > 0) * x,
    "clamp": lambda x: x.clamp(-0.2, 0.4) + x.clamp(min=0.1) + x.clamp(max=x.flip(0)),
    "extremes": lambda x: torch.minimum(x, x.flip(0)) + torch.maximum(x, 0 * x) + x.amax(),
    "min and max": lambda x: x.max() - x.min() + torch.amin(x, 0),
    "where": lambda x: torch.where(x > 0, x, 0.0) + x.masked_fill(x > 0.2, 7.0),
    "sigmoid": lambda x: torch.sigmoid(x) + F.logsigmoid(x) + torch.logit(torch.sigmoid(x)),
    "softplus": lambda x: F.softplus(x) + F.softplus(x, beta=3.0, threshold=1.0),
    "softmax": lambda x: torch.softmax(x, 0) + torch.log_softmax(x, 0) + torch.logsumexp(x, 0),
    "activations": lambda x: F.silu(x) + F.elu(x) + F.leaky_relu(x) + F.relu6(x),
    "losses": lambda x: F.mse_loss(x, x**2) + F.huber_loss(x, 0 * x) + F.smooth_l1_loss(x, 2 * x),
    "cross entropy": lambda x: F.cross_entropy(x[None], torch.tensor([1])),
    "sums": lambda x: x.sum() + x.mean() + x.prod() + (x[:, None] * x).sum(0).mean(-1),
    "norms": lambda x: x.norm() + x.norm(1) + torch.linalg.vector_norm(x, math.inf) + x.norm(3),
    "spread": lambda x: x.var() + x.std(correction=0) + torch.cumsum(x, 0),
    "counting": lambda x: (x > 0).sum() * x + (x > 0).any() + (x > 0).all() * x,
    "products": lambda x: torch.dot(x, x) + OUTER @ x + x @ OUTER + torch.outer(x, x).sum(),
    "einsum": lambda x: torch.einsum("ij,...j->...i", OUTER, torch.stack([x, x**2])).sum(0),
    "matrices": lambda x: torch.outer(x, x) @ OUTER @ x + torch.addmm(OUTER, OUTER, x * OUTER)[0],
    "batched": lambda x: torch.bmm(x.view(1, 1, 2), x.view(1, 2, 1)).flatten() + x,
    "shapes": lambda x: x.reshape(2, 1).T.expand(3, 2).permute(1, 0).transpose(0, 1)[2].squeeze(),
    "joining": lambda x: torch.cat([x, torch.stack([x[0], x[1] ** 2])]).view(2, 2).sum(0),
    "slicing": lambda x: x[1:] * x[:1] + x[..., 0] * x.unbind(-1)[1] + x.flip(0)[::2],
    "splitting": lambda x: x.repeat(3).split([1, 2, 3])[2][:2] + x.chunk(2)[0],
    "indexing": lambda x: x[torch.tensor([1, 0, 1])][1:] * x[torch.tensor([True, False])],
    "gathering": lambda x: x.gather(0, torch.tensor([1, 1])) + x.index_select(0, torch.tensor([0])),
    "padding": lambda x: F.pad(x, (1, 2))[1:3] * F.pad(x, (0, 1), value=2.0)[1:] + x.roll(1),
    "diagonals": lambda x: torch.diag(x).diagonal() * torch.diag_embed(x)[1] + OUTER.trace() * x,
    "triangles": lambda x: torch.tril(torch.outer(x, x)).sum(0) - torch.triu(x * OUTER)[0],
    "constants": lambda x: torch.linspace(0, 1, 2) * x + torch.arange(2) + torch.eye(2)[0] * x,
    "like": lambda x: torch.zeros_like(x) + torch.full_like(x, 2) * torch.ones_like(x) * x,
    "interpolation": lambda x: torch.lerp(x, x**2, 0.3) + torch.addcdiv(x, x, x + 9, value=2.0),
    "functions of two": lambda x: torch.hypot(x, x + 1) + torch.logaddexp(x, 2 * x),
    "func": lambda x: torch.func.grad(lambda a: (a**4).sum())(x) + torch.vmap(torch.sin)(x),
    "second order": lambda x: torch.autograd.functional.hessian(lambda a: (a**4).sum(), x)[0] * x,
    "assembly": lambda x: torch.kron(x, x)[1:3] + torch.meshgrid(x, x, indexing="ij")[0][0],
}
POINTS = [(0.3, -0.7), (1.25, 0.5), (-2.0, 3.0)]


def with_gradient(fn):
    """The function and the gradient of its sum, the way an optimizer step is traced."""

    def both(x: Tensor) -> dict[str, Tensor]:
        with torch.enable_grad():
            y = x.detach().requires_grad_()
            value = fn(y)
            if not value.requires_grad:
                return {"value": value}
            weights = torch.arange(1, value.numel() + 1).reshape(value.shape)
            [g] = torch.autograd.grad((weights * value).sum(), y, allow_unused=True)
        return {"value": value.detach()} | ({} if g is None else {"grad": g})

    return both


@pytest.mark.parametrize("name", OPERATIONS)
def test_operation_equals_torch(name):
    fn = with_gradient(OPERATIONS[name])
    program = trace(fn, {"x": torch.ones(2)})
    size = sum(math.prod(s) for s in program.output_shapes.values())
    script = javascript(program.javascript("f"), "f(input, out)", size)
    for point in POINTS:
        x = torch.tensor(point, dtype=torch.float64)
        want = torch.cat([v.double().flatten() for v in fn(x).values()])
        mine = torch.cat([v.flatten() for v in program(x=x).values()])
        torch.testing.assert_close(mine, want, rtol=1e-12, atol=1e-14, equal_nan=True)
        assert_close = torch.testing.assert_close
        assert_close(script(point), want, rtol=1e-12, atol=1e-14, equal_nan=True)


def writes_in_place(x):
    table = torch.zeros(3, 2, dtype=torch.float64)
    table[1] = x
    table[2, 0] += 2 * x[1]
    turned = table.T
    turned[0] *= 3
    return {"table": table, "turned": turned.clone()}


def test_writing_through_views_reaches_the_base():
    program = trace(writes_in_place, {"x": torch.ones(2)})
    x = torch.tensor([0.3, -0.7], dtype=torch.float64)
    for name, value in writes_in_place(x).items():
        assert torch.equal(program(x=x)[name], value)


REFUSED = {
    "aten.erfinv.default": lambda x: torch.special.erfinv(x),
    "aten.topk.default": lambda x: x.topk(1).values,
    "aten.sort.default": lambda x: x.sort().values,
    "aten._linalg_eigh.default": lambda x: torch.linalg.eigvalsh(torch.diag(x)),
    "aten.randn.default": lambda x: x + torch.randn(2),
    "aten.bernoulli.p": lambda x: x * torch.bernoulli(x, 0.5),
    "aten._to_copy.default": lambda x: x.float() * 2,
    "aten._local_scalar_dense.default": lambda x: x if x[0] > 0 else -x,
    "aten.index.Tensor": lambda x: x[(x > 0).long()],
    "output 'y'": lambda x: x * float(x.detach().numpy()[0]),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusal_names_the_operation_and_the_line(name):
    with pytest.raises(UnsupportedOperation, match=name.replace(".", r"\.")) as caught:
        trace(lambda x: {"y": REFUSED[name](x)}, {"x": torch.ones(2)})
    assert caught.value.name == name
    assert "test_trace_operations.py" in str(caught.value)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # from torch's own forward mode
def test_forward_mode_is_refused():
    with pytest.raises(UnsupportedOperation, match="use reverse mode"):
        trace(lambda x: {"y": torch.func.hessian(lambda a: (a**3).sum())(x)}, {"x": torch.ones(2)})


def test_a_program_too_large_is_refused():
    with pytest.raises(UnsupportedOperation, match="scalars"):
        trace(lambda x: {"y": torch.linalg.matrix_power(x, 9)}, {"x": torch.ones(40, 40)})


VALUES = {
    FLOAT: [0.0, -0.0, 0.5, -0.75, 1.0, 3.0, -2.5, 1e300, -1e300, math.inf, -math.inf, math.nan],
    INT: [0, 1, -1, 7, 2**31 - 1, -(2**31), 0x5BD1E995, -123456789],
    BOOL: [False, True],
}
# Kinds of arguments where they are not all those of the result.
ARGUMENTS = {
    **{op: [FLOAT, FLOAT] for op in ("lt", "le", "gt", "ge", "eq", "ne")},
    "select": [BOOL, FLOAT, FLOAT],
    "float_of_bool": [BOOL],
    "float_of_int": [INT],
    "int_of_float": [FLOAT],
}


@pytest.mark.parametrize("op", SCALARS)
def test_single_numbers_are_computed_as_tensors_are(op):
    row = SCALARS[op]
    count = 1 + max(int(i) for i in re.findall(r"\{(\d)\}", row.javascript) or ["1"])
    kinds = ARGUMENTS.get(op, [row.kind] * count)
    points = [list(VALUES[kind]) for kind in kinds]
    if op == "int_of_float":  # beyond 32 bits the processor decides
        points = [[x for x in VALUES[FLOAT] if abs(x) < 2**31]]
    if op in ("int_shl", "int_shr"):
        points[1] = [0, 1, 7, 31]
    with np.errstate(all="ignore"):
        for args in itertools.product(*points):
            tensors = [torch.tensor(a, dtype=DTYPES[k]) for a, k in zip(args, kinds, strict=True)]
            wanted = row.torch(*tensors)
            found = row.numpy(*(t.numpy()[()] for t in tensors))
            assert torch.as_tensor(found).dtype == wanted.dtype == DTYPES[row.kind], args
            assert found == pytest.approx(wanted.item(), rel=1e-14, abs=0, nan_ok=True), args


def test_a_program_computes_the_same_with_and_without_a_batch():
    def cell(x: Tensor, k: Tensor) -> dict[str, Tensor]:
        z = torch.tanh(x * k) + torch.where(x > 0, x, -0.5 * x)
        return {"z": z, "far": torch.exp(900 * x)}

    program = trace(cell, {"x": torch.zeros(3, dtype=torch.float64), "k": 0.0})
    x = torch.tensor([0.3, -1.2, 2.0], dtype=torch.float64)
    one, batch = program(x=x, k=0.7), program(x=x[None], k=0.7)
    for name, value in one.items():
        assert value.shape == program.output_shapes[name]
        torch.testing.assert_close(value, batch[name][0], rtol=1e-14, atol=0)
    assert one["far"].isinf().any()
