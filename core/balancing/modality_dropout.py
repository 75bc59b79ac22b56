"""Modality dropout: train with modalities missing, so that none is relied on alone.

    l_m ~ Bernoulli(rate)                  (M, B)   who is lost in which sample
    l_m = 0 for one m that the sample has  (B,)     drawn evenly, where all would be lost
    x_m <- (1 - l_m) x_m                   (B, ...) and `present` says so

Neverova et al., ModDrop, 2015. https://arxiv.org/abs/1501.00102
The paper drops channels late in training, after each has been pre-trained; here from the first step. Whether a sample lacks
an absent modality is marked absent, as at test time. Training scores are taken with modalities missing, so they lie lower.
"""

from __future__ import annotations

from dataclasses import replace

import torch

from core.balancing.base import Strategy
from core.catalog.localized import Localized
from core.catalog.parameters import Parameter
from core.data.base import zero_absent
from core.fusion.base import ModelSpec
from core.output import Batch

ANY = "any"


class ModalityDropout(Strategy):
    """Whole modalities are dropped at random from training samples, never the last one (ModDrop, Neverova et al., 2015, 1501.00102)."""

    name = "modality_dropout"
    title = Localized("Modality dropout", "模态丢弃")
    idea = Localized(
        "Take senses away at random while training, so that each learns to stand alone.",
        "训练时随机拿走一些感官，让每种感官都学会独当一面。",
    )
    formula = (
        r"x_m \leftarrow (1 - \ell_m)\, x_m,\quad \ell_m \sim \mathrm{Bernoulli}(\rho),\quad "
        r"\ell_k \leftarrow 0\ \text{for one}\ k\ \text{where all would be lost}"
    )
    paper = "https://arxiv.org/abs/1501.00102"
    hyperparameters = (
        Parameter("rate", "float", 0.3, 0.0, 0.9, 0.05, title=Localized("share lost", "丢失比例")),
        Parameter("modality", "modality", ANY, choices=(ANY,), title=Localized("which may be lost", "可丢失的模态")),
    )
    stages = ("input", "feature")
    joint = True
    needs_target = True

    def __init__(self, spec: ModelSpec, rate: float, modality: str) -> None:
        super().__init__(spec)
        self.rate = rate
        self.may = [modality in (ANY, name) for name in spec.modalities]  # be lost

    def transform_batch(self, batch: Batch) -> Batch:
        given = torch.stack(tuple(batch.present.values()))  # (M, B)
        may = torch.tensor(self.may, device=given.device).unsqueeze(1)
        draws = torch.rand(2, *given.shape).to(given.device)  # drawn on the CPU: the same ones on every device
        left = given & ~(may & (draws[0] < self.rate))
        keeper = draws[1].masked_fill(~given, -1.0).argmax(0)  # (B,) one of those that the sample has
        saved = torch.zeros_like(given).scatter_(0, keeper.unsqueeze(0), ~left.any(0, keepdim=True)) & given
        present = dict(zip(batch.present, (left | saved).unbind(), strict=True))
        return replace(batch, inputs=zero_absent(batch.inputs, present), present=present)
