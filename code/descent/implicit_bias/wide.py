"""Wide networks in the scaling in which the tangent kernel has a limit."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from descent import validate
from descent.data import Examples
from descent.implicit_bias.tangent import layer_kernels
from descent.networks import MLP, Empirical, mse_half

Seed = int | Sequence[int]


@dataclass(frozen=True)
class WideNet:
    r"""A ReLU network whose weights are standard normal and whose layers carry the scale.

    $$a_1 = \sigma(w_1 u), \qquad a_{l} = \sigma\Bigl(\sqrt{\tfrac2m}\, w_l a_{l-1}\Bigr), \qquad
    f(w, u) = \sqrt{\tfrac2m}\, w_{L} a_{L-1}$$

    With the factors outside, every weight moves little when m is large, and all layers matter.
    It is the same function as an `MLP` with He's weights; what differs is the learning rate of each
    layer, by the square of its factor. There are no biases.

    Args:
        inputs: Width d of the inputs.
        width: Units m of every hidden layer.
        depth: Number of hidden layers, at least 1.
        outputs: Number of outputs.

    Raises:
        ValueError: If a size is below 1.

    Example:
        >>> net = WideNet(3, 512)
        >>> u = torch.eye(3)
        >>> net.kernel(net.init(0), u)[0, 0]  # about 2 |u|^2
        tensor(2.0...)

    Reference: Jacot, Gabriel, Hongler (2018), arXiv:1806.07572, section 2.
    """

    inputs: int
    width: int
    depth: int = 1
    outputs: int = 1

    def __post_init__(self) -> None:
        for name in ("inputs", "width", "depth", "outputs"):
            validate.count(name, getattr(self, name))

    @cached_property
    def network(self) -> MLP:
        """The same network with the factors inside its weights."""
        return MLP((self.inputs, *(self.width,) * self.depth, self.outputs), "relu")

    @property
    def factors(self) -> list[float]:
        """The factor of every layer."""
        return [1.0] + [math.sqrt(2 / self.width)] * self.depth

    def scale(self, like: Tensor) -> Tensor:
        """Return the factor of every parameter, (P,); biases have 0 and stay there."""
        blocks = [
            like.new_full((math.prod(shape),), factor if len(shape) == 2 else 0.0)
            for shape, factor in zip(
                self.network.shapes, [f for f in self.factors for _ in range(2)], strict=True
            )
        ]
        return torch.cat(blocks)

    def init(self, seed: Seed = 0, *, dtype: torch.dtype = torch.float32) -> Tensor:
        """Draw standard normal weights, (P,), or (seeds, P) for a sequence of seeds."""
        if isinstance(seed, Sequence):
            return torch.stack([self.init(s, dtype=dtype) for s in seed])
        generator = torch.Generator().manual_seed(validate.count("seed", seed, low=0))
        return torch.randn(self.network.dim, generator=generator, dtype=dtype)

    def __call__(self, w: Tensor, inputs: Tensor) -> Tensor:
        """Return outputs (*batch, n, outputs) for weights (*batch, P)."""
        return self.network(self.scale(w) * w, inputs)

    def kernel(self, w: Tensor, inputs: Tensor, others: Tensor | None = None) -> Tensor:
        r"""Return the tangent kernel of the first output with respect to w, (*batch, n, n')."""
        layers = layer_kernels(self.network, self.scale(w) * w, inputs, others)[..., 0, :, :]
        squares = layers.new_tensor([factor**2 for factor in self.factors])
        return (layers * squares[:, None, None]).sum(-3)


@dataclass(frozen=True, eq=False)
class LazyLoss:
    r"""Half squared error of the *change* of a network, multiplied by α.

    $$L(w) = \frac{1}{2n\alpha^2}\sum_i
    \bigl(\alpha\,(f(w, u_i) - f(w_0, u_i)) - y_i\bigr)^2$$

    The factor in front keeps the speed of learning the same for every α. Written out, this is the
    error of f itself with targets $f(w_0, u_i) + y_i/\alpha$: to be lazy is to be asked for little.

    Args:
        net: The network.
        inputs: Examples (n, d).
        targets: Values (n, outputs).
        w0: Weights at the start, (*batch, P).
        alpha: Output scale α > 0, a number, or a tensor that fits the left axes of the batch.

    Reference: Chizat, Oyallon, Bach (2019), arXiv:1812.07956, section 1.
    """

    net: WideNet
    inputs: Tensor
    targets: Tensor
    w0: Tensor
    alpha: float | Tensor = 1.0

    def __post_init__(self) -> None:
        validate.positive("alpha", self.alpha)

    @cached_property
    def _alpha(self) -> Tensor:
        alpha = torch.as_tensor(self.alpha, dtype=self.w0.dtype)
        return alpha.reshape(alpha.shape + (1,) * (self.w0.ndim + 1 - alpha.ndim))

    @cached_property
    def _start(self) -> Tensor:
        return self.net(self.w0, self.inputs)

    @cached_property
    def _empirical(self) -> Empirical:
        wanted = self._start + self.targets / self._alpha
        return Empirical(self.net.network, Examples(self.inputs, wanted), mse_half)

    @cached_property
    def _scale(self) -> Tensor:
        return self.net.scale(self.w0)

    def predict(self, w: Tensor, inputs: Tensor) -> Tensor:
        r"""Return $\alpha(f(w, u) - f(w_0, u))$, shape (*batch, n, outputs)."""
        return self._alpha * (self.net(w, inputs) - self.net(self.w0, inputs))

    def __call__(self, x: Tensor) -> Tensor:
        """Return the loss at weights x, (*batch,)."""
        return self._empirical(self._scale * x)

    def grad(self, x: Tensor) -> Tensor:
        """Return the gradient, the shape of `x`."""
        return self._empirical.grad(self._scale * x) * self._scale
