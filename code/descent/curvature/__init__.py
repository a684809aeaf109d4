"""Second derivatives of any objective or module: products, extremes, density, full matrix."""

from descent.curvature.density import SpectralDensity, spectral_density
from descent.curvature.extremes import Eigenpairs, SharpnessProbe, sharpness, top_eigenvalues
from descent.curvature.hessian import hessian
from descent.curvature.hvp import Operator, hvp, model_operator
from descent.curvature.lanczos import Tridiagonal, lanczos

__all__ = [
    "Eigenpairs",
    "Operator",
    "SharpnessProbe",
    "SpectralDensity",
    "Tridiagonal",
    "hessian",
    "hvp",
    "lanczos",
    "model_operator",
    "sharpness",
    "spectral_density",
    "top_eigenvalues",
]
