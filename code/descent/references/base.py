"""Types of the references."""

from collections.abc import Callable

import numpy as np

Array = np.ndarray
Gradient = Callable[[Array], Array]
