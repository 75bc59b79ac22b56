"""What the best possible reader of `interactions` reaches, in closed form.

Along its own direction a coin c = -1 / +1 arrives at side m as c t_m + N(0, 1) with t = coins_to_noise. Reading its sign
is right with

    P(right) = Phi(t_m)                        from one side
    P(right) = Phi(sqrt(t_1^2 + t_2^2))        the redundant coin, from both sides
    P(right) = P_1 P_2 + (1 - P_1) (1 - P_2)   a xor b, both right or both wrong
    P(right) = 1/2                             from the side that lacks it

and the label bit, flipped with probability e, agrees with a reading that is right with P in P (1 - e) + (1 - P) e of all
cases. Given which sides are present, coins, noises and flips are independent, so the product over bits is the whole label's.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence


def bits(e: float) -> float:
    """Information in a fair bit that is flipped with probability e: 1 - h(e)."""
    return 1.0 if e in (0.0, 1.0) else 1 + e * math.log2(e) + (1 - e) * math.log2(1 - e)


def bayes(coins_to_noise: tuple[float, float], missing: float, flips: Sequence[float]) -> float:
    """The best accuracy over the 16 classes."""
    return sum(share * math.prod(right) for share, right in _cases(coins_to_noise, missing, flips))


def bayes_parts(coins_to_noise: tuple[float, float], missing: float, flips: Sequence[float]) -> tuple[float, ...]:
    """The best accuracy of each bit: redundant, unique1, unique2, synergy."""
    cases = list(_cases(coins_to_noise, missing, flips))
    return tuple(sum(share * right[bit] for share, right in cases) for bit in range(4))


def _cases(t: tuple[float, float], missing: float, flips: Sequence[float]) -> Iterator[tuple[float, list[float]]]:
    """(share, accuracy per bit) of: both sides present, only x1, only x2. One side always stays (`base.drop`)."""
    first, second, both = _phi(t[0]), _phi(t[1]), _phi(math.hypot(*t))
    alone = missing * (1 - missing) + missing**2 / 2
    for share, right in (
        ((1 - missing) ** 2, (both, first, second, first * second + (1 - first) * (1 - second))),
        (alone, (first, first, 0.5, 0.5)),
        (alone, (second, 0.5, second, 0.5)),
    ):
        yield share, [p * (1 - e) + (1 - p) * e for p, e in zip(right, flips, strict=True)]


def _phi(t: float) -> float:
    """The standard normal distribution function."""
    return 0.5 * math.erfc(-t / math.sqrt(2))
