"""Named random streams: every random choice of a run draws from a stream of its own.

A stream depends on the seed and on what it is for ("encoder", "image"), not on what was drawn before it. So the image
expert of a late ensemble starts from the very weights that the image-only run starts from, and adding a modality does
not change another one's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

import torch


def stream_seed(seed: int, *purpose: str) -> int:
    """A 63-bit seed for the stream `purpose` of run seed `seed`."""
    text = "/".join((str(seed), *purpose)).encode()
    return int.from_bytes(hashlib.sha256(text).digest()[:8], "little") >> 1


def generator(seed: int, *purpose: str) -> torch.Generator:
    """A CPU generator for the stream: the same numbers whatever device the run trains on."""
    return torch.Generator().manual_seed(stream_seed(seed, *purpose))


@contextmanager
def initialising(seed: int, *purpose: str) -> Iterator[None]:
    """Modules built inside draw their first weights from the stream; the global state is left as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(stream_seed(seed, *purpose))
        yield
