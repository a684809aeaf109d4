"""Which of many solutions training finds: linear models, wide networks, products of matrices.

| part | idea |
|---|---|
| `regression` | the solution nearest to the start, and how it depends on the geometry of steps |
| `squares` | a linear model in other coordinates, whose start chooses between two norms |
| `margins` | each kind of step has a widest margin of its own |
| `tangent` | kernels of gradients, of any module and of MLPs in closed form |
| `duals`, `infinite` | what a ReLU does to two correlated inputs; kernels of infinite width |
| `convolutional`, `convnet` | the same for convolutions, with and without pooling |
| `wide` | networks in the scaling that has a limit, and lazy training |
| `kernel_regression` | the function that a fixed kernel fits, and the path to it |
| `balance` | what the flow of the factors does to a product and to its singular values |
| `descending` | the rule of the paper on matrix factorization, and the gradient flow |
| `nuclear` | the completion of smallest nuclear norm, with a proof that it is |
| `runaway` | a completion problem on which every norm diverges |
"""

from descent.implicit_bias.balance import (
    arrival_time,
    balanced_start,
    end_to_end,
    imbalance,
    mode_speed,
    singular_rates,
)
from descent.implicit_bias.convnet import ConvNet
from descent.implicit_bias.convolutional import conv_kernels
from descent.implicit_bias.descending import GroupRMSProp, flow
from descent.implicit_bias.duals import relu_duals
from descent.implicit_bias.infinite import Kernels, relu_kernels
from descent.implicit_bias.kernel_regression import KernelRegression
from descent.implicit_bias.margins import margin, steepest, widest
from descent.implicit_bias.nuclear import Fitted, shrink, smallest_nuclear
from descent.implicit_bias.regression import nearest, ridge_from, stopped_flow
from descent.implicit_bias.runaway import least_entry, runaway
from descent.implicit_bias.squares import Squares, flow_limit, potential
from descent.implicit_bias.tangent import input_gradients, layer_kernels, tangent_kernel
from descent.implicit_bias.wide import LazyLoss, WideNet

__all__ = [
    "ConvNet",
    "Fitted",
    "GroupRMSProp",
    "KernelRegression",
    "Kernels",
    "LazyLoss",
    "Squares",
    "WideNet",
    "arrival_time",
    "balanced_start",
    "conv_kernels",
    "end_to_end",
    "flow",
    "flow_limit",
    "imbalance",
    "input_gradients",
    "layer_kernels",
    "least_entry",
    "margin",
    "mode_speed",
    "nearest",
    "potential",
    "relu_duals",
    "relu_kernels",
    "ridge_from",
    "runaway",
    "shrink",
    "singular_rates",
    "smallest_nuclear",
    "steepest",
    "stopped_flow",
    "tangent_kernel",
    "widest",
]
