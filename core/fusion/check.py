"""Checks that a batch fits the model; an error says in one sentence what does not. Shapes only: reading values would wait for the device."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from torch import Tensor

from core.data.base import DataError, Modality
from core.encoders import fits
from core.errors import wrong_returned
from core.output import Batch


def check_batch(modalities: Mapping[str, Modality], offered: Collection[str], batch: Batch) -> None:
    """DataError unless the batch has the modalities `offered` and those that are read have the right shape."""
    if batch.inputs.keys() != set(offered):
        raise DataError("wrong_batch", expected=", ".join(offered), actual=", ".join(batch.inputs) or "none")
    for name, modality in modalities.items():
        x = batch.inputs[name]
        if len(x) != len(batch) or not fits(modality, x):
            raise DataError(
                "wrong_batch_shape",
                modality=name,
                expected=(len(batch), *modality.shape),
                actual=tuple(x.shape),
            )


def check_returned(fusion: object, method: str, returned: Tensor | None, rows: int, width: int) -> Tensor:
    """What a fusion's `method` returned, when it is (rows, width); ConfigError else."""
    if not isinstance(returned, Tensor) or returned.shape != (rows, width):
        raise wrong_returned(fusion, method, returned, f"Tensor{(rows, width)}")
    return returned
