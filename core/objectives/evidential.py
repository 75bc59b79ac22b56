"""Evidential: predict the class, and penalise evidence for the wrong ones.

    e = exp(l),  a = e + 1,  S = sum_c a_c           (B, C)    l: what the model predicts, see `core/fusion/dirichlet.py`
    fit   = psi(S) - psi(a_y)                        (B,)      the cross-entropy that Dir(a) expects
    a~    = 1 for the truth, a_c for the others      (B, C)
    doubt = KL(Dir(a~) || Dir(1))                    (B,)      evidence for a wrong class should be none
    L     = mean_i fit_i + lambda doubt_i

For late methods one term an expert, as in classification. psi is the digamma function. Cross-entropy only uses differences
between logits; here their height means something: how much has been seen that is like this sample.

Sensoy et al., Evidential deep learning, 2018. https://arxiv.org/abs/1806.01768
Lambda rises from 0 to 1 in the paper; here it is fixed and smaller, so that an epoch is like any other.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from core.catalog.localized import Localized
from core.catalog.parameters import Parameter
from core.fusion.dirichlet import evidence
from core.objectives.classification import Classification


class Evidential(Classification):
    """Expected cross-entropy under a Dirichlet, with a price on evidence for wrong classes (B, C) (Sensoy et al., 2018, 1806.01768)."""

    name = "evidential"
    title = Localized("Evidential classification", "证据分类")
    idea = Localized("Name the class, and claim no more evidence than there is.", "说出类别，证据有多少就只说多少。")
    formula = (
        r"\mathcal{L} = \operatorname{mean}_i \big[\psi(S) - \psi(\alpha_y) + \lambda\, \mathrm{KL}(\mathrm{Dir}(\tilde\alpha) \,\|\, \mathrm{Dir}(1))\big],\quad "
        r"\alpha = e^{l} + 1"
    )
    paper = "https://arxiv.org/abs/1806.01768"
    hyperparameters = (
        Parameter(
            "doubt",
            "float",
            0.1,
            0.0,
            1.0,
            0.01,
            title=Localized("price of evidence for a wrong class", "错误类别证据的代价"),
        ),
    )

    def __init__(self, doubt: float = 0.1) -> None:
        super().__init__()
        self.doubt = doubt

    def _loss(self, logits: Tensor, target: Tensor) -> Tensor:
        a = evidence(logits) + 1  # (B, C)
        fit = torch.digamma(a.sum(1)) - torch.digamma(a.gather(1, target.unsqueeze(1)).squeeze(1))
        wrong = torch.where(F.one_hot(target, a.shape[1]).bool(), 1.0, a)
        return fit + self.doubt * from_ignorance(wrong)


def from_ignorance(a: Tensor) -> Tensor:
    """KL(Dir(a) || Dir(1)) of each row, (B, C) -> (B,)."""
    total = a.sum(1, keepdim=True)
    size = torch.lgamma(total).squeeze(1) - torch.lgamma(a).sum(1) - torch.lgamma(a.new_tensor(float(a.shape[1])))
    return size + ((a - 1) * (torch.digamma(a) - torch.digamma(total))).sum(1)
