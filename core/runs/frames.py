"""The codec of pictures: a JSON header and a few little-endian arrays. `codec.js` is its twin; golden bytes test both.

    b"FUS1" | uint32 length L of the header | header, JSON, space-padded so that 8 + L is a multiple of 8 | blocks

Each block begins at a multiple of 8 bytes after the header. The header lists them under "blocks":
{"name", "dtype", "shape", "offset" (from the end of the header), "bytes"}.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np

from core.projection.unit import unit
from core.runs.strict_json import parse_json

MAGIC = b"FUS1"
# The header of an embedding frame says the role of each block under "roles"; of these the program knows two, and whatever
# has another one passes through it to the views. A frame of before there were roles holds embeddings in "z".
EMBEDDING, ANSWER = "embedding", "answer"
DTYPES = {"uint8": "<u1", "uint16": "<u2", "int16": "<i2", "float16": "<f2", "float32": "<f4"}
_ALIGN = 8
_LEAST, _MOST = 2.0**-10, 65504.0  # the largest entry of a row that half precision keeps to 11 bits
_LOOKED_AT = 128  # rows of each modality
_WORST = 2.0**-20  # of a row's squared length: more than half precision ever moves its direction
_CLEAR = 16.0  # times the rounding that a cloud must be wide


class FrameError(ValueError):
    """Bytes that are not a frame."""


def encode(header: dict[str, Any], blocks: dict[str, np.ndarray]) -> bytes:
    """Header and named arrays as one message. ValueError for an array type that the browser cannot view."""
    table, payload, offset = [], [], 0
    for name, array in blocks.items():
        if array.dtype.name not in DTYPES:
            raise ValueError(f"block {name!r} is {array.dtype.name}; a frame holds {', '.join(DTYPES)}")
        data = np.ascontiguousarray(array, dtype=DTYPES[array.dtype.name]).tobytes()
        entry = {"name": name, "dtype": array.dtype.name, "shape": list(array.shape)}
        table.append({**entry, "offset": offset, "bytes": len(data)})
        padded = data + bytes(-len(data) % _ALIGN)
        payload.append(padded)
        offset += len(padded)
    text = json.dumps({**header, "blocks": table}, ensure_ascii=False, allow_nan=False).encode()
    text += b" " * (-len(text) % _ALIGN)
    return b"".join([MAGIC, struct.pack("<I", len(text)), text, *payload])


def embedding_of(roles: Mapping[str, str]) -> str:
    """The name of the block that pictures are projected from; FrameError where there is none."""
    for name, role in roles.items():
        if role == EMBEDDING:
            return name
    raise FrameError("the frame holds no embedding")


def roles_of(header: Mapping[str, Any]) -> dict[str, str]:
    """The role of each block of an embedding frame."""
    roles = header.get("roles", {"z": EMBEDDING})
    if not isinstance(roles, dict):
        raise FrameError("the frame's header says no roles")
    return {str(name): str(role) for name, role in roles.items()}


def compact(z: np.ndarray, half: np.ndarray | None = None) -> np.ndarray:
    """Embeddings (M, N, D) in half precision, or in single where half would be seen: rows beyond its range on either
    side, or a cloud so narrow around its mean that rounding (2^-11) would draw a lattice of it. Pictures show directions,
    so a row counts by its largest entry. Rows that are not finite stay so. `half` is z in half precision, where a quicker
    library than numpy has made it."""
    z = np.asarray(z, np.float32)
    largest = np.abs(z).max(axis=-1, initial=0)
    kept = (largest == 0) | ((largest >= _LEAST) & (largest <= _MOST)) | ~np.isfinite(largest)
    if not kept.all():
        return z
    if half is None:
        with np.errstate(over="ignore"):  # a row with infinity may hold more that overflows
            half = z.astype(np.float16)
    return half if _wide(z[:, :_LOOKED_AT], half[:, :_LOOKED_AT]) else z


def _wide(z: np.ndarray, half: np.ndarray) -> bool:
    """Whether the cloud of each modality is much wider than what half precision moves its points."""
    for rows, rounded in zip(z, half, strict=True):
        finite = np.isfinite(rounded).all(axis=1)
        true = unit(rows if finite.all() else rows[finite])
        width = _spread(true)
        if width > len(true) * _WORST * _CLEAR**2:  # nearly always
            continue
        error = _spread(unit(rounded[finite]) - true)
        if error * _CLEAR**2 > width > len(true) * 1e-12:  # less is single precision's own rounding: one point
            return False
    return True


def _spread(rows: np.ndarray) -> float:
    """Squared distances from the mean, summed."""
    return float(np.square(rows - rows.mean(axis=0)).sum()) if len(rows) else 0.0


def decode(data: bytes) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The header and read-only views of the arrays; FrameError on anything malformed."""
    header, start = _header(data)
    blocks = {}
    for entry in header["blocks"]:
        try:
            blocks[entry["name"]] = _block(data, start, entry)
        except (KeyError, TypeError, ValueError) as error:
            raise FrameError(f"a block of the frame cannot be read: {error}") from error
    if "look" in header:  # the name of diagnostics in earlier runs
        header["diagnostics"] = header.pop("look")
    return header, blocks


def _header(data: bytes) -> tuple[dict[str, Any], int]:
    if len(data) >= 8 and data[:3] == MAGIC[:3] and data[3:4].isdigit() and data[:4] > MAGIC:
        raise FrameError("this frame was made by a newer version of Fusionarium")
    if len(data) < 8 or data[:4] != MAGIC:
        raise FrameError("these bytes do not begin like a frame")
    (length,) = struct.unpack_from("<I", data, 4)
    if 8 + length > len(data):
        raise FrameError("the frame ends inside its header")
    try:
        header = parse_json(data[8 : 8 + length])
    except ValueError as error:
        raise FrameError("the frame's header is not JSON") from error
    if not isinstance(header, dict) or not isinstance(header.get("blocks"), list):
        raise FrameError("the frame's header lists no blocks")
    return header, 8 + length


def _block(data: bytes, start: int, entry: dict[str, Any]) -> np.ndarray:
    dtype, shape = np.dtype(DTYPES[entry["dtype"]]), tuple(int(n) for n in entry["shape"])
    begin, count = start + int(entry["offset"]), math.prod(shape)
    if begin < start or min(shape, default=0) < 0 or begin + count * dtype.itemsize > len(data):
        raise FrameError(f"block {entry['name']!r} lies outside the frame")
    return np.frombuffer(data, dtype, count, begin).reshape(shape)
