"""Multilayer perceptrons on flat parameter vectors, with the batch of networks on the left."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from descent import validate
from descent.networks.activations import ACTIVATIONS, Activation
from descent.networks.inits import INITS

Seed = int | Sequence[int] | torch.Generator


@dataclass(frozen=True, init=False)
class MLP:
    r"""A multilayer perceptron that is a function of one flat vector.

    $$a_0 = \text{input}, \quad z_l = W_l a_{l-1} + b_l, \quad a_l = \varphi(z_l), \quad
    \text{output} = z_L$$

    The vector holds $W_1$ (row by row), $b_1$, $W_2$, $b_2$, … as
    `torch.nn.utils.parameters_to_vector` would. Many networks are a tensor (*batch, P): learning
    rates × seeds train in one array program.

    Args:
        sizes: Widths from the inputs to the outputs, at least two.
        activation: φ of the hidden layers: "tanh", "relu", "sigmoid", "softplus", "gelu" or
            "identity".
        init: How `init` draws the weights of a layer with m inputs and n outputs:
            "torch": weights and biases uniform in ±1/√m, as `torch.nn.Linear`;
            "he": normal, variance 2/m; "lecun": normal, variance 1/m;
            "glorot": uniform in ±√(6/(m+n)). The last three set biases to zero.
        gain: Factor on the weights after they are drawn.

    Raises:
        TypeError: If a size is not an integer or `gain` is not a number.
        ValueError: If there are fewer than two sizes, one is below 1, or a name is unknown.

    Example:
        >>> network = MLP((64, 16, 10))
        >>> x = network.init(seed=0, batch=(3,))  # three networks
        >>> x.shape, network(x, torch.zeros(5, 64)).shape
        (torch.Size([3, 1210]), torch.Size([3, 5, 10]))

    Reference: He et al. (2015), arXiv:1502.01852, equation 10; Glorot and Bengio (2010),
    equation 16; LeCun, Bottou, Orr, Müller (1998), *Efficient BackProp*, equation 16.
    """

    sizes: tuple[int, ...]
    activation: str
    scheme: str
    gain: float

    def __init__(
        self,
        sizes: Sequence[int],
        activation: str = "tanh",
        init: str = "torch",
        gain: float = 1.0,
    ) -> None:
        checked = tuple(validate.count("sizes", s) for s in sizes)
        if len(checked) < 2:
            raise ValueError(f"sizes is {checked}; it must hold at least inputs and outputs")
        _known("activation", activation, ACTIVATIONS)
        _known("init", init, INITS)
        validate.at_least("gain", gain, 0)
        for name, value in (
            ("sizes", checked),
            ("activation", activation),
            ("scheme", init),
            ("gain", gain),
        ):
            object.__setattr__(self, name, value)

    @property
    def dim(self) -> int:
        """Number of parameters P."""
        return sum(self._counts)

    @cached_property
    def _counts(self) -> list[int]:
        return [math.prod(s) for s in self.shapes]

    @cached_property
    def shapes(self) -> list[tuple[int, ...]]:
        """Shapes of the blocks of the flat vector: (n, m), (n,) for every layer."""
        pairs = zip(self.sizes, self.sizes[1:], strict=False)
        return [shape for m, n in pairs for shape in ((n, m), (n,))]

    @property
    def phi(self) -> Activation:
        """The activation with its derivatives."""
        return ACTIVATIONS[self.activation]

    def init(
        self,
        seed: Seed = 0,
        batch: tuple[int, ...] = (),
        *,
        dtype: torch.dtype = torch.float32,
        device: torch.device | str = "cpu",
    ) -> Tensor:
        """Draw initial parameters.

        Numbers are drawn on the CPU, so every device starts from the same networks. With
        `init="torch"` and one network they are those of `torch.manual_seed(seed)` followed by a
        stack of `torch.nn.Linear`.

        Args:
            seed: An integer, a CPU generator, or a sequence of integers: one network for each,
                and row i is `init(seed[i])`.
            batch: Left axes, to draw several networks from one generator.
            dtype: Floating-point type.
            device: Where the result goes.

        Returns:
            Parameters, shape (*batch, P); with a sequence of seeds (len(seed), *batch, P).

        Raises:
            TypeError: If the seed or the dtype has the wrong type.
        """
        if not dtype.is_floating_point:
            raise TypeError(f"dtype is {dtype}; it must be floating point, e.g. torch.float32")
        if isinstance(seed, Sequence):
            return torch.stack([self.init(s, batch, dtype=dtype, device=device) for s in seed])
        if not isinstance(seed, torch.Generator):
            seed = torch.Generator().manual_seed(validate.count("seed", seed, low=0))
        rows = [self._draw(seed, dtype) for _ in range(math.prod(batch))]
        return torch.stack(rows).reshape(*batch, self.dim).to(device)

    def unflatten(self, x: Tensor) -> list[tuple[Tensor, Tensor]]:
        """View the vector as layers.

        Args:
            x: Parameters, shape (*batch, P).

        Returns:
            For every layer the weights (*batch, n, m) and biases (*batch, n), sharing memory.

        Raises:
            ValueError: If the last axis of `x` is not P long.
        """
        if x.ndim == 0 or x.shape[-1] != self.dim:
            raise ValueError(
                f"x has shape {tuple(x.shape)}; it must be (*batch, {self.dim}) for sizes "
                f"{self.sizes}"
            )
        batch, blocks = x.shape[:-1], torch.split_with_sizes(x, self._counts, -1)
        views = [b.view(batch + s) for b, s in zip(blocks, self.shapes, strict=True)]
        return list(zip(views[::2], views[1::2], strict=True))

    def flatten(self, layers: Sequence[tuple[Tensor, Tensor]]) -> Tensor:
        """Join layers into the vector: the inverse of `unflatten`."""
        batch = layers[0][1].shape[:-1]
        return torch.cat([t.reshape(*batch, -1) for layer in layers for t in layer], -1)

    def __call__(self, x: Tensor, inputs: Tensor) -> Tensor:
        """Evaluate every network of a batch.

        Args:
            x: Parameters, shape (*batch, P).
            inputs: Examples, shape (n, m) shared by all networks, or (*batch, n, m).

        Returns:
            Outputs, shape (*batch, n, k).

        Raises:
            ValueError: If shapes or dtypes do not fit.
        """
        check_inputs(self, x, inputs)
        a = inputs
        *hidden, last = self.unflatten(x)
        for w, b in hidden:
            a = self.phi.value(a @ w.mT + b.unsqueeze(-2))
        w, b = last
        return a @ w.mT + b.unsqueeze(-2)

    def _draw(self, generator: torch.Generator, dtype: torch.dtype) -> Tensor:
        """Draw one network."""
        blocks = []
        for m, n in zip(self.sizes, self.sizes[1:], strict=False):
            w, b = torch.empty(n, m, dtype=dtype), torch.zeros(n, dtype=dtype)
            INITS[self.scheme](w, b, generator)
            blocks += [w.mul_(self.gain).flatten(), b]
        return torch.cat(blocks)


def check_inputs(network: MLP, x: Tensor, inputs: Tensor) -> None:
    """Require inputs that fit the network and the dtype of its parameters.

    Args:
        network: The architecture.
        x: Parameters (*batch, P).
        inputs: Examples (..., n, m).

    Raises:
        ValueError: If shape or dtype does not fit.
    """
    if inputs.ndim < 2 or inputs.shape[-1] != network.sizes[0]:
        raise ValueError(
            f"inputs has shape {tuple(inputs.shape)}; it must be (n, {network.sizes[0]}) or "
            f"(*batch, n, {network.sizes[0]})"
        )
    if inputs.dtype != x.dtype:
        raise ValueError(
            f"inputs has dtype {inputs.dtype} and x {x.dtype}; they must agree, so give both "
            "`dtype=` when you make them"
        )


def _known(name: str, value: str, table: dict) -> None:
    """Require a name that is in the table."""
    if value not in table:
        raise ValueError(f"{name} is {value!r}; it must be one of {', '.join(map(repr, table))}")
