"""Second derivatives of any objective or module: products, extremes, density, full matrix."""

from descent.curvature.extremes import Eigenpairs, SharpnessProbe, sharpness, top_eigenvalues
from descent.curvature.hvp import Operator, hvp, model_operator
from descent.curvature.lanczos import Tridiagonal, lanczos

__all__ = [
    "Eigenpairs",
    "Operator",
    "SharpnessProbe",
    "Tridiagonal",
    "hvp",
    "lanczos",
    "model_operator",
    "sharpness",
    "top_eigenvalues",
]
