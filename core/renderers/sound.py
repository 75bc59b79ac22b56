"""A sound: all samples one after another, one mu-law byte a value (ITU-T G.711).

{"file": "sound-1.bin", "rate": Hz, "encoding": "mulaw", "offsets": [where each begins, ..., where the last ends], bytes}
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike

from core.renderers.base import Array, Entry, Files, Shown, numbers, positive_rate


@dataclass(frozen=True)
class Sound(Shown):
    """`wave`: (T,) in -1..1, louder is cut off; `rate`: values per second, the same for all samples."""

    kind: ClassVar[str] = "sound"
    wave: ArrayLike
    rate: int

    def check(self) -> None:
        numbers(self.wave, "(time,)", 1)
        positive_rate(self.rate)

    @classmethod
    def write(cls, shown: Sequence[Self], files: Files) -> Entry:
        parts = [mulaw(np.asarray(one.wave)) for one in shown]
        file = files.write(cls.kind, ".bin", b"".join(part.tobytes() for part in parts))
        offsets = np.cumsum([0, *(len(part) for part in parts)]).tolist()
        return {"file": file, "rate": shown[0].rate, "encoding": "mulaw", "offsets": offsets}


def mulaw(sound: Array) -> Array:
    """-1..1 -> G.711 mu-law bytes, 14 bits of range in 8."""
    pcm = np.clip(np.round(sound * 32768.0), -32635, 32635).astype(np.int32)
    size = np.abs(pcm) + 132
    exponent = np.floor(np.log2(size)).astype(np.int32) - 7
    mantissa = (size >> (exponent + 3)) & 15
    result: Array = (~((pcm < 0) * 128 | (exponent << 4) | mantissa) & 255).astype(np.uint8)
    return result
