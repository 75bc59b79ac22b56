"""SigLIP: a binary decision for every pair of samples of two modalities: do they match?

    s_ij = exp(t) cos(a_i, b_j) + c                       (B, B)
    y_ij = 1 where they belong together, else -1          (B, B)
    L    = - 1/B sum_ij log sigmoid(y_ij s_ij)

No softmax ties a row together, so the loss needs no large batch. It begins at exp(t) = 10 and c = -10 as in the paper:
nearly all pairs are negatives, and the bias says so from the start. The paper learns t and c without a clamp, so do we.
Differs: with data paired by class all of a class belong together.

Zhai et al., Sigmoid Loss for Language Image Pre-Training, 2023. https://arxiv.org/abs/2303.15343
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.catalog.localized import Localized
from core.catalog.parameters import Parameter
from core.objectives.pairs import Pair, PairObjective


class SigLIP(PairObjective):
    """A logistic loss per entry of the similarity matrix (B, B), with a learned scale and bias (Zhai et al., 2023, 2303.15343)."""

    name = "siglip"
    title = Localized("SigLIP (sigmoid)", "SigLIP（逐对判断）")
    idea = Localized(
        "Ask of every two samples, on their own, whether they belong together.", "对每两个样本单独发问：它们是否配对？"
    )
    formula = r"\mathcal{L} = -\tfrac{1}{B} \sum_{ij} \log \sigma\big(y_{ij} (e^{t} \cos(a_i, b_j) + c)\big)"
    paper = "https://arxiv.org/abs/2303.15343"
    hyperparameters = (
        Parameter("temperature", "float", 0.1, 0.01, 2.0, scale="log", title=Localized("temperature", "温度")),
        Parameter("bias", "float", -10.0, -20.0, 5.0, 0.5, title=Localized("bias at the start", "初始偏置")),
        Parameter("learned", "bool", True, title=Localized("learn the temperature", "学习温度")),
    )

    def __init__(self, temperature: float = 0.1, bias: float = -10.0, learned: bool = True) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(-math.log(temperature)), requires_grad=learned)
        self.bias = nn.Parameter(torch.tensor(float(bias)), requires_grad=learned)

    def between(self, pair: Pair) -> Tensor:
        scores = self.scale.exp() * pair.cosine() + self.bias
        loss = -F.logsigmoid(scores) * pair.match - F.logsigmoid(-scores) * pair.other
        return loss.sum() / pair.both.sum().clamp_min(1)
