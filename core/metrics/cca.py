"""Linear CCA: the directions along which two modalities move together, in closed form.

    Cxx = X'X / N + a I,  Cyy = Y'Y / N + a I,  Cxy = X'Y / N        X (N, D), Y (N, E), centred
    U diag(rho) V' = SVD(Cxx^-1/2 Cxy Cyy^-1/2)                      rho: canonical correlations, falling
    A = Cxx^-1/2 U (D, K),  B = Cyy^-1/2 V (E, K)                    projections with unit variance

The baseline that a contrastive embedding has to beat: no labels, no training, no seed.
Hotelling, Relations between two sets of variates, 1936. `ridge` a is relative to the mean variance of each side.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from core.errors import MetricError
from core.metrics.check import centred, rows, settled

_FLAT = 1e-12  # of the largest eigenvalue: below it a direction has no spread and is left out


@dataclass(frozen=True)
class CCA:
    """K canonical directions of x (N, D) and y (N, E), in double precision, with their correlations in 0..1."""

    correlations: Tensor  # (K,)
    mean_x: Tensor  # (D,)
    mean_y: Tensor  # (E,)
    directions_x: Tensor  # (D, K)
    directions_y: Tensor  # (E, K)

    def project_x(self, x: Tensor) -> Tensor:
        """x (N, D) -> (N, K), comparable with `project_y`: nearest by cosine is the retrieval."""
        return (x.double() - self.mean_x) @ self.directions_x

    def project_y(self, y: Tensor) -> Tensor:
        """y (N, E) -> (N, K)."""
        return (y.double() - self.mean_y) @ self.directions_y


def cca(x: Tensor, y: Tensor, components: int | None = None, ridge: float = 1e-4) -> CCA:
    """x (N, D), y (N, E) of the same samples; K = components, at most min(D, E).

    With D + E >= N and no ridge all correlations are 1 by chance. Raises MetricError for a side without any spread.
    """
    rows("CCA", 2, x=x)
    rows("CCA", 2, expected=len(x), y=y)
    mean_x, mean_y = x.double().mean(0), y.double().mean(0)
    x, y = centred(x), centred(y)
    root_x, root_y = _whitening("x", x, ridge), _whitening("y", y, ridge)
    u, rho, v = torch.linalg.svd(root_x @ (x.T @ y / len(x)) @ root_y, full_matrices=False)
    k = len(rho) if components is None else min(components, len(rho))
    return CCA(rho[:k].clamp(0, 1), mean_x, mean_y, root_x @ u[:, :k], root_y @ v[:k].T)


def _whitening(name: str, z: Tensor, ridge: float) -> Tensor:
    """(Z'Z / N + a I)^-1/2, on the directions that have any spread."""
    covariance = z.T @ z / len(z)
    variance = settled("CCA", float(covariance.diagonal().mean()))
    if not variance:
        raise MetricError("metric_values", metric="CCA", name=name, expected="different samples", actual="all equal")
    value, vector = torch.linalg.eigh(
        covariance + ridge * variance * torch.eye(len(covariance), dtype=z.dtype, device=z.device)
    )
    inverse = torch.where(value > _FLAT * value[-1], value.clamp_min(1e-300).rsqrt(), 0.0)
    result: Tensor = (vector * inverse) @ vector.T
    return result
