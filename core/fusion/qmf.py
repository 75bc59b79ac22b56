"""Quality-aware late fusion: each expert is weighted by its energy, a measure of how familiar the sample is.

    l_m = W_m z_m + b_m                           (B, C)    logits, trained by its own loss
    E_m = -T log sum_c exp(l_mc / T)              (B,)      energy: low where the logits are high, not where they differ
    w_m = max(0, -E_m) / 10                       (B,)      the weight, for each sample anew
    l   = sum_m w_m l_m                           (B, C)    over the modalities that are present; p = softmax(l)

Confidence reads how far the logits lie apart, energy how high they lie: two experts with the same probabilities may weigh
differently. Shifting all of an expert's logits leaves its opinion as it was and changes its weight.

Zhang et al., Provable Dynamic Fusion for Low-Quality Multimodal Data (QMF), 2023. https://arxiv.org/abs/2306.02050
The weighting is the paper's, in the scale of the authors' code. Its training is not: the paper adds the loss of the fused
logits, and a regulariser that ranks each expert's weights by how well it has done on a sample so far, so that energy and loss go
together. Here experts learn alone (late means late), and plain cross-entropy is blind to how high the logits lie, so what energy
tells is left to what training happens to do: noise lowers the weight of a digit or a voice, and raises that of a vector of
`interactions`, which it makes louder. A weight cannot be negative here; in the code it can, and would turn an opinion around.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import torch
from torch import Tensor

from core.catalog.localized import Localized
from core.catalog.parameters import Parameter
from core.fusion.base import DecisionFusion, ModelSpec
from core.fusion.diagnostic import Diagnostic, mean_where
from core.output import Batch, Output

SCALE = 0.1  # of a weight, as in the authors' code; it decides how sure the sum is, not what it says


class Qmf(DecisionFusion):
    """Logits weighted per sample by each expert's energy (B,) (QMF, Zhang et al., ICML 2023, 2306.02050)."""

    name = "qmf"
    title = Localized("Quality-aware fusion (QMF)", "质量感知融合（QMF）")
    idea = Localized(
        "Each modality decides alone; in each sample it counts for as much as its energy calls the sample familiar.",
        "各模态独立决定；在每个样本中，能量表明它越熟悉这个样本，分量就越重。",
    )
    family = "late"
    formula = (
        r"p = \mathrm{softmax}\Big(\sum_m w_m l_m\Big),\quad "
        r"w_m = \tfrac{1}{10} \max\Big(0,\; T \log \sum_c e^{l_{mc} / T}\Big)"
    )
    paper = "https://arxiv.org/abs/2306.02050"
    additive_scale = "logits"  # an expert's weight reads its own logits alone
    hyperparameters = (
        Parameter("temperature", "float", 1.0, 0.1, 10.0, scale="log", title=Localized("temperature", "温度")),
    )

    def __init__(self, spec: ModelSpec, temperature: float) -> None:
        super().__init__(spec)
        self.temperature = temperature

    @torch.no_grad()
    def decide(self, output: Output, batch: Batch) -> Output:
        logits = self.stacked(output.experts)  # (M, B, C)
        weights = self._weights(logits) * self.stacked(batch.present)
        return replace(output, prediction=(weights.unsqueeze(2) * logits).sum(0))

    def diagnostics(self, output: Output, present: Mapping[str, Tensor]) -> dict[str, Diagnostic]:
        """Each modality's share of a sample's weights where it is there, and what every late method shows."""
        weights = self._weights(self.stacked(output.experts)) * self.stacked(present)
        shares = weights / weights.sum(0).clamp_min(1e-12)
        return {
            "weight": mean_where(dict(zip(self.names, shares, strict=True)), present),
            **super().diagnostics(output, present),
        }

    def _weights(self, logits: Tensor) -> Tensor:
        """logits (M, B, C) -> (M, B)."""
        height = self.temperature * (logits / self.temperature).logsumexp(2)
        return SCALE * height.clamp_min(0)
