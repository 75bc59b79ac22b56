"""FiLM: one modality scales and shifts the features of the others.

    g_m = 1 + G_m z_c                        (B, D)    how much of each coordinate passes; c is the modality that conditions
    b_m = B_m z_c                            (B, D)    what is added to it
    u_m = g_m * z_m + b_m                    (B, D)    for each other modality m
    h   = GELU(W [u_1; u_2; ...] + b)        (B, D)    over the M - 1 others

Perez et al., FiLM: Visual Reasoning with a General Conditioning Layer, 2018. https://arxiv.org/abs/1709.07871
The paper conditions the feature maps of a deep network at every block, here once, on the pooled embedding; G and B have
no bias, so a conditioner that is absent leaves the others as they are.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.catalog.localized import Localized
from core.catalog.parameters import Parameter
from core.fusion.base import FeatureFusion, ModelSpec
from core.fusion.diagnostic import Diagnostic, share_of_norm
from core.output import Output
from core.seeding import initialising


class FiLM(FeatureFusion):
    """One modality scales and shifts the embeddings (B, D) of the others (Perez et al., 2018, 1709.07871)."""

    name = "film"
    title = Localized("Modulation (FiLM)", "特征调制（FiLM）")
    idea = Localized("One modality scales and shifts what the others say.", "由一种模态来缩放和平移其他模态的特征。")
    family = "intermediate"
    formula = r"u_m = (1 + G_m z_c) \odot z_m + B_m z_c,\quad h = \mathrm{GELU}(W\,[u_m]_{m \neq c} + b)"
    paper = "https://arxiv.org/abs/1709.07871"
    hyperparameters = (Parameter("modality", "modality", "", title=Localized("modality", "模态")),)

    def __init__(self, spec: ModelSpec, modality: str) -> None:
        super().__init__(spec)
        width = spec.width
        self.conditioner = modality
        self.others = [name for name in self.names if name != modality]
        with initialising(spec.seed, "mix"):
            self.gain = nn.ModuleDict({name: nn.Linear(width, width, bias=False) for name in self.others})
            self.shift = nn.ModuleDict({name: nn.Linear(width, width, bias=False) for name in self.others})
            self.mix = nn.Linear(len(self.others) * width, width)

    def fuse(self, z: dict[str, Tensor], tokens: dict[str, Tensor], present: Mapping[str, Tensor]) -> Tensor:
        read = [torch.stack(tuple(self._parts(name, z).values())).sum(0) for name in self.others]
        return F.gelu(self.mix(torch.cat(read, 1)))

    def diagnostics(self, output: Output, present: Mapping[str, Tensor]) -> dict[str, Diagnostic]:
        """What each other modality's u consists of: itself, itself scaled by the conditioner, the shift."""
        return {f"modulation/{name}": share_of_norm(self._parts(name, output.z)) for name in self.others}

    def _parts(self, name: str, z: dict[str, Tensor]) -> dict[str, Tensor]:
        """The three terms of u_m = z_m + (G_m z_c) * z_m + B_m z_c."""
        c = z[self.conditioner]
        return {"kept": z[name], "scaled": self.gain[name](c) * z[name], "shifted": self.shift[name](c)}
