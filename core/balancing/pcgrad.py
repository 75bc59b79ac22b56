"""PCGrad: where two losses pull against each other, each gives up the part that hurts the other.

    g_i                                             (P,)   the gradient of loss i, on the parameters that losses share
    g_i <- g_i - (g_i . g_j) / |g_j|^2 g_j          if g_i . g_j < 0, for all j != i in random order
    g    = sum_i g_i

Yu et al., Gradient Surgery for Multi-Task Learning, 2020. https://arxiv.org/abs/2001.06782
The losses are the terms of the objective, weighted, so there must be two. Shared are the parameters that at least two of them
reach: with classification and a contrastive term these are the encoders. The curve is the lowest cosine between two
gradients: 1 is agreement, -1 is open conflict. A backward pass a loss.
"""

from __future__ import annotations

from itertools import combinations

import torch
from torch import Tensor

from core.balancing.base import Strategy
from core.balancing.gradient_ops import cosine, flat, put_back, taken_apart, unflatten
from core.catalog.localized import Localized
from core.fusion.base import Fusion, ModelSpec


class PCGrad(Strategy):
    """Of two losses' gradients that disagree each loses its part against the other (Yu et al., NeurIPS 2020, 2001.06782)."""

    name = "pcgrad"
    title = Localized("PCGrad", "PCGrad 梯度手术")
    idea = Localized(
        "Where two losses pull against each other, each gives up the part that hurts the other.",
        "两个损失相互拉扯时，各自放弃伤害对方的那一部分。",
    )
    formula = (
        r"g_i \leftarrow g_i - \frac{g_i \cdot g_j}{\lVert g_j \rVert^2}\, g_j \quad \text{if } g_i \cdot g_j < 0,\quad "
        r"g = \sum_i g_i"
    )
    paper = "https://arxiv.org/abs/2001.06782"
    stages = ("input", "feature")
    joint = True
    fewest_terms = 2

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__(spec)
        self.logged: dict[str, Tensor] = {}

    def backward(self, total: Tensor, losses: dict[str, Tensor], model: Fusion) -> None:
        parameters = [p for p in model.parameters() if p.requires_grad]
        gradients = taken_apart(losses.values(), parameters)
        put_back(parameters, gradients)
        reached = [sum(g[i] is not None for g in gradients) for i in range(len(parameters))]
        shared = [i for i, count in enumerate(reached) if count > 1]
        if not shared:
            return
        common = [parameters[i] for i in shared]
        apart = torch.stack([flat([g[i] for i in shared], common) for g in gradients])  # (L, P)
        unflatten(projected(apart).sum(0), common)
        self.logged = {"cosine": torch.stack([cosine(a, b) for a, b in combinations(apart, 2)]).min()}

    def log_values(self) -> dict[str, Tensor]:
        return self.logged


def projected(gradients: Tensor) -> Tensor:
    """(L, P) gradients, each without what hurts one of the others as they were given."""
    cleared = gradients.clone()
    for i, own in enumerate(cleared):
        for j in torch.randperm(len(gradients)).tolist():
            if j != i:
                along = (own @ gradients[j]).clamp_max(0) / gradients[j].square().sum().clamp_min(1e-30)
                own -= along * gradients[j]
    return cleared
