"""Gated fusion: let each sample decide how much to trust each modality.

    h_m = tanh(W_m z_m + b_m)                        (B, D)
    g_m = sigmoid(V_m [z_1; ...; z_M] + c_m)         (B, D)    for three modalities or more; 0 where m is absent
    g   = softmax_m(V_m [z_1; z_2] + c_m)            (B, 2, D) for two: g_1 = sigmoid of the difference, g_2 = 1 - g_1
    h   = sum_m g_m * h_m                            (B, D)

Arevalo et al., Gated Multimodal Units, 2017. https://arxiv.org/abs/1702.01992
As in the paper two modalities share one gate, z and 1 - z, and more have one each, which may all be open or all be shut.
Differs: there are biases, and the one gate of two is the difference of two scores; where one of the two is absent the other
gets all of it. `gate=modality` gives one gate per modality instead of one per coordinate: easier to read, blind to some products
of features.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from core.catalog.localized import Localized
from core.catalog.parameters import Parameter
from core.fusion.base import FeatureFusion, ModelSpec
from core.fusion.diagnostic import Diagnostic
from core.fusion.masks import softmax_where, stacked
from core.output import Output
from core.seeding import initialising


class Gated(FeatureFusion):
    """A gate per sample and coordinate, or per modality, weighs the embeddings into h (B, D) (GMU, Arevalo et al., 2017, 1702.01992)."""

    name = "gated"
    common = True
    title = Localized("Gate", "门控")
    idea = Localized("Each sample decides how much to trust each modality.", "每个样本自行决定信任各模态多少。")
    family = "intermediate"
    formula = (
        r"h = \sum_m g_m \odot \tanh(W_m z_m + b_m),\quad "
        r"g_m = \begin{cases} \mathrm{softmax}_m(V_m [z_1; z_2] + c_m) & M = 2 \\ "
        r"\sigma(V_m [z_1; \dots; z_M] + c_m) & M > 2 \end{cases}"
    )
    paper = "https://arxiv.org/abs/1702.01992"
    revision = 2  # three and more modalities: a softmax before
    hyperparameters = (
        Parameter(
            "gate", "choice", "coordinate", choices=("coordinate", "modality"), title=Localized("gate", "门控方式")
        ),
    )

    def __init__(self, spec: ModelSpec, gate: str) -> None:
        super().__init__(spec)
        count, width = len(self.names), spec.width
        self.gates = width if gate == "coordinate" else 1
        with initialising(spec.seed, "mix"):
            self.candidates = nn.ModuleDict({name: nn.Linear(width, width) for name in self.names})
            self.gate = nn.Linear(count * width, count * self.gates)

    def fuse(self, z: dict[str, Tensor], tokens: dict[str, Tensor], present: Mapping[str, Tensor]) -> Tensor:
        h = torch.stack([torch.tanh(self.candidates[name](z[name])) for name in self.names], 1)
        return (self._gate(z, present) * h).sum(1)

    def diagnostics(self, output: Output, present: Mapping[str, Tensor]) -> dict[str, Diagnostic]:
        """Mean gate of each modality, over samples and coordinates."""
        return {"gate": Diagnostic((self.names,), self._gate(output.z, present).mean((0, 2)))}

    def _gate(self, z: dict[str, Tensor], present: Mapping[str, Tensor]) -> Tensor:
        """(B, M, 1) or (B, M, D); absent modalities get nothing."""
        scores = self.gate(torch.cat(tuple(z.values()), 1)).view(-1, len(self.names), self.gates)
        mask = stacked(present).unsqueeze(2)
        return softmax_where(scores, mask, 1) if len(self.names) == 2 else scores.sigmoid() * mask
