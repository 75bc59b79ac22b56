"""Early transformer: one transformer over the raw pieces of all modalities, which meet in its first layer.

    t_m = W_m p_m + e_m + s                    (B, T_m, D)              pieces p_m; s tells the place, e_m the modality
    x   = Block_l([r; t_1; ...; t_M])          (B, 1 + sum T_m, D)      l = 1..L; r: a learned token that reads
    h   = n(x_r),  y = U h + d                 (B, D), (B, C)    n is a layer norm

Kim et al., ViLT: Vision-and-Language Transformer Without Convolution or Region Supervision, 2021.
https://arxiv.org/abs/2102.03334
Two blocks instead of twelve, trained from scratch, places by fixed sines. The branches have met before anything is learnt
of each, yet each has a share of its own: what r attends to at the first block is, per head, sum_m a_m z_m (and itself),
with a_m the attention that goes to modality m and z_m what r would attend to if m were alone. z_m is what the map shows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from core.catalog.localized import Localized
from core.catalog.parameters import Parameter
from core.encoders.pieces import pieces
from core.fusion.base import Fusion, ModelSpec
from core.fusion.block import Block
from core.fusion.diagnostic import Diagnostic, places
from core.fusion.masks import token_mask
from core.fusion.model_spec import head_of
from core.output import Batch, Output
from core.seeding import initialising


class EarlyTransformer(Fusion):
    """One transformer over the raw patches of all modalities (B, 1 + sum T_m, D); a learned token reads h (ViLT, 2102.03334)."""

    name = "early_transformer"
    common = True
    title = Localized("Early transformer", "早期 Transformer")
    idea = Localized(
        "Cut all raw inputs into pieces and let one transformer read them together.",
        "把所有原始输入切成小块，由同一个 Transformer 一起读取。",
    )
    stage = "input"
    family = "early"
    formula = (
        r"h = n\big(\mathrm{Block}_{1 \dots L}([r; t_1; \dots; t_M])_r\big),\quad "
        r"t_m = W_m p_m + e_m + s,\quad y = U h + d"
    )
    paper = "https://arxiv.org/abs/2102.03334"
    hyperparameters = (
        Parameter("layers", "int", 2, 1, 4, title=Localized("layers", "层数")),
        Parameter("heads", "int", 2, 1, 8, title=Localized("heads", "注意力头数")),
    )

    def __init__(self, spec: ModelSpec, layers: int, heads: int) -> None:
        super().__init__(spec)
        width = spec.width
        self.pieces, self.kinds = nn.ModuleDict(), nn.ParameterDict()
        for name, modality in spec.modalities.items():
            with initialising(spec.seed, "pieces", name):
                self.pieces[name] = pieces(modality, width)
                self.kinds[name] = nn.Parameter(torch.randn(width) * 0.02)
        with initialising(spec.seed, "trunk"):
            self.reader = nn.Parameter(torch.randn(width) * 0.02)
            self.blocks = nn.ModuleList(Block(width, heads) for _ in range(layers))
            self.norm = nn.LayerNorm(width)
            self.head = head_of(spec, width)

    def forward(self, batch: Batch) -> Output:
        self.check(batch)
        tokens = {name: self._tokens(name, batch) for name in self.names}
        z = {name: self._alone(tokens[name], batch.present[name]) for name in self.names}
        x, mask = self._join(tokens, batch.present)
        *blocks, last = self._blocks()
        for block in blocks:
            x = block(x, mask)
        h = self.norm(last(x, mask, 1).squeeze(1))
        return Output(z=z, tokens=tokens, h=h, prediction=self.head(h) if self.head else None)

    def modality_parameters(self) -> dict[str, list[nn.Parameter]]:
        return {name: [*self.pieces[name].parameters(), self.kinds[name]] for name in self.names}

    def diagnostics(self, output: Output, present: Mapping[str, Tensor]) -> dict[str, Diagnostic]:
        """Which pieces the reading token attends to at each block."""
        x, mask = self._join(output.tokens, present)
        rows = []
        for block in self._blocks():
            rows.append(block.attention(x, mask, 1).mean((0, 1, 2))[1:])
            x = block(x, mask)
        layers = tuple(f"layer {depth + 1}" for depth in range(len(rows)))
        columns = tuple(label for name in self.names for label in places(name, output.tokens[name]))
        return {"attention": Diagnostic((layers, columns), torch.stack(rows))}

    def _blocks(self) -> list[Block]:
        return [block for block in self.blocks if isinstance(block, Block)]

    def _tokens(self, name: str, batch: Batch) -> Tensor:
        """(B, T, D), zeros where a piece or the whole modality is missing."""
        read = self.pieces[name](batch.inputs[name])
        mask = token_mask(read, batch.present[name])
        result: Tensor = (read + self.kinds[name] + _sines(read)) * mask.unsqueeze(2)
        return result

    def _join(self, tokens: Mapping[str, Tensor], present: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
        """The reading token and all pieces (B, 1 + sum T, D), and the mask of those that are present (B, 1 + sum T)."""
        reader = self.reader.expand(len(tokens[self.names[0]]), 1, -1)
        masks = [token_mask(tokens[name], present[name]) for name in self.names]
        always = torch.ones_like(masks[0][:, :1])
        return torch.cat([reader, *(tokens[name] for name in self.names)], 1), torch.cat([always, *masks], 1)

    def _alone(self, tokens: Tensor, present: Tensor) -> Tensor:
        """z_m (B, D): what the reading token would attend to at the first block if this modality were alone."""
        mask = token_mask(tokens, present)
        any_token = mask.any(1, keepdim=True)
        x = torch.cat([self.reader.expand(len(tokens), 1, -1), tokens], 1)
        attended = self._blocks()[0].attended(x, torch.cat([~any_token, mask], 1), 1)
        return attended.squeeze(1) * any_token


def _sines(tokens: Tensor) -> Tensor:
    """(T, D): the place of each token as sines and cosines of wave lengths from 2 pi to 10000 * 2 pi (Vaswani et al.)."""
    count, width = tokens.shape[1:]
    place = torch.arange(count, device=tokens.device).unsqueeze(1)
    rate = torch.exp(torch.arange(0, width, 2, device=tokens.device) * (-math.log(10000.0) / width))
    return torch.stack([(place * rate).sin(), (place * rate).cos()], 2).flatten(1)[:, :width]
