"""Checks that a batch fits the model; an error says in one sentence what does not. Shapes only: reading values would wait for the device."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from core.data.base import DataError, Modality
from core.encoders import fits
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
