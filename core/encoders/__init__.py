"""The shelf of encoders: one file a kind of modality, one line here."""

from torch import Tensor

from core.data.base import Modality
from core.encoders.audio import AudioEncoder
from core.encoders.base import Encoder
from core.encoders.features import FeaturesEncoder
from core.encoders.image import ImageEncoder
from core.encoders.text import TextEncoder

ENCODERS: dict[str, type[Encoder]] = {
    encoder.kind: encoder for encoder in (ImageEncoder, AudioEncoder, TextEncoder, FeaturesEncoder)
}


def build_encoder(modality: Modality, width: int) -> Encoder:
    """A fresh encoder of width D for this modality; its weights come from the global stream."""
    return ENCODERS[modality.kind](modality, width)


def raw_width(modality: Modality) -> int:
    """F, the length of a sample's `raw_features`."""
    return ENCODERS[modality.kind].raw_width(modality)


def raw_features(modality: Modality, x: Tensor) -> Tensor:
    """A batch as plain vectors (B, F): pixels, mel bands, word counts."""
    return ENCODERS[modality.kind].raw(modality, x)


def fits(modality: Modality, x: Tensor) -> bool:
    """Does a batch have the shape (and of text the type) that this modality promises?"""
    return ENCODERS[modality.kind].fits(modality, x)
