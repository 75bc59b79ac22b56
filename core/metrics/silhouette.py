"""Silhouette: is a sample nearer to its own class than to the next one?

    a_i = mean distance to the others of its class,  b_i = least mean distance to another class
    s_i = (b_i - a_i) / max(a_i, b_i)                -1..1; 0 for a class of one
    silhouette = mean_i s_i

Rousseeuw, Silhouettes, 1987. Euclidean; costs N^2 D, so give it a sample of a large set.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from core.metrics.check import classes, rows, within


def silhouette(z: Tensor, label: Tensor) -> float:
    """z (N, D), label (N,) whole numbers, two classes or more."""
    rows("silhouette", 2, z=z)
    classes("silhouette", len(z), label=label)
    own = F.one_hot(label.unique(return_inverse=True)[1]).double()  # (N, K)
    size = own.sum(0)
    within("silhouette", "classes", len(size), 2, torch.inf)
    z = z.double()
    z = z / z.abs().max().clamp_min(torch.finfo(z.dtype).tiny)  # a ratio: no square may be too large
    total = torch.cdist(z, z, compute_mode="donot_use_mm_for_euclid_dist") @ own  # (N, K)
    others = (own @ size - 1).clamp_min(1)
    a = (total * own).sum(1) / others
    b = (total / size).masked_fill(own.bool(), torch.inf).amin(1)
    s = (b - a) / torch.maximum(a, b)
    return float(s.nan_to_num().masked_fill(own @ size == 1, 0).mean())
