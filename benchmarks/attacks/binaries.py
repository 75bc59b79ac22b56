"""Frames, pictures and checkpoints that begin like ours and lie: name -> a function of the run's folder."""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import partial
from pathlib import Path

DEEP = "[" * 100_000 + "]" * 100_000


def _frame(folder: Path, part: str, header: bytes, blocks: bytes = bytes(64), length: int | None = None) -> None:
    data = b"FUS1" + struct.pack("<I", len(header) if length is None else length) + header + blocks
    (folder / part / "000004.bin").write_bytes(data)


def _block(shape: str, **more: str) -> bytes:
    fields = {"name": '"z"', "dtype": '"float16"', "offset": "0", "bytes": "8", "shape": shape, **more}
    block = ", ".join(f'"{name}": {value}' for name, value in fields.items())
    return ('{"step": 4, "blocks": [{' + block + "}]}").encode()


_HEADERS = {
    "a header nested deeply": DEEP.encode(),
    "a header of tables nested deeply": b'{"blocks": ' + DEEP.encode() + b"}",
    "no blocks": b'{"step": 4}',
    "blocks of numbers": b'{"blocks": [1, 2]}',
    "a huge shape": _block("[1000000000, 1000000000]"),
    "a shape of 401 digits": _block("[" + "9" * 401 + "]"),
    "a negative shape": _block("[-1, 4]"),
    "a shape of words": _block('["a"]'),
    "a negative offset": _block("[4]", offset="-8"),
    "an unknown type": _block("[4]", dtype='"object"'),
    "another block": _block("[2, 2]", name='"y"'),
    "one point": _block("[1, 1, 1]"),
    "no points": _block("[2, 0, 16]"),
}
BINARIES: dict[str, Callable[[Path], None]] = {
    f"{part}/000004.bin with {name}": partial(_frame, part=part, header=header)
    for part in ("frames", "projection")
    for name, header in _HEADERS.items()
} | {
    "a frame whose header is 4 GB long": partial(_frame, part="frames", header=b"{}", length=2**32 - 1),
    "a checkpoint whose header is 4 GB long": lambda folder: _tensors(folder, b"{}", 2**32 - 1),
    "a checkpoint with a huge tensor": lambda folder: _tensors(
        folder, b'{"step":{"dtype":"F32","shape":[1000000000],"data_offsets":[0,4000000000]}}'
    ),
    "a checkpoint of another model": lambda folder: _tensors(
        folder,
        b'{"step":{"dtype":"I64","shape":[],"data_offsets":[0,8]},"epochs":{"dtype":"I64","shape":[],"data_offsets":[8,16]}}',
    ),
    "a checkpoint nested deeply": lambda folder: _tensors(folder, DEEP.encode()),
}


def _tensors(folder: Path, header: bytes, length: int | None = None) -> None:
    data = struct.pack("<Q", len(header) if length is None else length) + header + bytes(16)
    (folder / "checkpoint.safetensors").write_bytes(data)
