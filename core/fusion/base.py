"""Where the branches meet: the three stages of fusion, each a base class with one method left open.

    input     x_1, x_2 -> h            InputFusion.mix       the modalities meet before anything is learnt of each
    feature   z_1, z_2 -> h            FeatureFusion.fuse    each modality is encoded, then they meet
    decision  p_1, p_2 -> p            DecisionFusion.combine  each modality decides alone, then they vote

B samples, M modalities, T tokens, D = width, C classes. An absent modality arrives as zeros and with `present` False.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

import torch
from torch import Tensor, nn

from core.catalog import compatibility
from core.catalog.localized import Localized
from core.catalog.parameters import Parameter
from core.encoders import raw_features, raw_width
from core.errors import missing_method, wrong_returned
from core.fusion.check import check_batch, check_returned
from core.fusion.diagnostic import Diagnostic, mean_where
from core.fusion.model_spec import ModelSpec, encode, encoders, head_of
from core.output import Batch, Output
from core.seeding import initialising
from core.targets import ClassTarget

__all__ = ["DecisionFusion", "DualEncoder", "FeatureFusion", "Fusion", "InputFusion", "ModelSpec"]


class Fusion(nn.Module):
    """A whole model: samples in, `Output` out. Subclass one of the three stages below instead."""

    shelf: ClassVar[str] = "fusions"  # of the catalogue
    name: ClassVar[str]
    title: ClassVar[Localized | str] = ""  # in English alone, or in both languages
    idea: ClassVar[Localized | str] = ""  # one sentence
    common: ClassVar[bool] = False  # among those that a page shows at first; the others stand behind "more"
    stage: ClassVar[str]  # "single" | "input" | "feature" | "decision"
    family: ClassVar[str] = ""
    formula: ClassVar[str] = ""  # LaTeX
    paper: ClassVar[str] = ""
    hyperparameters: ClassVar[tuple[Parameter, ...]] = ()
    fewest: ClassVar[int] = 2
    most: ClassVar[int | None] = None
    joint: ClassVar[bool] = True  # may one loss see several modalities? Late methods: no.
    revision: ClassVar[int] = 1  # goes up when equal choices train another curve than before: runs then get other names
    additive: ClassVar[bool] = False  # on some scale a sum of what each modality says alone: blind to exclusive-or
    additive_scale: str = ""  # on which its decision is such a sum; "" where on none that can be told
    complements: ClassVar[bool] = True  # gains where each modality knows another part of the answer
    predicts: ClassVar[tuple[str, ...] | None] = None  # the targets that its head can be trained for; None: any
    gives: ClassVar[tuple[str, ...]] = ("z", "tokens", "h", "prediction")  # what an objective may read of its output
    shows: ClassVar[tuple[str, ...]] = ()  # roles of its output's named tensors that go into the pictures of a run
    prefers: ClassVar[Mapping[str, str]] = {}  # objective -> the one it takes in its place unless told otherwise

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__()
        self.spec = spec
        self.names = tuple(spec.modalities)
        self.offered = self.names  # what a batch must hold; `only` reads less than it is offered

    def forward(self, batch: Batch) -> Output:
        raise missing_method(self, "forward(self, batch)")

    def check(self, batch: Batch) -> None:
        """DataError when the batch lacks a modality, has one too many or one of another shape."""
        check_batch(self.spec.modalities, self.offered, batch)

    def decision_scores(self, output: Output, present: Mapping[str, Tensor]) -> Tensor:
        """(B, C) what it decides by: the largest of a row is the class that its prediction names; of labels and values the
        prediction itself. Where `additive_scale` names a scale this is, on that scale and whoever is absent, a sum of one
        term per modality, which reads this modality alone. Interaction is measured on it."""
        assert output.prediction is not None
        return output.prediction

    def diagnostics(self, output: Output, present: Mapping[str, Tensor]) -> dict[str, Diagnostic]:
        """What this method decided inside (gates, attention, votes), read off an output. {} when there is nothing."""
        return {}

    def modality_parameters(self) -> dict[str, list[nn.Parameter]]:
        """modality -> the parameters that only it feeds; their gradient norm tells who is being taught."""
        raise missing_method(self, "modality_parameters(self)")

    def parts(self) -> dict[str, list[nn.Parameter]]:
        """Groups that are clipped on their own. One group, unless the experts train apart."""
        return {"model": list(self.parameters())}


class InputFusion(Fusion):
    """Early fusion. The first layer of a network on [x_1; x_2] is a sum, W [x_1; x_2] = sum_m W_m x_m, so each
    modality's share z_m = W_m x_m (B, D) can be looked at although the branches have met already."""

    stage = "input"
    gives: ClassVar[tuple[str, ...]] = ("z", "h", "prediction")

    def __init__(self, spec: ModelSpec, share_width: int) -> None:
        super().__init__(spec)
        shares = {}
        for name, modality in spec.modalities.items():
            with initialising(spec.seed, "share", name):
                shares[name] = nn.Linear(raw_width(modality), share_width, bias=False)
        self.shares = nn.ModuleDict(shares)

    def mix(self, total: Tensor) -> tuple[Tensor | None, Tensor | None]:
        """total = sum_m W_m x_m, (B, D) -> fused h (B, D) or None, prediction (B, C)."""
        raise missing_method(self, "mix(self, total)")

    def forward(self, batch: Batch) -> Output:
        self.check(batch)
        z = {}
        for name, modality in self.spec.modalities.items():
            share = self.shares[name](raw_features(modality, batch.inputs[name]))
            z[name] = share * batch.present[name].unsqueeze(1)
        mixed = self.mix(torch.stack(tuple(z.values())).sum(0))
        if not isinstance(mixed, tuple) or len(mixed) != 2:
            raise wrong_returned(self, "mix", mixed, "the pair (h or None, prediction)")
        h, prediction = mixed
        if self.spec.classes:
            check_returned(self, "mix", prediction, len(batch), self.spec.classes)
        return Output(z=z, h=h, prediction=prediction)

    def modality_parameters(self) -> dict[str, list[nn.Parameter]]:
        return {name: list(share.parameters()) for name, share in self.shares.items()}


