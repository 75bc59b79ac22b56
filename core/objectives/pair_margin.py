"""Pair margin loss: of any two points, pull them together if they belong together, else push them beyond a margin.

    u     all embeddings of all modalities as unit vectors          (N, D), N = M B less the absent ones
    L     = 1/2 mean_{same} d_ij^2 + 1/2 mean_{different} max(0, m - d_ij)^2      d (N, N), i != j

The oldest contrastive loss. It knows no modalities: two images are a pair as much as an image and a sound, so it also
orders each modality within itself, which `general` does not. Differs: the paper sums over a list of pairs, here the
two kinds of pair are averaged on their own, since a batch holds far more different ones.

Hadsell, Chopra & LeCun, Dimensionality Reduction by Learning an Invariant Mapping, 2006.
https://doi.org/10.1109/CVPR.2006.100
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from core.catalog.localized import Localized
from core.catalog.parameters import Parameter
from core.objectives.base import Objective
from core.objectives.pairs import mean_where, root
from core.output import Batch, Output


class PairMargin(Objective):
    """Contrastive loss on distances (B, B): partners close, negatives at least a margin apart (Hadsell et al., CVPR 2006)."""

    name = "pair_margin"
    title = Localized("Pair margin", "成对间隔")
    idea = Localized(
        "Take any two points: together if they belong together, else beyond a margin.",
        "任取两点：该在一起就拉近，否则推到间隔之外。",
    )
    formula = (
        r"\mathcal{L} = \tfrac{1}{2} \operatorname{mean}_{y_{ij} = 1} d_{ij}^2 "
        r"+ \tfrac{1}{2} \operatorname{mean}_{y_{ij} = -1} \max(0,\; m - d_{ij})^2"
    )
    paper = "https://doi.org/10.1109/CVPR.2006.100"
    hyperparameters = (Parameter("margin", "float", 1.0, 0.01, 2.0, 0.01, title=Localized("margin", "间隔")),)
    needs_pairs = True
    joint = True

    def __init__(self, margin: float = 1.0) -> None:
        super().__init__()
        self.margin = margin

    def forward(self, output: Output, batch: Batch) -> dict[str, Tensor]:
        unit = F.normalize(torch.cat(tuple(output.z.values())), dim=1)  # (N, D)
        mask = torch.cat([batch.present[name] for name in output.z])
        pair = batch.pair.repeat(len(output.z))
        candidates = (mask.unsqueeze(1) & mask) & ~torch.eye(len(unit), dtype=torch.bool, device=unit.device)
        same = pair.unsqueeze(1) == pair
        squared = (2 - 2 * unit @ unit.T).clamp_min(0)
        pull = mean_where(squared, same & candidates)
        push = mean_where((self.margin - root(squared)).relu().square(), ~same & candidates)
        return {self.name: (pull + push) / 2}
