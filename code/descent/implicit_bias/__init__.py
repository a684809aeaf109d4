r"""Implicit bias: which of many solutions a method finds, and why.

| part | idea |
|---|---|
| `tangent` | kernels of gradients, of any module and of MLPs in closed form |
| `duals`, `infinite` | what a ReLU does to two correlated inputs; kernels of infinite width |
| `convolutional`, `convnet` | the same for convolutions, with and without pooling |
| `wide` | networks in the scaling that has a limit, and lazy training |
| `kernel_regression` | the function that a fixed kernel fits, and the path to it |
"""

from descent.implicit_bias.convnet import ConvNet
from descent.implicit_bias.convolutional import conv_kernels
from descent.implicit_bias.duals import relu_duals
from descent.implicit_bias.infinite import Kernels, relu_kernels
from descent.implicit_bias.kernel_regression import KernelRegression
from descent.implicit_bias.tangent import input_gradients, layer_kernels, tangent_kernel
from descent.implicit_bias.wide import LazyLoss, WideNet

__all__ = [
    "ConvNet",
    "KernelRegression",
    "Kernels",
    "LazyLoss",
    "WideNet",
    "conv_kernels",
    "input_gradients",
    "layer_kernels",
    "relu_duals",
    "relu_kernels",
    "tangent_kernel",
]
