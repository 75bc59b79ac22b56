"""The cards of the objectives that predict."""

from __future__ import annotations

import numpy as np
from scipy.special import digamma, gammaln

from tests.core.cards.case import Case
from tests.core.cards.table import Array, Cards, softmax

PREDICTING = Cards()
card = PREDICTING.card


def cross_entropy(case: Case, q: Array) -> float:
    return float(-(q * np.log(softmax(case.predictions))).sum(1).mean())


@card(
    "classification",
    r"\mathcal{L} = -\tfrac{1}{B} \sum_{ic} q_{ic} \log p_{ic},\quad q_{ic} = (1 - s)\,[c = y_i] + \tfrac{s}{C}",
)
def classification(case: Case) -> float:
    classes, s = case.predictions.shape[1], case.parameters["smoothing"]
    return cross_entropy(case, (1 - s) * np.eye(classes)[case.target] + s / classes)


@card(
    "multi_label",
    r"\mathcal{L} = -\tfrac{1}{BK} \sum_{ik} \big[w\, y_{ik} \log p_{ik} + (1 - y_{ik}) \log (1 - p_{ik})\big]",
)
def multi_label(case: Case) -> float:
    p, y, w = 1 / (1 + np.exp(-case.predictions)), case.truth, case.parameters["positive_weight"]
    return float(-(w * y * np.log(p) + (1 - y) * np.log(1 - p)).mean())


@card(
    "regression",
    r"\mathcal{L} = \tfrac{1}{BV} \sum_{iv} \ell(p_{iv} - y_{iv}),\quad "
    r"\ell(e) = \begin{cases} e^2 & \delta = 0 \\ \tfrac{1}{2} e^2 & |e| \le \delta \\ "
    r"\delta (|e| - \tfrac{1}{2} \delta) & |e| > \delta > 0 \end{cases}",
)
def regression(case: Case) -> float:
    e, delta = case.predictions - case.truth, case.parameters["huber"]
    far = delta * (abs(e) - delta / 2)
    return float((e**2 if delta == 0 else np.where(abs(e) <= delta, e**2 / 2, far)).mean())


@card(
    "evidential",
    r"\mathcal{L} = \operatorname{mean}_i \big[\psi(S) - \psi(\alpha_y) "
    r"+ \lambda\, \mathrm{KL}(\mathrm{Dir}(\tilde\alpha) \,\|\, \mathrm{Dir}(1))\big],\quad \alpha = e^{l} + 1",
)
def evidential(case: Case) -> float:
    """The divergence from Dir(1) as the textbook has it: log of the two normalisers' ratio, and the expected logarithms."""
    total = 0.0
    for logits, y in zip(case.predictions, case.target, strict=True):
        a = np.exp(logits) + 1
        wrong = np.where(np.arange(len(a)) == y, 1.0, a)
        size = wrong.sum()
        norm = gammaln(size) - gammaln(wrong).sum() - gammaln(len(a))
        kl = norm + sum((w - 1) * (digamma(w) - digamma(size)) for w in wrong)
        total += digamma(a.sum()) - digamma(a[y]) + case.parameters["doubt"] * kl
    return total / len(case.predictions)
