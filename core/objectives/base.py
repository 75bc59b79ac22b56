"""An objective turns (output, batch) into named loss terms; objectives add up. One that predicts names its target, which judges."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

import torch
from torch import Tensor, nn

from core.catalog.localized import Localized
from core.catalog.parameters import Parameter
from core.errors import ConfigError, missing_method, wrong_returned
from core.output import Batch, Output
from core.targets import Target, target_named

FUSION = "fusion"  # whose the losses are that no objective asked for


class Objective(nn.Module):
    """A module, since an objective may learn something of its own (a temperature). All losses are scalars."""

    shelf: ClassVar[str] = "objectives"  # of the catalogue
    name: ClassVar[str]
    title: ClassVar[Localized | str] = ""  # in English alone, or in both languages
    idea: ClassVar[Localized | str] = ""  # one sentence
    formula: ClassVar[str] = ""
    paper: ClassVar[str] = ""
    hyperparameters: ClassVar[tuple[Parameter, ...]] = ()
    family: ClassVar[str] = "contrastive"
    target: ClassVar[str] = ""  # what it predicts, of the table in core/targets; "" for nothing
    reads: ClassVar[tuple[str, ...]] = ("z",)  # of the model's output: only the parts of a model that give it are built
    needs_labels: ClassVar[bool] = False  # reads each sample's class
    needs_pairs: ClassVar[bool] = False
    joint: ClassVar[bool] = False  # lets one loss see several modalities, so late methods cannot take it
    revision: ClassVar[int] = 1  # goes up when equal choices train another curve than before: runs then get other names
    update_rule: ClassVar[str] = ""  # of `core/training/learners.py`, where it needs another than the ordinary step,
    sampler: ClassVar[str] = ""  # or other batches than a permutation's
    ceilings: ClassVar[Mapping[str, float]] = {}  # of what it learns: parameter -> its largest value after a step

    def forward(self, output: Output, batch: Batch) -> dict[str, Tensor]:
        """Named losses, each a scalar tensor: {"classification": ...}, or one loss per expert."""
        raise missing_method(self, "forward(self, output, batch)")


class CompositeLoss(nn.Module):
    """Weighted terms, added up. Its terms carry the objectives' names, so that a NaN can be traced to one."""

    def __init__(self, terms: dict[str, Objective], weights: dict[str, float]) -> None:
        super().__init__()
        self.terms = nn.ModuleDict(terms)
        self.weights = weights
        predicting = [term for term in terms.values() if term.target]
        if len(predicting) > 1:
            raise ConfigError("two_predictions", first=predicting[0].name, second=predicting[1].name)
        self._target = target_named(predicting[0].target) if predicting else None

    @property
    def predicts(self) -> bool:
        """Whether a term has a target, so that there are predictions to be judged."""
        return self._target is not None

    @property
    def target(self) -> Target:
        """What is predicted, which judges. Only of one that `predicts`."""
        assert self._target is not None
        return self._target

    @property
    def reads(self) -> frozenset[str]:
        """The names of what its terms read of a model's output."""
        return frozenset(name for term in self._objectives() for name in term.reads)

    def bounded(self) -> Iterator[tuple[nn.Parameter, float]]:
        """What its terms learn and may not exceed, with the largest value.

        To be clamped after each step, as CLIP does: a clamp inside the loss has no slope beyond the bound, so that a
        parameter that has passed it would never return.
        """
        for term in self._objectives():
            for name, ceiling in term.ceilings.items():
                yield term.get_parameter(name), ceiling

    def forward(self, output: Output, batch: Batch) -> dict[str, Tensor]:
        """All named losses, unweighted: the objectives', and what the fusion itself wants to be small."""
        losses = {name: value for term in self._objectives() for name, value in _named(term, term(output, batch))}
        return losses | {f"{FUSION}/{name}": value.mean() for name, value in output.penalties.items()}

    def weighted(self, losses: dict[str, Tensor]) -> dict[str, Tensor]:
        """Each loss times the weight of the objective it belongs to; a fusion weighs its own."""
        return {name: self.weights.get(name.split("/")[0], 1.0) * value for name, value in losses.items()}

    def total(self, losses: dict[str, Tensor]) -> Tensor:
        """The number that is minimised: the weighted losses, added up."""
        return torch.stack(list(self.weighted(losses).values())).sum()

    def _objectives(self) -> Iterator[Objective]:
        for term in self.terms.values():
            assert isinstance(term, Objective)
            yield term


def _named(term: Objective, losses: object) -> Iterator[tuple[str, Tensor]]:
    """The (name, scalar) pairs that an objective returned; ConfigError where they are none."""
    if not isinstance(losses, dict):
        raise wrong_returned(term, "forward", losses, "a dict of named losses")
    for name, value in losses.items():
        if not isinstance(value, Tensor) or value.dim():
            raise wrong_returned(term, "forward", value, f"Tensor() for {name!r}")
        yield name, value
