"""Cross-attention: the tokens of each modality attend to those of the others.

    q   = Q_m t_m + q_m,  k = K_m t_o          (B, H, T_m, d), (B, H, T_o, d)   t_o: all others' tokens, one after another
    a   = softmax(q k' / sqrt(d))              (B, H, T_m, T_o)                 attention weights
    s   = mean over T_m of a t_o               (B, H, D)                        what was attended to
    c_m = z_m + V_m [s_1; ...; s_H]            (B, D)
    h   = GELU(W [c_1; ...; c_M] + b)          (B, D)

Tsai et al., Multimodal Transformer (MulT), 2019. https://arxiv.org/abs/1906.00295
One layer without feed-forward blocks instead of the paper's stacks, and one softmax over all other modalities instead of
a block per pair: enough to see what attends to what. Values come after the mean over queries, which is the same and cheaper.
Tokens of padding and of absent modalities are neither queries nor keys.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.catalog.localized import Localized
from core.catalog.parameters import Parameter
from core.fusion.base import FeatureFusion, ModelSpec
from core.fusion.diagnostic import Diagnostic, places
from core.fusion.masks import softmax_where, token_mask
from core.fusion.old_keys import accept_old_keys
from core.output import Output
from core.seeding import initialising

_NEW_NAMES = {"ask": "query", "offer": "key", "hear": "value"}  # of layers, in earlier checkpoints


class CrossAttention(FeatureFusion):
    """The tokens (B, T_m, D) of each modality query those of all others; h (B, D) joins what they return (MulT, 1906.00295)."""

    name = "cross_attention"
    common = True
    title = Localized("Cross-attention", "交叉注意力")
    idea = Localized(
        "Each modality asks the tokens of the others what they know.", "每种模态向其他模态的词元询问所知。"
    )
    family = "intermediate"
    formula = (
        r"h = \mathrm{GELU}\big(W\,[c_1; \dots; c_M] + b\big),\quad c_m = z_m + V_m\,[s_1; \dots; s_H],\quad "
        r"s = \mathrm{mean}\,\mathrm{softmax}\!\Big(\tfrac{(Q_m t_m + q_m) (K_m t_o)^\top}{\sqrt{d}}\Big)\, t_o"
    )
    paper = "https://arxiv.org/abs/1906.00295"
    hyperparameters = (Parameter("heads", "int", 4, 1, 8, title=Localized("heads", "注意力头数")),)

    def __init__(self, spec: ModelSpec, heads: int) -> None:
        super().__init__(spec)
        width = spec.width
        self.heads = heads
        inner = heads * max(1, width // heads)
        with initialising(spec.seed, "mix"):
            self.query = nn.ModuleDict({name: nn.Linear(width, inner) for name in self.names})
            # no bias: it would move all of a row's scores alike, which a softmax does not see
            self.key = nn.ModuleDict({name: nn.Linear(width, inner, bias=False) for name in self.names})
            self.value = nn.ModuleDict({name: nn.Linear(heads * width, width, bias=False) for name in self.names})
            self.mix = nn.Linear(len(self.names) * width, width)
        accept_old_keys(self, _NEW_NAMES)

    def fuse(self, z: dict[str, Tensor], tokens: dict[str, Tensor], present: Mapping[str, Tensor]) -> Tensor:
        joined = []
        for name in self.names:
            weights, queries, others = self._attend(name, tokens, present)
            count = queries.sum(1).clamp_min(1).view(-1, 1, 1)
            attended = (weights.sum(2) / count) @ others  # (B, H, T_o) @ (B, T_o, D) -> (B, H, D)
            joined.append(z[name] + self.value[name](attended.flatten(1)))
        return F.gelu(self.mix(torch.cat(joined, 1)))

    def diagnostics(self, output: Output, present: Mapping[str, Tensor]) -> dict[str, Diagnostic]:
        """Mean attention map of each modality: rows are queries, columns keys."""
        shown = {}
        for name in self.names:
            weights, queries, _ = self._attend(name, output.tokens, present)
            rows = weights.mean(1).sum(0) / queries.sum(0).clamp_min(1).unsqueeze(1)  # (T_m, T_o)
            keys = [label for other in self._others(name) for label in places(other, output.tokens[other])]
            shown[f"attention/{name}"] = Diagnostic((places(name, output.tokens[name]), tuple(keys)), rows)
        return shown

    def _attend(
        self, name: str, tokens: dict[str, Tensor], present: Mapping[str, Tensor]
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Weights (B, H, T_m, T_o), zero in rows of masked queries; the mask of the queries (B, T_m); the others' tokens (B, T_o, D)."""
        others = torch.cat([tokens[other] for other in self._others(name)], 1)
        keys = torch.cat([token_mask(tokens[other], present[other]) for other in self._others(name)], 1)
        queries = token_mask(tokens[name], present[name])
        q, k = self._split(self.query[name](tokens[name])), self._split(self.key[name](others))
        scores = q @ k.transpose(2, 3) / q.shape[3] ** 0.5
        weights = softmax_where(scores, keys[:, None, None, :], 3) * queries[:, None, :, None]
        return weights, queries, others

    def _others(self, name: str) -> list[str]:
        return [other for other in self.names if other != name]

    def _split(self, x: Tensor) -> Tensor:
        """(B, T, H * d) -> (B, H, T, d)."""
        result: Tensor = x.unflatten(2, (self.heads, -1)).transpose(1, 2)
        return result
