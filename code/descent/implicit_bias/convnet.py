"""Finite convolutional networks in the scaling of `conv_kernels`, to check it against."""

import math
from itertools import pairwise

import torch
from torch import Tensor, nn

from descent import validate


class ConvNet(nn.Module):
    r"""A convolutional ReLU network with standard normal weights and factors outside.

    $$a_1 = \sigma(w_1 * u), \qquad
    a_l = \sigma\Bigl(\sqrt{\tfrac{2}{C q^2}}\; w_l * a_{l-1}\Bigr), \qquad
    f = \sqrt{\tfrac{2}{C q^2}}\, \inner{w_{L+1}}{\text{read}(a_L)}$$

    Reading flattens, or averages over positions.

    Args:
        channels: Channels C of every hidden layer.
        depth: Number of convolutional layers.
        pooling: Average over positions before the dense layer.
        image: Channels, height and width of the input.
        size: Odd width q of the filters.
        seed: Seed of the weights.

    Reference: Arora, Du, Hu, Li, Salakhutdinov, Wang (2019), arXiv:1904.11955, section 4.
    """

    def __init__(
        self,
        channels: int,
        *,
        depth: int,
        pooling: bool,
        image: tuple[int, int, int],
        size: int = 3,
        seed: int = 0,
    ) -> None:
        super().__init__()
        validate.count("channels", channels)
        self.pooling, self.factor = pooling, math.sqrt(2 / (channels * size**2))
        generator = torch.Generator().manual_seed(seed)
        widths = [image[0]] + [channels] * validate.count("depth", depth)
        shapes = [(n, m, size, size) for m, n in pairwise(widths)]
        self.filters = nn.ParameterList(torch.randn(s, generator=generator) for s in shapes)
        wide = channels if pooling else channels * image[1] * image[2]
        self.dense = nn.Parameter(torch.randn(wide, 1, generator=generator))

    def forward(self, images: Tensor) -> Tensor:
        """Return outputs (n, 1) for images (n, channels, height, width)."""
        a = images
        for layer, w in enumerate(self.filters):
            a = torch.relu(
                (self.factor if layer else 1.0) * nn.functional.conv2d(a, w, padding="same")
            )
        a = a.mean((2, 3)) if self.pooling else a.flatten(1)
        return self.factor * a @ self.dense
