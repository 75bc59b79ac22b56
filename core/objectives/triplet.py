"""Triplet: the partner must be nearer than a negative, by a margin.

    h_ac = max(0, d(x_a, y_a)^2 - d(x_a, y_c)^2 + m)      (B, B), c a negative of a
    H(x, y) = mean h over the triplets (a, c) chosen      L = (H(x, y) + H(y, x)) / 2

x, y unit vectors. Which negatives c are chosen for an anchor a decides what is learned:

    random      the next negative in the batch, whose order is random
    all         every one; most triplets are soon solved and say nothing
    semi_hard   the nearest one that is farther than the partner; where there is none, the farthest (FaceNet's)
    hardest     the nearest one (VSE++'s): the strongest signal, but from untrained weights it may first pull all into
                one point, which the spread shows, and then need many epochs to leave it

`distance` says whether d is squared, as in FaceNet, or plain, as in most libraries.

Schroff et al., FaceNet, 2015. https://arxiv.org/abs/1503.03832
Faghri et al., VSE++, 2018. https://arxiv.org/abs/1707.05612
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from core.catalog.localized import Localized
from core.catalog.parameters import Parameter
from core.objectives.pairs import Pair, PairObjective, mean_where

FAR = 1e9  # stands for "no candidate" where the nearest is looked for


class Triplet(PairObjective):
    """A partner must be closer than a negative by a margin; four kinds of negative sampling on (B, B) (FaceNet, 1503.03832)."""

    name = "triplet"
    title = Localized("Triplet", "三元组")
    idea = Localized(
        "The partner must be nearer than a negative, by a margin.", "配对样本必须比负样本更近，并留出间隔。"
    )
    formula = (
        r"\mathcal{L} = \tfrac{1}{2} \big(H(x, y) + H(y, x)\big),\quad "
        r"H(x, y) = \operatorname{mean}_{a,c} \max(0,\; d(x_a, y_a)^2 - d(x_a, y_c)^2 + m)"
    )
    paper = "https://arxiv.org/abs/1707.05612"
    hyperparameters = (
        Parameter("margin", "float", 0.2, 0.01, 2.0, 0.01, title=Localized("margin", "间隔")),
        Parameter(
            "negatives",
            "choice",
            "semi_hard",
            choices=("random", "all", "semi_hard", "hardest"),
            title=Localized("negative sampling", "负样本选法"),
        ),
        Parameter("distance", "choice", "squared", choices=("squared", "plain"), title=Localized("distance", "距离")),
    )

    def __init__(self, margin: float = 0.2, negatives: str = "semi_hard", distance: str = "squared") -> None:
        super().__init__()
        self.margin = margin
        self.chosen = _NEGATIVES[negatives]
        self.distances = _DISTANCES[distance]

    def between(self, pair: Pair) -> Tensor:
        d = self.distances(pair)
        return (self._one_way(d, pair.other) + self._one_way(d.T, pair.other)) / 2

    def _one_way(self, d: Tensor, other: Tensor) -> Tensor:
        """d (B, B) from anchors to candidates, other (B, B) which of them are negatives."""
        hinge = (d.diagonal().unsqueeze(1) - d + self.margin).relu()
        return mean_where(hinge, self.chosen(d.detach(), other))


def _random(d: Tensor, other: Tensor) -> Tensor:
    """The next one in the batch: drawing anew would make a validation loss differ from itself."""
    place = torch.arange(len(d), device=d.device)
    steps = (place - place.unsqueeze(1)) % len(d)  # (B, B): how far on from the anchor
    return _nearest(steps.to(d.dtype), other)


def _all(d: Tensor, other: Tensor) -> Tensor:
    return other


def _semi_hard(d: Tensor, other: Tensor) -> Tensor:
    beyond = other & (d > d.diagonal().unsqueeze(1))
    some = beyond.any(1, keepdim=True)
    return torch.where(some, _nearest(d, beyond), _nearest(-d, other))


def _nearest(d: Tensor, among: Tensor) -> Tensor:
    """(B, B) one True in each row that has a candidate: the smallest d among them."""
    first = d.masked_fill(~among, FAR).argmin(1, keepdim=True)
    return torch.zeros_like(among).scatter(1, first, True) & among


_NEGATIVES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "random": _random,
    "all": _all,
    "semi_hard": _semi_hard,
    "hardest": _nearest,
}
_DISTANCES: dict[str, Callable[[Pair], Tensor]] = {"squared": Pair.squared, "plain": Pair.distance}
