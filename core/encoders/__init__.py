"""Encoders: x_m -> tokens (B, T, D) and a pooled z_m (B, D). One file a kind of modality, one line here.

No batch statistics anywhere: what a sample becomes does not depend on its neighbours.
"""

import math

import torch
from torch import Tensor

from core.data.base import Modality
from core.encoders.audio import AudioEncoder
from core.encoders.base import Encoder
from core.encoders.features import FeatureEncoder
from core.encoders.image import ImageEncoder
from core.encoders.text import TextEncoder

ENCODERS: dict[str, type[Encoder]] = {e.kind: e for e in (ImageEncoder, AudioEncoder, TextEncoder, FeatureEncoder)}


def build_encoder(modality: Modality, width: int) -> Encoder:
    """The encoder of the modality's kind with embeddings of `width`."""
    return ENCODERS[modality.kind](modality, width)


def raw_width(modality: Modality) -> int:
    """F of `raw_features`."""
    return modality.vocabulary if modality.kind == "text" else math.prod(modality.shape)


def raw_features(modality: Modality, x: Tensor) -> Tensor:
    """x (B, ...) as plain numbers (B, F): flattened; of text the count of each word, padding left out."""
    if modality.kind != "text":
        return x.flatten(1)
    counts = torch.zeros(len(x), modality.vocabulary, device=x.device)
    counts.scatter_add_(1, x, torch.ones_like(x, dtype=counts.dtype))
    return torch.cat([torch.zeros_like(counts[:, :1]), counts[:, 1:]], 1)
