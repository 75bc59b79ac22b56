"""What `interactions` hold of their label, and what the best possible reader reaches, noise and missing sides included.

Along its own direction a coin c = -1 / +1 arrives at side m as c t_m + N(0, 1) (`noisy_bit`). Which sides are present is
known to the reader and says nothing of the label; given it, coins, noises and flips are independent, so all of this is
made bit by bit and added (information) or multiplied (accuracy). With J(t) the bits that one look tells of a flipped coin,
b the share of samples with both sides, a that of each side alone, and q = a + b:

    bit         told in all                          decomposed (BROJA, Bertschinger et al. 2014)
    redundant   b J(hypot(t1, t2)) + a (J1 + J2)     R = q min(J1, J2),  U_m = q J_m - R,  S = what is left
    unique_m    q J(t_m)                             U_m
    synergy     b I(a xor b; x1, x2)                 S, which is also what a sum of logits must lose on it

The weaker look at the redundant coin is the other one with noise added, and both sides are absent equally often: so R is
all that it tells. S of that coin is real: two noisy looks tell more than one, and one side helps out where the other is
absent. Without noise and with all present each bit tells 1 - h(e) of its own kind and nothing else.

A sign is right in P_m = Phi(t_m) of all cases, a xor b in P_1 P_2 + (1 - P_1) (1 - P_2), the redundant coin from both
sides in Phi(hypot(t1, t2)), from a side that lacks the coin in 1/2; and the label bit, flipped with probability e, agrees
with a reading that is right with P in P (1 - e) + (1 - P) e.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.data.base import ExactInformation
from core.data.noisy_bit import gaussian, right, told, told_of_xor
from core.data.shared_price import shared_price

Looks = tuple[float, float]  # t of each side


@dataclass(frozen=True)
class Presence:
    """Shares of the samples: both sides, each side alone, neither."""

    both: float
    alone: float
    neither: float = 0.0

    @classmethod
    def of(cls, missing: float) -> Presence:
        """As `base.drop` deals: each side goes in `missing` of the samples, the last one stays."""
        return cls((1 - missing) ** 2, missing * (1 - missing) + missing**2 / 2)

    def apart(self) -> Presence:
        """One side shuffled among the samples, its presence with it: sides are absent independently."""
        availability = self.both + self.alone
        return Presence(availability**2, availability * (1 - availability), (1 - availability) ** 2)


def bits(e: float) -> float:
    """Information in a fair bit that is flipped with probability e: 1 - h(e)."""
    return 1.0 if e in (0.0, 1.0) else 1 + e * math.log2(e) + (1 - e) * math.log2(1 - e)


def information(looks: Looks, presence: Presence, flips: Sequence[float]) -> ExactInformation:
    """Bits, exact to 1e-9 (the price to 1e-6). flips: of the redundant, unique1, unique2 and synergy bit."""
    first, second = map(gaussian, looks)
    availability = presence.both + presence.alone
    redundant, unique1, unique2, synergy = flips
    xor = presence.both * told_of_xor(first, second, synergy)
    return ExactInformation(
        {
            "redundant": _redundant(looks, presence, redundant),
            "unique1": {"unique1": availability * told(first, unique1)},
            "unique2": {"unique2": availability * told(second, unique2)},
            "synergy": {"synergy": xor},
        },
        prices={"redundant": shared_price(looks, presence.both, presence.alone, redundant), "synergy": xor},
    )


def _redundant(looks: Looks, presence: Presence, flip: float) -> dict[str, float]:
    one, two = (told(gaussian(t), flip) for t in looks)
    availability = presence.both + presence.alone
    all_of_it = presence.both * told(gaussian(math.hypot(*looks)), flip) + presence.alone * (one + two)
    return {
        "redundant": availability * min(one, two),
        "unique1": availability * max(0.0, one - two),
        "unique2": availability * max(0.0, two - one),
        "synergy": max(0.0, all_of_it - availability * max(one, two)),
    }


def bayes(looks: Looks, presence: Presence, flips: Sequence[float]) -> float:
    """The best accuracy over the 16 classes."""
    return sum(share * math.prod(agree) for share, agree in _cases(looks, presence, flips))


def bayes_parts(looks: Looks, presence: Presence, flips: Sequence[float]) -> tuple[float, ...]:
    """The best accuracy of each bit: redundant, unique1, unique2, synergy."""
    cases = list(_cases(looks, presence, flips))
    return tuple(sum(share * agree[bit] for share, agree in cases) for bit in range(4))


def _cases(looks: Looks, presence: Presence, flips: Sequence[float]) -> Iterator[tuple[float, list[float]]]:
    """(share, accuracy per bit) of: both sides present, only x1, only x2, neither."""
    first, second, both = right(looks[0]), right(looks[1]), right(math.hypot(*looks))
    for share, coin in (
        (presence.both, (both, first, second, first * second + (1 - first) * (1 - second))),
        (presence.alone, (first, first, 0.5, 0.5)),
        (presence.alone, (second, 0.5, second, 0.5)),
        (presence.neither, (0.5, 0.5, 0.5, 0.5)),
    ):
        yield share, [p * (1 - e) + (1 - p) * e for p, e in zip(coin, flips, strict=True)]
