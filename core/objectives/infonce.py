"""InfoNCE: find the partner of each sample in the other modality among all of the batch.

    s_ij = exp(t) cos(a_i, b_j)                                     (B, B)
    L    = - mean_i mean_{j in P(i)} log softmax_j(s_i.)_j           and the same from b; half of each

P(i) are the samples whose pair id equals i's: itself where pairs are real, its class where data are paired by class
(then this is SupCon's form, https://arxiv.org/abs/2004.11362). The temperature tau = 1/exp(t) is learned; as in CLIP it is kept at
.01 or more by a clamp of t after each step, since a clamp inside the loss would leave it without a slope there. More than two
modalities: the mean over their pairs. Samples that lack one of the two are left out.

van den Oord et al. 2018, https://arxiv.org/abs/1807.03748; Radford et al. (CLIP) 2021, https://arxiv.org/abs/2103.00020
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from core.catalog.localized import Localized
from core.catalog.parameters import Parameter
from core.objectives.pairs import Pair, PairObjective

LARGEST_SCALE = math.log(100.0)  # CLIP's clamp: temperature .01


class InfoNCE(PairObjective):
    """Cross-entropy over the cosine similarities (B, B) of each pair of modalities, both directions (Oord 2018; CLIP 2021)."""

    name = "infonce"
    title = Localized("InfoNCE (contrastive)", "InfoNCE（对比学习）")
    idea = Localized("Pull what belongs together close, push everything else apart.", "拉近属于一起的，推开其余一切。")
    formula = (
        r"\mathcal{L} = -\tfrac{1}{2B} \sum_i \operatorname{mean}_{j \in P(i)} \Big(\log \frac{e^{s_{ij}}}{\sum_k e^{s_{ik}}} "
        r"+ \log \frac{e^{s_{ij}}}{\sum_k e^{s_{kj}}}\Big),\quad s_{ij} = \cos(a_i, b_j) / \tau"
    )
    paper = "https://arxiv.org/abs/2103.00020"
    hyperparameters = (
        Parameter("temperature", "float", 0.1, 0.01, 2.0, scale="log", title=Localized("temperature", "温度")),
        Parameter("learned", "bool", True, title=Localized("learn the temperature", "学习温度")),
    )

    ceilings = {"scale": LARGEST_SCALE}  # noqa: RUF012

    def __init__(self, temperature: float = 0.1, learned: bool = True) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(-math.log(temperature)), requires_grad=learned)

    def between(self, pair: Pair) -> Tensor:
        scores = self.scale.exp() * pair.cosine()
        ways = [_one_way(s, pair.match, pair.both) for s in (scores, scores.T)]
        return torch.stack(ways).mean()


def _one_way(scores: Tensor, match: Tensor, both: Tensor) -> Tensor:
    """Mean over the rows that are there; columns that are not there are no candidates."""
    log_p = scores.masked_fill(~both, -1e9).log_softmax(1)
    weight = match.to(scores.dtype)
    row = -(log_p * weight).sum(1) / weight.sum(1).clamp_min(1)
    return (row * both).sum() / both.sum().clamp_min(1)
