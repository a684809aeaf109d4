"""Which rule of the book equals which published implementation, and how exactly.

A `Comparison` trains the same networks with a rule of this package and with its counterpart, at
hyper-parameters drawn from stated ranges, and reports the largest relative difference of any
parameter over all steps. `ALL` lists the comparisons; tests assert them, a page prints them.
"""

from descent.conformance.comparison import CALM, Comparison
from descent.conformance.drawing import draw, drawn_ranges, in_float64
from descent.conformance.matrices import MATRICES
from descent.conformance.published import PUBLISHED
from descent.conformance.torchs import TORCHS

ALL = {c.name: c for c in (*TORCHS, *MATRICES, *PUBLISHED)}

__all__ = ["ALL", "CALM", "Comparison", "draw", "drawn_ranges", "in_float64"]
