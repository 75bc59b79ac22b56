"""Max rule: for each class the boldest expert speaks.

    p_m = softmax(W_m z_m)               (B, C)    trained by its own loss
    q   = max_m p_m                      (B, C)    over the modalities that are present
    p   = q / sum_c q_c                  (B, C)

The class that wins is the one that some expert is surest of, whatever the others say. An expert that is unsure is no burden,
one that is sure and wrong decides alone. And nothing is put together: where each modality knows another part of the answer
and none the whole, the rule is as good as one of them (.21 on interactions, where the average has .42).

Kittler et al., On combining classifiers, 1998. https://doi.org/10.1109/34.667881
Their rule keeps the prior apart, q = (1 - M) prior + M max_m p_m, which is this one where classes are equally frequent.
"""

from __future__ import annotations

from torch import Tensor

from core.fusion.base import DecisionFusion

NEVER = -1e9  # a log-probability; -inf would make a sample without any modality NaN


class LateMax(DecisionFusion):
    name = "late_max"
    title = "Max rule"
    idea = "Each modality decides alone; for each class the surest one is believed."
    family = "late"
    formula = r"p(c) \propto \max_m p_m(c),\quad p_m = \mathrm{softmax}(W_m z_m)"
    paper = "https://doi.org/10.1109/34.667881"
    complements = False

    def combine(self, log_p: Tensor, present: Tensor) -> Tensor:
        return log_p.masked_fill(~present.unsqueeze(2), NEVER).amax(0).log_softmax(1)
