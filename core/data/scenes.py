"""Drawn scenes: two things on a dark ground, each with a shape, a colour, a size and a place.

    combination   thing 1, thing 2, beside or above each other                  56 * 56 * 2 = 6272 of them
    layout        combination + which half of the picture + a small shift of each thing
    picture       (3, SIDE, SIDE)   colour * coverage, summed over the things

Coverage is 1 inside a shape, 0 outside, and in between along its edge, so that a shift of half a pixel can be seen.
Thing 1 is the left or the upper one. Everything is drawn for all scenes at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

SIDE = 24  # pixels
SHAPES = ("circle", "square", "triangle", "cross")
COLOURS = ("red", "green", "blue", "yellow", "purple", "cyan", "white")
SIZES = ("small", "large")
RGB = torch.tensor(
    [[0.9, 0.1, 0.1], [0.1, 0.8, 0.2], [0.2, 0.3, 1.0], [0.9, 0.8, 0.1], [0.7, 0.2, 0.9], [0.1, 0.8, 0.9], [0.95] * 3]
)
RADII = torch.tensor([2.7, 4.6])  # pixels
SHIFT = 1.0  # pixels, how far a thing may lie from the middle of its quarter, each way
THINGS = len(SHAPES) * len(COLOURS) * len(SIZES)
COMBINATIONS = THINGS * THINGS * 2
CHUNK = 128  # scenes at a time: masks stay in the processor's cache


@dataclass(frozen=True)
class Scenes:
    """N scenes. The second axis of two is over the things."""

    shape: Tensor  # (N, 2)
    colour: Tensor  # (N, 2)
    size: Tensor  # (N, 2)
    upright: Tensor  # (N,) 0: side by side, 1: one above the other
    centre: Tensor  # (N, 2, 2) x and y in pixels; y grows downwards

    def __len__(self) -> int:
        return len(self.upright)


def arrange(combination: Tensor, draw: torch.Generator) -> Scenes:
    """(N,) combinations 0..COMBINATIONS - 1 -> scenes, at places by chance."""
    count = len(combination)
    upright = combination % 2
    things = torch.stack([combination // 2 // THINGS, combination // 2 % THINGS], 1)
    half = torch.randint(2, (count, 1), generator=draw).expand(-1, 2)
    order = torch.tensor([0, 1]).expand(count, -1)
    is_upright = upright.unsqueeze(1) == 1
    quarter = torch.stack([torch.where(is_upright, half, order), torch.where(is_upright, order, half)], 2)  # x, y
    shift = SHIFT * (2 * torch.rand(count, 2, 2, generator=draw) - 1)
    return Scenes(
        shape=things % len(SHAPES),
        colour=things // len(SHAPES) % len(COLOURS),
        size=things // len(SHAPES) // len(COLOURS),
        upright=upright,
        centre=SIDE / 4 * (1 + 2 * quarter) - 0.5 + shift,
    )


def pictures(scenes: Scenes) -> Tensor:
    """(N, 3, SIDE, SIDE) in 0..1."""
    drawn = [_draw(scenes, slice(start, start + CHUNK)) for start in range(0, len(scenes), CHUNK)]
    return torch.cat(drawn)


def _draw(scenes: Scenes, rows: slice) -> Tensor:
    shape, centre = scenes.shape[rows].flatten(), scenes.centre[rows].flatten(0, 1)  # one row a thing
    radius = RADII[scenes.size[rows].flatten()].view(-1, 1, 1)
    axis = torch.arange(SIDE)
    x, y = axis - centre[:, 0].view(-1, 1, 1), axis.unsqueeze(1) - centre[:, 1].view(-1, 1, 1)
    coverage = torch.zeros(len(shape), SIDE, SIDE)
    for number, inside in enumerate(_INSIDE):
        mine = shape == number
        coverage[mine] = (inside(x[mine], y[mine], radius[mine]) + 0.5).clamp(0, 1)
    colour = RGB[scenes.colour[rows]]  # (n, 2, 3)
    return torch.einsum("ntc,nthw->nchw", colour, coverage.view(-1, 2, SIDE, SIDE))


# How many pixels a place (x, y), seen from the middle of a shape of radius r, lies inside of its edge.


def _circle(x: Tensor, y: Tensor, r: Tensor) -> Tensor:
    return r - (x.square() + y.square()).sqrt()


def _square(x: Tensor, y: Tensor, r: Tensor) -> Tensor:
    return 0.87 * r - x.abs().maximum(y.abs())


def _triangle(x: Tensor, y: Tensor, r: Tensor) -> Tensor:
    slope = 0.45 * (y + r) - 0.9 * x.abs()  # the two upper edges
    return slope.minimum(0.9 * r - y)


def _cross(x: Tensor, y: Tensor, r: Tensor) -> Tensor:
    x, y = x.abs(), y.abs()
    return (r - x.maximum(y)).minimum(0.3 * r - x.minimum(y))


_INSIDE: tuple[Callable[[Tensor, Tensor, Tensor], Tensor], ...] = (_circle, _square, _triangle, _cross)
