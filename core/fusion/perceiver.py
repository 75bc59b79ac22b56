"""Perceiver: a few learned queries attend to the tokens of all modalities at once.

    t_m = [z_m; tokens of m] + e_m               (B, 1 + T_m, D)    e_m tells the modality
    q   = Block_l([q; t_1; ...; t_M])            (B, K, D)          l = 1..L; only the latent queries attend
    h   = n(mean_k q_k)                          (B, D)             n is a layer norm

The cost grows with the number of tokens, not with its square, and their order within a modality does not matter.
Jaegle et al., Perceiver: General Perception with Iterative Attention, 2021. https://arxiv.org/abs/2103.03206
On the encoders' tokens; the queries attend to the tokens and to each other in one step, which the paper does in turns.
In `bottleneck` each modality has blocks of its own; here all tokens lie in one list.
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
from core.fusion.masks import token_mask
from core.fusion.old_keys import accept_old_keys
from core.output import Output
from core.seeding import initialising


class Perceiver(FeatureFusion):
    """K learned latent queries (B, K, D) attend to the tokens of all modalities; h (B, D) is their mean (Jaegle et al., 2021, 2103.03206)."""

    name = "perceiver"
    title = Localized("Perceiver", "Perceiver（潜在查询）")
    idea = Localized(
        "A few learned queries attend to the tokens of all modalities at once.",
        "用少数几个学习到的查询，同时关注所有模态的词元。",
    )
    family = "intermediate"
    formula = (
        r"q \leftarrow \mathrm{Block}_l([q;\, t_1;\, \dots;\, t_M])_q,\quad t_m = [z_m;\, \mathrm{tokens}_m] + e_m,\quad "
        r"h = n\big(\tfrac{1}{K} \sum_k q_k\big)"
    )
    paper = "https://arxiv.org/abs/2103.03206"
    hyperparameters = (
        Parameter("questions", "int", 4, 1, 32, title=Localized("latent queries", "潜在查询数")),
        Parameter("layers", "int", 2, 1, 4, title=Localized("layers", "层数")),
        Parameter("heads", "int", 2, 1, 8, title=Localized("heads", "注意力头数")),
    )

    def __init__(self, spec: ModelSpec, questions: int, layers: int, heads: int) -> None:
        super().__init__(spec)
        width = spec.width
        self.kinds = nn.ParameterDict()
        for name in self.names:
            with initialising(spec.seed, "kind", name):
                self.kinds[name] = nn.Parameter(torch.randn(width) * 0.02)
        with initialising(spec.seed, "mix"):
            self.queries = nn.Parameter(torch.randn(questions, width) * 0.02)
            self.blocks = nn.ModuleList(Block(width, heads) for _ in range(layers))
        self.norm = nn.LayerNorm(width)
        accept_old_keys(self, {"questions": "queries"})  # in earlier checkpoints

    def fuse(self, z: dict[str, Tensor], tokens: dict[str, Tensor], present: Mapping[str, Tensor]) -> Tensor:
        listed, mask = self._listed(z, tokens, present)
        q = self.queries.expand(len(listed), -1, -1)
        for block in self.blocks:
            q = block(torch.cat([q, listed], 1), mask, len(self.queries))
        result: Tensor = self.norm(q.mean(1))
        return result

    def diagnostics(self, output: Output, present: Mapping[str, Tensor]) -> dict[str, Diagnostic]:
        """What each latent query attends to at the first block."""
        listed, mask = self._listed(output.z, output.tokens, present)
        count, block = len(self.queries), self.blocks[0]
        assert isinstance(block, Block)
        x = torch.cat([self.queries.expand(len(listed), -1, -1), listed], 1)
        weights = block.attention(x, mask, count).mean((0, 1))[:, count:]  # without their attention to each other
        columns = [label for name in self.names for label in (name, *places(name, output.tokens[name]))]
        rows = tuple(f"question {k + 1}" for k in range(count))
        return {"attention": Diagnostic((rows, tuple(columns)), weights)}

    def _listed(
        self, z: dict[str, Tensor], tokens: dict[str, Tensor], present: Mapping[str, Tensor]
    ) -> tuple[Tensor, Tensor]:
        """All tokens (B, sum(1 + T_m), D), and their mask (B, K + sum(1 + T_m)), which begins with the queries: those always."""
        first = z[self.names[0]]
        rows, masks = [], [torch.ones(len(first), len(self.queries), dtype=torch.bool, device=first.device)]
        for name in self.names:
            rows.append(torch.cat([z[name].unsqueeze(1), tokens[name]], 1) + self.kinds[name])
            masks += [present[name].unsqueeze(1), token_mask(tokens[name], present[name])]
        return torch.cat(rows, 1), torch.cat(masks, 1)
