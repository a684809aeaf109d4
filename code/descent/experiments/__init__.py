"""Long deterministic computations, computed once and kept on disk, one module for each chapter."""

from descent.experiments.cache import Experiment, experiment, progress, watched

__all__ = ["Experiment", "experiment", "progress", "watched"]
