"""Max rule: for each class the largest probability of any expert counts.

    p_m = softmax(l_m)                   (B, C)    l_m = W_m z_m + b_m, trained by its own loss
    q   = max_m p_m                      (B, C)    over the modalities that are present
    p   = q / sum_c q_c                  (B, C)

The class that wins is the one that some expert is surest of, whatever the others say. An expert that is unsure is no burden,
one that is sure and wrong decides alone. And nothing is put together: where each modality knows another part of the answer
and none the whole, the rule is as good as one of them (.21 on interactions, where the average has .42).

A maximum is no sum. Yet of two experts the surer one decides, which is what a sum of two votes does where each weighs what it
gives its class: so the rule of two is additive in votes. Of three or more it is on no scale that could be computed, since
two votes must never outweigh a surer one, however little surer.

Kittler et al., On combining classifiers, 1998. https://doi.org/10.1109/34.667881
Their rule keeps the prior apart, q = (1 - M) prior + M max_m p_m, which is this one where classes are equally frequent.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from core.catalog.localized import Localized
from core.fusion.base import DecisionFusion, ModelSpec
from core.output import Output

NEVER = -1e9  # a log-probability; -inf would make a sample without any modality NaN


class LateMax(DecisionFusion):
    """The class (B, C) that some expert gives the largest probability."""

    name = "late_max"
    title = Localized("Max rule", "最大值规则")
    idea = Localized(
        "Each modality decides alone; for each class the surest one is believed.",
        "各模态独立决定；每个类别都听最有把握的那一个。",
    )
    family = "late"
    formula = r"p(c) \propto \max_m p_m(c),\quad p_m = \mathrm{softmax}(l_m)"
    paper = "https://doi.org/10.1109/34.667881"
    complements = False
    additive_scale = "votes"

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__(spec)
        if len(self.names) > 2:
            self.additive_scale = ""

    def combine(self, log_p: Tensor, present: Tensor) -> Tensor:
        return log_p.masked_fill(~present.unsqueeze(2), NEVER).amax(0).log_softmax(1)

    def decision_scores(self, output: Output, present: Mapping[str, Tensor]) -> Tensor:
        """Of two: each one's class, weighing what it gives it. Of more: the largest probabilities."""
        p = self.stacked(output.experts).softmax(2) * self.stacked(present).unsqueeze(2)
        if not self.additive_scale:
            return p.amax(0)
        return torch.zeros_like(p).scatter(2, p.argmax(2, keepdim=True), p.amax(2, keepdim=True)).sum(0)
