"""MMPareto: a modality's own loss may help the fused one; where their gradients conflict, a compromise is taken.

    L = L_fused + sum_m L_m                               a linear reader a modality, as in `auxiliary`
    a, b = grad of L_fused, of L_m, on encoder m          (P_m,)
    g = a + b                                             where they agree, a . b >= 0
    g = 2 (w a + (1 - w) b)                               else, with the w in 0..1 that makes g shortest (Pareto)
    g <- gamma max(1, |a + b| / |g|) g                    short gradients find sharp minima: the length is given back

Wei and Hu, MMPareto: Innocent Uni-modal Assistance for Enhanced Multi-modal Learning, 2024. https://arxiv.org/abs/2405.17730
The lengths are compared over the whole encoder, in the authors' code tensor by tensor. Under Adam a constant gamma cancels out
but for clipping: it belongs to the paper's SGD. The curves are the cosines of a and b.
"""

from __future__ import annotations

import torch
from torch import Tensor

from core.balancing.auxiliary_heads import AuxiliaryHeads
from core.balancing.base import Strategy
from core.balancing.gradient_ops import cosine, flat, put_back, taken_apart, unflatten
from core.catalog.localized import Localized
from core.catalog.parameters import Parameter
from core.fusion.base import Fusion, ModelSpec
from core.output import Batch, Output


class MMPareto(Strategy):
    """One gradient of all losses whose direction no loss objects to and whose length is kept (Wei and Hu, ICML 2024, 2405.17730)."""

    name = "mmpareto"
    title = Localized("MMPareto", "MMPareto 帕累托调和")
    idea = Localized(
        "Give each sense a loss of its own, and settle its disputes with the fused one fairly.",
        "给每种感官自己的损失，并公平调解它与融合损失之间的分歧。",
    )
    formula = (
        r"g = \begin{cases} a + b & a \cdot b \ge 0 \\ 2(w a + (1 - w) b) & \text{else} \end{cases},\quad w = \arg\min \lVert g \rVert,\quad "
        r"g \leftarrow \gamma \max(1, \lVert a + b \rVert / \lVert g \rVert)\, g,\quad a = \nabla \mathcal{L}_{fused},\quad b = \nabla \mathcal{L}_m"
    )
    paper = "https://arxiv.org/abs/2405.17730"
    hyperparameters = (
        Parameter("gamma", "float", 1.5, 1.0, 3.0, 0.1, title=Localized("length of the step", "步长放大")),
    )
    stages = ("feature",)
    joint = True
    needs_target = True

    def __init__(self, spec: ModelSpec, gamma: float) -> None:
        super().__init__(spec)
        self.gamma = gamma
        self.readers = AuxiliaryHeads(spec)
        self.logged: dict[str, Tensor] = {}

    def losses(self, output: Output, batch: Batch) -> dict[str, Tensor]:
        return {f"{self.name}/{name}": loss for name, loss in self.readers.losses(output.z, batch).items()}

    def backward(self, total: Tensor, losses: dict[str, Tensor], model: Fusion) -> None:
        own = {name: losses[f"{self.name}/{name}"] for name in model.names}
        fused = torch.stack([loss for key, loss in losses.items() if not key.startswith(f"{self.name}/")]).sum()
        parameters = [p for p in model.parameters() if p.requires_grad]
        gradients = taken_apart([fused, *own.values()], parameters)
        put_back(parameters, gradients)
        place = {parameter: i for i, parameter in enumerate(parameters)}
        for (name, mine), alone in zip(model.modality_parameters().items(), gradients[1:], strict=True):
            mine = [p for p in mine if p in place]
            a, b = (flat([g[place[p]] for p in mine], mine) for g in (gradients[0], alone))
            unflatten(settled(a, b, self.gamma), mine)
            self.logged[f"cosine/{name}"] = cosine(a, b)

    def log_values(self) -> dict[str, Tensor]:
        return self.logged


def settled(a: Tensor, b: Tensor, gamma: float) -> Tensor:
    """The gradient (P,) that two losses' gradients agree on."""
    w = ((b - a) @ b / (a - b).square().sum().clamp_min(1e-30)).clamp(0, 1)  # of the shortest w a + (1 - w) b
    g = torch.where(a @ b < 0, 2 * (w * a + (1 - w) * b), a + b)
    result: Tensor = gamma * ((a + b).norm() / g.norm().clamp_min(1e-30)).clamp_min(1) * g
    return result
