"""Foils: does the embedding tell a right partner from a wrong one that looks much like it?

    s_i = cos(a_i, b_i) - cos(a_i, b'_i)        a: another modality, b: the true input, b': its foil
    told apart = mean_i [s_i > 0] + [s_i = 0] / 2

A reader that cannot see the difference gives both the same vector and scores one half, by ties and not by luck.
Hsieh et al., SugarCrepe, 2023. https://arxiv.org/abs/2306.14610
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn import functional as F

TIE = 1e-6  # cosines of equal vectors may differ in the last digits


def told_apart(z: Mapping[str, Tensor], foil: Tensor, modality: str) -> float:
    """z: modality -> (R, D) of the true inputs, foil (R, D) of the wrong input of `modality`; mean over the others."""
    true, wrong = F.normalize(z[modality], dim=1), F.normalize(foil, dim=1)
    shares = []
    for name, other in z.items():
        if name != modality:
            unit = F.normalize(other, dim=1)
            closer = (unit * true).sum(1) - (unit * wrong).sum(1)
            shares.append((closer > TIE).double().mean() + (closer.abs() <= TIE).double().mean() / 2)
    return float(torch.stack(shares).mean())
