"""The shelf of encoders: one file each, one line here; the first one of a kind is its default."""

from torch import Tensor

from core.catalog import catalog
from core.catalog.implementation import implementation
from core.data.base import Modality
from core.encoders.audio import AudioEncoder
from core.encoders.base import Encoder
from core.encoders.features import FeaturesEncoder
from core.encoders.gru import GruEncoder
from core.encoders.image import ImageEncoder
from core.encoders.lenet import LeNetAudio, LeNetImage
from core.encoders.text import TextEncoder
from core.encoders.text_cnn import TextCnnEncoder

ENCODERS: tuple[type[Encoder], ...] = (
    ImageEncoder,
    LeNetImage,
    AudioEncoder,
    LeNetAudio,
    TextEncoder,
    GruEncoder,
    TextCnnEncoder,
    FeaturesEncoder,
)


def shelf(kind: str) -> dict[str, type[Encoder]]:
    """The encoders of a kind of modality by name; the first one is what a run takes unless told otherwise."""
    return {entry["name"]: implementation(entry) for entry in catalog()["encoders"] if entry["kind"] == kind}


def build_encoder(modality: Modality, width: int, name: str = "") -> Encoder:
    """A fresh encoder of width D for this modality; its weights come from the global stream."""
    encoder = shelf(modality.kind)[name] if name else _first(modality)
    return encoder(modality, width)


def raw_width(modality: Modality) -> int:
    """F, the length of a sample's `raw_features`."""
    return _first(modality).raw_width(modality)


def raw_features(modality: Modality, x: Tensor) -> Tensor:
    """A batch as plain vectors (B, F): pixels, mel bands, word counts."""
    return _first(modality).raw(modality, x)


def fits(modality: Modality, x: Tensor) -> bool:
    """Does a batch have the shape (and of text the type) that this modality promises?"""
    return _first(modality).fits(modality, x)


def _first(modality: Modality) -> type[Encoder]:
    return next(encoder for encoder in ENCODERS if encoder.kind == modality.kind)
