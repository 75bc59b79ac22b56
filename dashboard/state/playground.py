"""What the playground adds to the experiment."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.state.fields import choice, switch

SEEDS = (1, 3, 5)


@dataclass(frozen=True)
class PlaygroundState:
    """How many seeds a click trains, and whether every parameter is shown."""

    seeds: int = choice(1, SEEDS, sentence="link.seeds")
    full: bool = switch()
