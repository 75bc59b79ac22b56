"""Bottleneck fusion: a transformer per modality; a few shared tokens carry what passes between them.

    c_m = E_m z_m + e_m,  t_m = E_m tokens + e_m   (B, 1, D/2), (B, T_m, D/2)    the modality's summary and its tokens
    [c_m; f_m] = Block_m,l([c_m; f; t_m])          (B, 1 + K, D/2)    for each modality, l = 1..L
    f   = mean_m f_m                               (B, K, D/2)        over the modalities that are present
    h   = W n(mean_m c_m) + b                      (B, D)             after the last block; n is a layer norm

What one modality learns of another has to pass through K tokens, and takes a block to get in and a block to get out:
with `layers=1` nothing passes.
Nagrani et al., Attention Bottlenecks for Multimodal Fusion (MBT), 2021. https://arxiv.org/abs/2107.00135
Two blocks on the encoders' tokens instead of twelve on raw pieces. For speed the streams are half as wide as the embeddings,
and only summaries and shared tokens are queries: the encoders' tokens stay as their encoder made them.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from core.catalog.localized import Localized
from core.catalog.parameters import Parameter
from core.fusion.base import FeatureFusion, ModelSpec
from core.fusion.block import Block
from core.fusion.diagnostic import Diagnostic, places
from core.fusion.masks import stacked, token_mask
from core.output import Output
from core.seeding import initialising


class Bottleneck(FeatureFusion):
    """A transformer block per modality (B, 1 + T_m, D / 2); K shared tokens carry what passes between them (MBT, 2107.00135)."""

    name = "bottleneck"
    title = Localized("Bottleneck tokens", "瓶颈词元")
    idea = Localized(
        "Each modality thinks for itself; a few shared tokens carry what they tell each other.",
        "各模态各自思考，只靠少数共享词元互通消息。",
    )
    family = "intermediate"
    formula = (
        r"[c_m; f_m] = \mathrm{Block}_{m,l}([c_m; f; t_m]),\quad f = \tfrac{1}{M} \sum_m f_m,\quad "
        r"h = W\, n\big(\tfrac{1}{M} \sum_m c_m\big) + b"
    )
    paper = "https://arxiv.org/abs/2107.00135"
    hyperparameters = (
        Parameter("bottlenecks", "int", 2, 1, 32, title=Localized("shared tokens", "共享词元数")),
        Parameter("layers", "int", 2, 1, 4, title=Localized("layers", "层数")),
        Parameter("heads", "int", 2, 1, 8, title=Localized("heads", "注意力头数")),
    )

    def __init__(self, spec: ModelSpec, bottlenecks: int, layers: int, heads: int) -> None:
        super().__init__(spec)
        width, inner = spec.width, spec.width // 2
        with initialising(spec.seed, "bottleneck"):
            self.shared = nn.Parameter(torch.randn(bottlenecks, inner) * 0.02)
        self.enter = nn.ModuleDict()
        levels = [nn.ModuleDict() for _ in range(layers)]
        for name in self.names:
            with initialising(spec.seed, "mix", name):
                self.enter[name] = _steep(nn.Linear(width, inner))
                for level in levels:
                    level[name] = Block(inner, heads)
        self.levels = nn.ModuleList(levels)
        with initialising(spec.seed, "mix"):
            self.leave = nn.Sequential(nn.LayerNorm(inner), _steep(nn.Linear(inner, width)))

    def fuse(self, z: dict[str, Tensor], tokens: dict[str, Tensor], present: Mapping[str, Tensor]) -> Tensor:
        masks = {name: self._mask(tokens[name], present[name]) for name in self.names}
        own = {name: self.enter[name](z[name]).unsqueeze(1) for name in self.names}
        tokens = {name: self.enter[name](tokens[name]) for name in self.names}
        shared = self.shared.expand(len(masks[self.names[0]]), -1, -1)
        *passing, last = self.levels.children()
        for level in passing:
            carried = {}
            for name, block in level.named_children():
                x = block(torch.cat([own[name], shared, tokens[name]], 1), masks[name], 1 + len(self.shared))
                own[name], carried[name] = x[:, :1], x[:, 1:]
            shared = _mean(carried, present)
        for name, block in last.named_children():
            own[name] = block(torch.cat([own[name], shared, tokens[name]], 1), masks[name], 1)
        result: Tensor = self.leave(_mean(own, present).squeeze(1))
        return result

    def diagnostics(self, output: Output, present: Mapping[str, Tensor]) -> dict[str, Diagnostic]:
        """The shared tokens' attention at the first block to each modality's summary and tokens, where it is present."""
        count, columns, labels = len(self.shared), [], []
        for name, block in next(self.levels.children()).named_children():
            assert isinstance(block, Block)
            z, tokens = output.z[name], output.tokens[name]
            own = self.enter[name](torch.cat([z.unsqueeze(1), tokens], 1))
            x = torch.cat([own[:, :1], self.shared.expand(len(z), -1, -1), own[:, 1:]], 1)
            weights = block.attention(x, self._mask(tokens, present[name]), 1 + count).mean(1)[:, 1:]  # (B, K, S)
            mask = present[name].view(-1, 1, 1)
            mean = (weights * mask).sum(0) / mask.sum().clamp_min(1)
            columns.append(torch.cat([mean[:, :1], mean[:, 1 + count :]], 1))  # without their attention to each other
            labels += [name, *places(name, tokens)]
        rows = tuple(f"bottleneck {k + 1}" for k in range(count))
        return {"attention": Diagnostic((rows, tuple(labels)), torch.cat(columns, 1))}

    def _mask(self, tokens: Tensor, present: Tensor) -> Tensor:
        """(B, 1 + K + T): true at the summary and the tokens where the modality is present, at the shared tokens always."""
        always = torch.ones(len(tokens), len(self.shared), dtype=torch.bool, device=tokens.device)
        return torch.cat([present.unsqueeze(1), always, token_mask(tokens, present)], 1)


def _mean(values: dict[str, Tensor], present: Mapping[str, Tensor]) -> Tensor:
    """Mean of (B, K, D) over the modalities that are present; zeros where none is."""
    mask = stacked(present).unsqueeze(2).unsqueeze(3)  # (B, M, 1, 1)
    return (stacked(values) * mask).sum(1) / mask.sum(1).clamp_min(1)


def _steep(layer: nn.Linear) -> nn.Linear:
    """With the first weights that the blocks have."""
    nn.init.xavier_uniform_(layer.weight)
    return layer