class FeatureFusion(Fusion):
    """Intermediate fusion: one encoder per modality, `fuse` in the middle, one linear head, y = U h + d (B, C)."""

    stage = "feature"

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__(spec)
        self.encoders = nn.ModuleDict(encoders(spec))
        with initialising(spec.seed, "head"):
            self.head = head_of(spec, spec.width)

    def fuse(self, z: dict[str, Tensor], tokens: dict[str, Tensor], present: Mapping[str, Tensor]) -> Tensor:
        """z: modality -> (B, D), tokens: modality -> (B, T, D) -> h (B, D)."""
        raise missing_method(self, "fuse(self, z, tokens, present)")

    def forward(self, batch: Batch) -> Output:
        self.check(batch)
        z, tokens = encode(self.encoders, batch)
        h = check_returned(self, "fuse", self.fuse(z, tokens, batch.present), len(batch), self.spec.width)
        return Output(z=z, tokens=tokens, h=h, prediction=self.head(h) if self.head else None)

    def modality_parameters(self) -> dict[str, list[nn.Parameter]]:
        return {name: list(encoder.parameters()) for name, encoder in self.encoders.items()}


class DualEncoder(FeatureFusion):
    """Encoders alone: what is built of any fusion whose objective reads nothing else, a purely contrastive one, say."""

    name = "dual_encoder"
    gives = tuple(sorted(compatibility.ENCODED))

    def __init__(self, spec: ModelSpec) -> None:
        Fusion.__init__(self, spec)
        self.encoders = nn.ModuleDict(encoders(spec))

    def forward(self, batch: Batch) -> Output:
        self.check(batch)
        z, tokens = encode(self.encoders, batch)
        return Output(z=z, tokens=tokens)


class DecisionFusion(Fusion):
    """Late fusion: an expert (encoder and head) a modality, each trained by its own loss; `combine` only reads them.

    ask      x_m -> z_m (B, D) -> l_m = W_m z_m + b_m (B, C)      each expert's logits, on its own
    decide   l_1, ..., l_M -> prediction (B, C)                  by `combine`, unless a method learns how to decide or says more
    """

    stage = "decision"
    joint = False
    additive = True
    predicts: ClassVar[tuple[str, ...] | None] = (ClassTarget.name,)
    gives = ("z", "tokens", "prediction")

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__(spec)
        self.encoders = nn.ModuleDict(encoders(spec))
        heads = {}
        for name in self.names:
            with initialising(spec.seed, "expert head", name):
                heads[name] = nn.Linear(spec.width, spec.classes)
        self.heads = nn.ModuleDict(heads)

    def combine(self, log_p: Tensor, present: Tensor) -> Tensor:
        """log_p (M, B, C) log-probabilities of the experts, present (M, B) bool -> prediction (B, C), log scale."""
        raise missing_method(self, "combine(self, log_p, present)")

    def forward(self, batch: Batch) -> Output:
        self.check(batch)
        return self.decide(self.ask(batch), batch)

    def ask(self, batch: Batch) -> Output:
        """What each expert says, and which samples it learns from; nothing is decided yet."""
        z, tokens = encode(self.encoders, batch)
        experts = {name: self.heads[name](z[name]) for name in self.names}
        return Output(z=z, tokens=tokens, experts=experts, taught={name: batch.present[name] for name in self.names})

    @torch.no_grad()  # nothing is learnt through the vote: late means late
    def decide(self, output: Output, batch: Batch) -> Output:
        """`output` of `ask` with its prediction. Methods that learn to decide add experts, which read the others detached."""
        log_p = self.stacked(output.experts).log_softmax(2)
        said = self.combine(log_p, self.stacked(batch.present))
        return replace(output, prediction=check_returned(self, "combine", said, len(batch), self.spec.classes))

    def stacked(self, values: Mapping[str, Tensor]) -> Tensor:
        """modality -> (B, ...) as one tensor (M, B, ...)."""
        return torch.stack([values[name] for name in self.names])

    def diagnostics(self, output: Output, present: Mapping[str, Tensor]) -> dict[str, Diagnostic]:
        """How sure each expert is, and how often the decision is its own, over the samples that have its modality."""
        assert output.prediction is not None
        decided = output.prediction.argmax(1)
        sure = {name: output.experts[name].softmax(1).amax(1) for name in self.names}
        agrees = {name: output.experts[name].argmax(1) == decided for name in self.names}
        return {"confidence": mean_where(sure, present), "agreement": mean_where(agrees, present)}

    def modality_parameters(self) -> dict[str, list[nn.Parameter]]:
        return {name: list(encoder.parameters()) for name, encoder in self.encoders.items()}

    def parts(self) -> dict[str, list[nn.Parameter]]:
        return {name: [*self.encoders[name].parameters(), *self.heads[name].parameters()] for name in self.names}
