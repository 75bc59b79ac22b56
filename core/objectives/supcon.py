"""SupCon: among the embeddings of all modalities together, find all that share the label.

    u     all embeddings of all modalities as unit vectors                (N, D), N = M B less the absent ones
    L     = - mean_i mean_{p in P(i)} log [ exp(u_i u_p / tau) / sum_{k != i} exp(u_i u_k / tau) ]

P(i) are the others with i's label, of its own modality and of every other. InfoNCE by class compares across modalities
only; here an image also learns from images. It reads labels, so it needs no pairs. Points without a partner are left
out. The paper's "out" form, with its fixed temperature.

Khosla et al., Supervised Contrastive Learning, 2020. https://arxiv.org/abs/2004.11362
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from core.catalog.localized import Localized
from core.catalog.parameters import Parameter
from core.objectives.base import Objective
from core.objectives.pairs import mean_where
from core.output import Batch, Output


class SupCon(Objective):
    """All samples of a class, of any modality, are positives (2B, D) (Khosla et al., 2020, 2004.11362)."""

    name = "supcon"
    title = Localized("SupCon (contrast by label)", "SupCon（按标签对比）")
    idea = Localized(
        "Gather everything of one label, whatever its modality, and push the rest away.",
        "不论模态，聚拢同一标签的一切，推开其余。",
    )
    formula = (
        r"\mathcal{L} = -\operatorname{mean}_i \tfrac{1}{|P(i)|} \sum_{p \in P(i)}"
        r" \log \frac{e^{u_i \cdot u_p/\tau}}{\sum_{k \ne i} e^{u_i \cdot u_k/\tau}}"
    )
    paper = "https://arxiv.org/abs/2004.11362"
    hyperparameters = (
        Parameter("temperature", "float", 0.1, 0.01, 2.0, scale="log", title=Localized("temperature", "温度")),
    )
    needs_labels = True
    joint = True

    def __init__(self, temperature: float = 0.1) -> None:
        super().__init__()
        self.temperature = temperature

    def forward(self, output: Output, batch: Batch) -> dict[str, Tensor]:
        unit = F.normalize(torch.cat(tuple(output.z.values())), dim=1)  # (N, D)
        mask = torch.cat([batch.present[name] for name in output.z])
        label = batch.target.repeat(len(output.z))
        candidates = (mask.unsqueeze(1) & mask) & ~torch.eye(len(unit), dtype=torch.bool, device=unit.device)
        partner = (label.unsqueeze(1) == label) & candidates
        log_p = (unit @ unit.T / self.temperature).masked_fill(~candidates, -1e9).log_softmax(1)
        row = -(log_p * partner).sum(1) / partner.sum(1).clamp_min(1)
        return {self.name: mean_where(row, partner.any(1))}
