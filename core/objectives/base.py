"""An objective turns (output, batch) into named loss terms; objectives add up. One that predicts also judges."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

import torch
from torch import Tensor, nn

from core.catalog.parameters import Parameter
from core.data.base import Task
from core.errors import ConfigError
from core.output import Batch, Output

FUSION = "fusion"  # whose the terms are that no objective asked for


class Objective(nn.Module):
    """A module, since an objective may learn something of its own (a temperature). All terms are scalars."""

    name: ClassVar[str]
    title: ClassVar[str]
    idea: ClassVar[str]
    formula: ClassVar[str]
    paper: ClassVar[str] = ""
    hyperparameters: ClassVar[tuple[Parameter, ...]] = ()
    family: ClassVar[str] = "contrastive"
    target: ClassVar[str] = ""  # what it predicts: "class", "labels" or "value"; "" reads the embeddings z alone
    measure: ClassVar[str] = ""  # the name of `score`, one of the figures of `judge`
    share: ClassVar[bool] = False  # whether `scores` are 1 or 0, as right or wrong
    needs_labels: ClassVar[bool] = False  # reads each sample's class
    needs_pairs: ClassVar[bool] = False
    joint: ClassVar[bool] = False  # lets one loss see several modalities, so late methods cannot take it
    revision: ClassVar[int] = 1  # goes up when equal choices train another curve than before: runs then get other names
    ceilings: ClassVar[Mapping[str, float]] = {}  # of what it learns: parameter -> its largest value after a step

    def forward(self, output: Output, batch: Batch) -> dict[str, Tensor]:
        """Named terms, each a scalar tensor: {"classification": ...}, or one term an expert."""
        raise NotImplementedError

    def judge(self, prediction: Tensor, batch: Batch, task: Task) -> dict[str, float]:
        """Figures of predictions (N, C) on a whole split; asked only of objectives with a target. What is undefined there
        (R2 where no value varies) is left out."""
        raise NotImplementedError

    def score(self, prediction: Tensor, batch: Batch) -> Tensor:
        """The one figure that curves and tables show, 1 is perfect; a scalar left on the device, NaN for predictions that are."""
        raise NotImplementedError

    def scores(self, prediction: Tensor, batch: Batch) -> Tensor | None:
        """(N,) the score of each sample, whose mean is `score`; None where there are too many samples to tell."""
        raise NotImplementedError

    def kept(self, prediction: Tensor, batch: Batch) -> tuple[dict[str, Tensor], Tensor]:
        """What a run keeps of its predictions ({"probability": (N, C)} or {"value": (N, V)}), and the truth."""
        raise NotImplementedError

    def decided(self, prediction: Tensor) -> Tensor | None:
        """(N,) the class each prediction names, for maps; None where it names none."""
        return None


class CompositeLoss(nn.Module):
    """Weighted terms, added up. Its terms carry the objectives' names, so that a NaN can be traced to one."""

    def __init__(self, terms: dict[str, Objective], weights: dict[str, float]) -> None:
        super().__init__()
        self.terms = nn.ModuleDict(terms)
        self.weights = weights
        predicting = [term for term in terms.values() if term.target]
        if len(predicting) > 1:
            raise ConfigError("two_predictions", first=predicting[0].name, second=predicting[1].name)
        self._predicting = [term.name for term in predicting]

    @property
    def needs_prediction(self) -> bool:
        """Whether a term reads a prediction; else the encoders alone are trained."""
        return bool(self._predicting)

    @property
    def predicting(self) -> Objective:
        """The term that predicts, and so judges."""
        term = self.terms[self._predicting[0]]
        assert isinstance(term, Objective)
        return term

    def bounded(self) -> Iterator[tuple[nn.Parameter, float]]:
        """What its terms learn and may not exceed, with the largest value.

        To be clamped after each step, as CLIP does: a clamp inside the loss has no slope beyond the bound, so that a
        parameter that has passed it would never return.
        """
        for term in self.terms.values():
            assert isinstance(term, Objective)
            for name, ceiling in term.ceilings.items():
                yield term.get_parameter(name), ceiling

    def forward(self, output: Output, batch: Batch) -> dict[str, Tensor]:
        """All named terms, unweighted: the objectives', and what the fusion itself wants to be small."""
        terms = {name: value for term in self.terms.values() for name, value in term(output, batch).items()}
        return terms | {f"{FUSION}/{name}": value.mean() for name, value in output.penalties.items()}

    def weighted(self, terms: dict[str, Tensor]) -> dict[str, Tensor]:
        """Each term times the weight of the objective it belongs to; a fusion weighs its own."""
        return {name: self.weights.get(name.split("/")[0], 1.0) * value for name, value in terms.items()}

    def total(self, terms: dict[str, Tensor]) -> Tensor:
        """The number that is minimised: the weighted terms, added up."""
        return torch.stack(list(self.weighted(terms).values())).sum()
