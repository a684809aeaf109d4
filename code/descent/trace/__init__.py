"""One pure torch function, three back ends: torch, JavaScript and machine code.

`trace` turns a function into a `Program` of scalar operations; a `Loop` repeats it. Both print
themselves as JavaScript for the figures of a page; a loop also compiles for large sweeps.
"""

from descent.trace.loop import Loop
from descent.trace.program import Program, trace
from descent.trace.refusal import UnsupportedOperation
from descent.trace.runs import trace_run
from descent.trace.sweeping import fast_sweep

__all__ = ["Loop", "Program", "UnsupportedOperation", "fast_sweep", "trace", "trace_run"]
