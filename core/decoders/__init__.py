"""The shelf of decoders, which mirrors that of encoders: one file each, one line here; the first of a kind is its default."""

from core.data.base import Modality
from core.decoders.base import Decoder
from core.decoders.features import FeaturesDecoder
from core.decoders.image import ImageDecoder
from core.errors import ConfigError

DECODERS: tuple[type[Decoder], ...] = (ImageDecoder, FeaturesDecoder)


def shelf(kind: str) -> dict[str, type[Decoder]]:
    """The decoders of a kind of modality by name; {} where there is none yet."""
    return {decoder.name: decoder for decoder in DECODERS if decoder.kind == kind}


def build_decoder(modality: Modality, width: int, name: str = "") -> Decoder:
    """A fresh decoder from width D to this modality, the kind's first one unless named; its weights come from the global
    stream. ConfigError where the kind has none, or none of that name."""
    choices = shelf(modality.kind)
    name = name or next(iter(choices), "")
    if name not in choices:
        raise ConfigError("unknown_decoder", name=name, kind=modality.kind, choices=", ".join(choices) or "none")
    return choices[name](modality, width)
