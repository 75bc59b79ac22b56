"""Majority vote: each modality names one class, the most votes win.

    v_m = argmax softmax(W_m z_m)        (B,)      trained by its own loss
    p_c = (sum_m [v_m = c] + eps * mean_m p_m(c)) / (M (1 + eps))

Ties, which with two modalities means every disagreement, go to the tied class with the higher mean probability; with
`ties=first` to the one that the first modality in the data's order voted for.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from core.fusion.base import Blueprint, DecisionFusion
from core.parameters import Parameter

EPS = 1e-2  # small enough never to outvote a vote


class LateVote(DecisionFusion):
    name = "late_vote"
    title = "Majority vote"
    idea = "Each modality names one class; the most votes win."
    family = "late"
    formula = r"\hat y = \arg\max_c \sum_m [\,v_m = c\,],\quad v_m = \arg\max \mathrm{softmax}(W_m z_m)"
    knobs = (Parameter("ties", "choice", "confidence", choices=("confidence", "first")),)

    def __init__(self, blueprint: Blueprint, ties: str) -> None:
        super().__init__(blueprint)
        self.ties = ties

    def combine(self, log_p: Tensor, present: Tensor) -> Tensor:
        here = present.unsqueeze(2).to(log_p.dtype)  # (M, B, 1)
        votes = F.one_hot(log_p.argmax(2), log_p.shape[2]) * here
        if self.ties == "first":
            rank = torch.arange(len(log_p), 0, -1, device=log_p.device).view(-1, 1, 1) / len(log_p)
            breaker = (votes * rank).sum(0) / len(log_p)
        else:
            breaker = (log_p.exp() * here).mean(0)
        return ((votes.sum(0) + EPS * breaker) / (here.sum(0) * (1 + EPS)).clamp_min(1)).clamp_min(1e-6).log()
