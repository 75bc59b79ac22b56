"""Cross-attention: each modality asks the tokens of the others.

    q = Q_m t_m                     (B, T_m, D)     modality m asks
    k, v = K_m t_o, V_m t_o         (B, T_o, D)     o: the tokens of all other modalities, one after another
    a = softmax(q k' / sqrt(D/H))   (B, H, T_m, T_o)
    c_m = z_m + mean_T(a v)         (B, D)
    h = GELU(W [c_1; ...; c_M])     (B, D)

Tsai et al., Multimodal Transformer (MulT), 2019. https://arxiv.org/abs/1906.00295
One layer without feed-forward blocks instead of the paper's stacks: enough to see who attends to what. Tokens of an
absent modality are masked.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.fusion.base import Blueprint, FeatureFusion, Look, token_mask
from core.output import Output
from core.parameters import Parameter
from core.streams import initialising


class CrossAttention(FeatureFusion):
    name = "cross_attention"
    title = "Cross-attention"
    idea = "Each modality asks the tokens of the others what they know."
    family = "intermediate"
    formula = (
        r"c_m = z_m + \mathrm{mean}\,\mathrm{softmax}\!\Big(\tfrac{Q_m t_m (K_m t_o)^\top}{\sqrt{D/H}}\Big) V_m t_o"
    )
    paper = "https://arxiv.org/abs/1906.00295"
    knobs = (Parameter("heads", "choice", "4", choices=("1", "2", "4")),)

    def __init__(self, blueprint: Blueprint, heads: str) -> None:
        super().__init__(blueprint)
        width = blueprint.width
        self.heads = int(heads)
        with initialising(blueprint.seed, "mix"):
            self.ask = nn.ModuleDict({name: nn.Linear(width, width) for name in self.names})
            self.offer = nn.ModuleDict({name: nn.Linear(width, 2 * width) for name in self.names})
            self.mix = nn.Linear(len(self.names) * width, width)

    def fuse(self, z: dict[str, Tensor], tokens: dict[str, Tensor], present: Mapping[str, Tensor]) -> Tensor:
        joined = []
        for name in self.names:
            weights, values = self._attend(name, tokens, present)
            heard = (weights.mean(2, keepdim=True) @ values).flatten(1)  # mean over askers, heads side by side
            joined.append(z[name] + heard * present[name].unsqueeze(1))
        return F.gelu(self.mix(torch.cat(joined, 1)))

    def look(self, output: Output, present: Mapping[str, Tensor]) -> dict[str, Look]:
        """Mean attention map of each modality: rows ask, columns answer."""
        looks = {}
        for name in self.names:
            weights, _ = self._attend(name, output.tokens, present)
            asked = tuple(
                f"{other} {i + 1}"
                for other in self.names
                if other != name
                for i in range(output.tokens[other].shape[1])
            )
            asking = tuple(f"{name} {i + 1}" for i in range(weights.shape[2]))
            looks[f"attention {name}"] = Look((asking, asked), weights.mean((0, 1)))
        return looks

    def _attend(
        self, name: str, tokens: dict[str, Tensor], present: Mapping[str, Tensor]
    ) -> tuple[Tensor, Tensor]:
        """Weights (B, H, T_m, T_o) and values (B, H, T_o, D/H)."""
        others = [other for other in self.names if other != name]
        heard = torch.cat([tokens[other] for other in others], 1)
        q = self._split(self.ask[name](tokens[name]))
        k, v = (self._split(part) for part in self.offer[name](heard).chunk(2, dim=2))
        scores = q @ k.transpose(2, 3) / q.shape[3] ** 0.5
        mask = torch.cat([token_mask(tokens[other], present[other]) for other in others], 1)
        weights = scores.masked_fill(~mask[:, None, None, :], -1e9).softmax(3)
        return weights * mask.any(1).view(-1, 1, 1, 1), v

    def _split(self, x: Tensor) -> Tensor:
        return x.unflatten(2, (self.heads, -1)).transpose(1, 2)
