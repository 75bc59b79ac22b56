"""Mixture of experts: a router sends each sample to the few layers that know its kind.

    g = softmax(V [z_1; ...; z_M])                          (B, E)
    h = sum_e g_e GELU(W_e [z_1; ...; z_M] + b_e)           (B, D)    over the k experts with the largest g

Shazeer et al., Outrageously Large Neural Networks: The Sparsely-Gated Mixture-of-Experts Layer, 2017.
https://arxiv.org/abs/1701.06538
The weights of the chosen are not made to add up to one (as in Switch, 2101.03961): with k = 1 the router would learn nothing.
All experts are computed and the others taken off, which costs little at this size; no noise and no extra loss makes the
router spread its choices, so experts can fall idle. `routing` shows it.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.catalog.localized import Localized
from core.catalog.parameters import Parameter
from core.fusion.base import FeatureFusion, ModelSpec
from core.fusion.diagnostic import Diagnostic
from core.output import Output
from core.seeding import initialising


class Mixture(FeatureFusion):
    """A router (B, E) sends each sample to k of E layers; h (B, D) is their weighted sum (Shazeer et al., 2017, 1701.06538)."""

    name = "mixture"
    title = Localized("Mixture of experts", "专家混合")
    idea = Localized(
        "A router sends each sample to the few layers that know its kind.", "由路由把每个样本分派给少数熟悉它的专家层。"
    )
    family = "intermediate"
    formula = (
        r"h = \sum_{e \in \mathrm{top}_k} g_e\,\mathrm{GELU}(W_e z + b_e),\quad g = \mathrm{softmax}(V z),\quad "
        r"z = [z_1; \dots; z_M]"
    )
    paper = "https://arxiv.org/abs/1701.06538"
    hyperparameters = (
        Parameter("experts", "int", 4, 2, 16, title=Localized("experts", "专家数")),
        Parameter("chosen", "int", 2, 1, 16, title=Localized("experts per sample", "每个样本的专家数")),
    )

    def __init__(self, spec: ModelSpec, experts: int, chosen: int) -> None:
        super().__init__(spec)
        self.chosen = min(chosen, experts)
        joined = len(self.names) * spec.width
        with initialising(spec.seed, "mix"):
            # no bias: whom a sample goes to is a matter of the sample
            self.router = nn.Linear(joined, experts, bias=False)
            self.experts = nn.Linear(joined, experts * spec.width)  # W_1, ..., W_E one below the other

    def fuse(self, z: dict[str, Tensor], tokens: dict[str, Tensor], present: Mapping[str, Tensor]) -> Tensor:
        joined = torch.cat(tuple(z.values()), 1)
        outputs = F.gelu(self.experts(joined)).unflatten(1, (self.router.out_features, -1))  # (B, E, D)
        result: Tensor = (self._route(joined).unsqueeze(2) * outputs).sum(1)
        return result

    def diagnostics(self, output: Output, present: Mapping[str, Tensor]) -> dict[str, Diagnostic]:
        """How often each expert is among the chosen."""
        taken = (self._route(torch.cat(tuple(output.z.values()), 1)) > 0).float().mean(0)
        return {"routing": Diagnostic((tuple(str(e + 1) for e in range(len(taken))),), taken)}

    def _route(self, joined: Tensor) -> Tensor:
        """(B, E), zero for those that are not chosen."""
        g = self.router(joined).softmax(1)
        best, which = g.topk(self.chosen, 1)
        return torch.zeros_like(g).scatter(1, which, best)
