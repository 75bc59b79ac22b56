"""Majority vote: each modality names one class, the most votes win.

    v_m  = argmax l_m                                          (B,)      l_m = W_m z_m + b_m, trained by its own loss
    n_c  = sum_m w_m [v_m = c]                                 (B, C)    w_m = 1, or how sure expert m is
    p_c  = (n_c + eps * t_c) / sum_c (n_c + eps * t_c)         (B, C)    t breaks ties, eps = .01; 1e-6 at least

`votes=weighted` counts a vote by the probability that its expert gives it; with two modalities whoever is surer wins, as in
`late_max`. ("Soft voting" in scikit-learn is the average of all probabilities: here `late_average`.) Ties, which with two
equal votes means every disagreement, go to the tied class with the higher mean probability; with `ties=first` to the one
that the first modality in the data's order named: t_c = sum_m 2^(M-m) [v_m = c] / (2^M - 1). Weighted votes that differ by less
than eps count as tied.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn import functional as F

from core.catalog.localized import Localized
from core.catalog.parameters import Parameter
from core.fusion.base import DecisionFusion, ModelSpec
from core.output import Output

EPS = 1e-2  # small enough never to outvote a vote


class LateVote(DecisionFusion):
    """One vote per expert, plain or weighted; ties by mean probability or by the first modality (B, C)."""

    name = "late_vote"
    title = Localized("Majority vote", "多数投票")
    idea = Localized("Each modality names one class; the most votes win.", "各模态各选一类，得票最多者胜。")
    family = "late"
    formula = (
        r"p_c \propto n_c + \epsilon\, t_c,\quad n_c = \sum_m w_m [\,v_m = c\,],\quad "
        r"v_m = \arg\max l_m,\quad w_m = 1\ \text{or}\ \max \mathrm{softmax}(l_m)"
    )
    revision = 2  # ties=first of three and more modalities: a cascade before, a sum now
    additive_scale = "votes"
    hyperparameters = (
        Parameter("votes", "choice", "equal", choices=("equal", "weighted"), title=Localized("votes", "投票方式")),
        Parameter("ties", "choice", "confidence", choices=("confidence", "first"), title=Localized("ties", "平票规则")),
    )

    def __init__(self, spec: ModelSpec, votes: str, ties: str) -> None:
        super().__init__(spec)
        self.weighted = votes == "weighted"
        self.breaker = {"confidence": _mean_probability, "first": _order}[ties]

    def combine(self, log_p: Tensor, present: Tensor) -> Tensor:
        count = self._count(log_p, present)
        return (count / count.sum(1, keepdim=True).clamp_min(1e-12)).clamp_min(1e-6).log()

    def decision_scores(self, output: Output, present: Mapping[str, Tensor]) -> Tensor:
        """The count of votes, with what breaks ties."""
        return self._count(self.stacked(output.experts).log_softmax(2), self.stacked(present))

    def _count(self, log_p: Tensor, present: Tensor) -> Tensor:
        """log_p (M, B, C), present (M, B) -> (B, C)."""
        mask = present.unsqueeze(2).to(log_p.dtype)  # (M, B, 1)
        named = F.one_hot(log_p.argmax(2), log_p.shape[2]) * mask  # (M, B, C)
        votes = named * log_p.amax(2, keepdim=True).exp() if self.weighted else named
        return votes.sum(0) + EPS * self.breaker(log_p.exp() * mask, named)


def _mean_probability(p: Tensor, named: Tensor) -> Tensor:
    return p.mean(0)


def _order(p: Tensor, named: Tensor) -> Tensor:
    """1 in all, and more to the class that an earlier modality named: each weighs more than all after it, so that what breaks
    the tie is a sum, as the votes are."""
    rank = 2.0 ** torch.arange(len(named) - 1, -1, -1, device=named.device).view(-1, 1, 1)  # 2^(M - 1), ..., 2, 1
    return (named * rank).sum(0) / (2.0 ** len(named) - 1)
