"""Captions of drawn scenes as token ids: one of four sentences, and several words for the same thing.

    slots    to the left of | a small red circle | a big blue box    each a word or nothing
    ids      slots in the order of the sentence, what is empty left out, 0 at the end    (N, LONGEST)

The vocabulary is fixed by the generator; 0 pads. Colours have one word each, so that two colours can change places.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from core.data.scenes import COLOURS, SHAPES, SIZES, Scenes

OTHER_SHAPES = ("disc", "box", "triangle", "plus")
OTHER_SIZES = ("little", "big")
RELATIONS = (("left of", "to the left of"), ("right of", "to the right of"), ("above", "over"), ("below", "under"))
SENTENCES = ("a S R a O", "there is a S R a O", "the S is R the O", "R the O is a S")
_SPOKEN = " ".join((*SHAPES, *OTHER_SHAPES, *SIZES, *OTHER_SIZES, *(w for pair in RELATIONS for w in pair)))
_LITTLE = [word for word in " ".join(SENTENCES).split() if word.islower()]
WORDS = ("", *COLOURS, *dict.fromkeys([*_SPOKEN.split(), *_LITTLE]))
FIRST_COLOUR, LAST_COLOUR = 1, len(COLOURS)


def _ids(words: tuple[str, ...]) -> Tensor:
    return torch.tensor([WORDS.index(word) for word in words])


_SIZES = torch.stack([_ids(SIZES), _ids(OTHER_SIZES)], 1)  # (sizes, 2)
_SHAPES = torch.stack([_ids(SHAPES), _ids(OTHER_SHAPES)], 1)
_LENGTH = max(len(way.split()) for ways in RELATIONS for way in ways)
_RELATIONS = torch.tensor(
    [[[WORDS.index(w) for w in [*way.split(), *[""] * _LENGTH][:_LENGTH]] for way in ways] for ways in RELATIONS]
)  # (4, 2, _LENGTH)
LONGEST = 2 + 2 * 4 + _LENGTH


@dataclass(frozen=True)
class Wording:
    """How N scenes are described. `first` is the thing that the sentence is about."""

    first: Tensor  # (N,) 0 or 1
    sentence: Tensor  # (N,) which of SENTENCES
    sizes: Tensor  # (N, 2) which word for the size of each thing
    shapes: Tensor  # (N, 2)
    relation: Tensor  # (N,)


def word(count: int, varied: bool, draw: torch.Generator) -> Wording:
    """Words by chance; not varied: always the first ones, but either thing may be named first."""
    first = torch.randint(2, (count,), generator=draw)
    sentence = torch.randint(len(SENTENCES), (count,), generator=draw)
    others = torch.randint(2, (count, 5), generator=draw)
    if not varied:
        sentence, others = torch.zeros_like(sentence), torch.zeros_like(others)
    return Wording(first, sentence, others[:, :2], others[:, 2:4], others[:, 4])


def write(scenes: Scenes, wording: Wording) -> Tensor:
    """(N, LONGEST) token ids."""
    count = len(scenes)
    rows = torch.arange(count)
    relation = _RELATIONS[2 * scenes.upright + wording.first, wording.relation]  # (N, _LENGTH)
    size = _SIZES[scenes.size, wording.sizes]  # (N, 2)
    shape = _SHAPES[scenes.shape, wording.shapes]
    named = torch.stack([size, FIRST_COLOUR + scenes.colour, shape], 2)  # (N, 2, 3)
    slots = {"S": named[rows, wording.first], "O": named[rows, 1 - wording.first], "R": relation}
    written = torch.zeros(count, LONGEST, dtype=torch.long)
    for number, sentence in enumerate(SENTENCES):
        mine = (wording.sentence == number).nonzero().flatten()
        parts = [slots[w][mine] if w in slots else _ids((w,)).expand(len(mine), 1) for w in sentence.split()]
        line = torch.cat(parts, 1)
        written[mine, : line.shape[1]] = line
    return _to_the_left(written)


def misread(ids: Tensor, share: float, draw: torch.Generator) -> Tensor:
    """A `share` of the words replaced by words of chance; the same ones, and more of them, as it grows."""
    chance = torch.randint(1, len(WORDS), ids.shape, generator=draw)
    wrong = torch.rand(ids.shape, generator=draw) < share
    return torch.where(wrong & (ids != 0), chance, ids)


def swap_colours(ids: Tensor) -> tuple[Tensor, Tensor]:
    """Rows (R,) whose caption holds two colours that differ, and their captions (R, T) with the two exchanged."""
    coloured = (ids >= FIRST_COLOUR) & (ids <= LAST_COLOUR)
    low = torch.where(coloured, ids, LAST_COLOUR + 1).amin(1, keepdim=True)
    high = torch.where(coloured, ids, 0).amax(1, keepdim=True)
    swapped = torch.where(coloured, low + high - ids, ids)
    rows = ((coloured.sum(1) == 2) & (low != high).squeeze(1)).nonzero().flatten()
    return rows, swapped[rows]


def read(ids: Tensor) -> str:
    """One caption (T,) in words."""
    return " ".join(WORDS[i] for i in ids.tolist() if i)


def _to_the_left(ids: Tensor) -> Tensor:
    """Words move up to the front, in their order; the zeros go to the end."""
    return ids.gather(1, (ids == 0).long().argsort(dim=1, stable=True))
