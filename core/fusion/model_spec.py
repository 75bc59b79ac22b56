"""What a model must fit, and the parts that every stage builds of that: encoders and a head.

B samples, T tokens, D = width, C numbers that a model says of a sample.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor, nn

from core.data.base import Modality
from core.encoders import build_encoder
from core.output import Batch
from core.seeding import initialising
from core.targets import TARGETS, ClassTarget, Target


@dataclass(frozen=True)
class ModelSpec:
    """What a model must fit: the data's modalities, how many numbers it says (a class each, or a label, or a value), the embedding width D, the seed of its first weights.

    `prior` is how frequent each class is among the training samples; () means: all equally. `target` is what is predicted,
    None for nothing; `reads` names what the objective reads of the output, and so which parts of a model are built.
    """

    modalities: Mapping[str, Modality]
    width: int
    classes: int
    seed: int
    prior: tuple[float, ...] = ()
    encoders: Mapping[str, str] = field(default_factory=dict)  # modality -> its encoder; absent: its kind's first
    target: Target | None = TARGETS[ClassTarget.name]
    reads: frozenset[str] = frozenset({"prediction"})


def head_of(spec: ModelSpec, width: int) -> nn.Linear | None:
    """From h (B, width) to the prediction (B, C); None where no objective reads one."""
    return nn.Linear(width, spec.classes) if "prediction" in spec.reads else None


def encoders(spec: ModelSpec) -> dict[str, nn.Module]:
    """One encoder per modality, each initialised from a stream of its own."""
    built: dict[str, nn.Module] = {}
    for name, modality in spec.modalities.items():
        with initialising(spec.seed, "encoder", name):
            built[name] = build_encoder(modality, spec.width, spec.encoders.get(name, ""))
    return built


def encode(modules: Any, batch: Batch) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Pooled (B, D) and token (B, T, D) embeddings per modality; zeros where the modality is absent."""
    z, tokens = {}, {}
    for name, encoder in modules.items():
        mask = batch.present[name]
        token, pooled = encoder(batch.inputs[name])
        z[name] = pooled * mask.unsqueeze(1)
        tokens[name] = token * mask.view(-1, 1, 1)
    return z, tokens
