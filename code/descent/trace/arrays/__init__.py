"""Larger computations as loops over typed arrays: networks, clouds of particles, matrices."""

from descent.trace.arrays.build import trace_process
from descent.trace.arrays.process import Process
from descent.trace.arrays.training import trace_training

__all__ = ["Process", "trace_process", "trace_training"]
