"""Gated fusion: let each sample decide how much to trust each modality.

    h_m = tanh(W_m z_m)                  (B, D)
    g   = softmax(V [z_1; ...; z_M])     (B, M), or (B, M, D) with a gate a coordinate
    h   = sum_m g_m * h_m                (B, D)

Arevalo et al., Gated Multimodal Units, 2017. https://arxiv.org/abs/1702.01992
The paper gates every coordinate with a sigmoid for two modalities; a softmax over modalities is the same for two and
works for any number. `gate=modality` gives one gate a modality: easier to read, blind to some products of features.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from core.fusion.base import Blueprint, FeatureFusion
from core.fusion.look import Look
from core.fusion.masks import softmax_where, stacked
from core.output import Output
from core.parameters import Parameter
from core.streams import initialising


class Gated(FeatureFusion):
    name = "gated"
    title = "Gate"
    idea = "Each sample decides how much to trust each modality."
    family = "intermediate"
    formula = r"h = \sum_m g_m \tanh(W_m z_m),\quad g = \mathrm{softmax}(V\,[z_1; \dots; z_M])"
    paper = "https://arxiv.org/abs/1702.01992"
    knobs = (Parameter("gate", "choice", "coordinate", choices=("coordinate", "modality")),)

    def __init__(self, blueprint: Blueprint, gate: str) -> None:
        super().__init__(blueprint)
        count, width = len(self.names), blueprint.width
        self.gates = width if gate == "coordinate" else 1
        with initialising(blueprint.seed, "mix"):
            self.candidates = nn.ModuleDict({name: nn.Linear(width, width) for name in self.names})
            self.gate = nn.Linear(count * width, count * self.gates)

    def fuse(self, z: dict[str, Tensor], tokens: dict[str, Tensor], present: Mapping[str, Tensor]) -> Tensor:
        h = torch.stack([torch.tanh(self.candidates[name](z[name])) for name in self.names], 1)
        return (self._gate(z, present) * h).sum(1)

    def look(self, output: Output, present: Mapping[str, Tensor]) -> dict[str, Look]:
        """Mean gate of each modality, over samples and coordinates."""
        return {"gate": Look((self.names,), self._gate(output.z, present).mean((0, 2)))}

    def _gate(self, z: dict[str, Tensor], present: Mapping[str, Tensor]) -> Tensor:
        """(B, M, 1) or (B, M, D); absent modalities get nothing."""
        scores = self.gate(torch.cat(tuple(z.values()), 1)).view(-1, len(self.names), self.gates)
        return softmax_where(scores, stacked(present).unsqueeze(2), 1)
