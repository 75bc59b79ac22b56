"""An objective turns (output, batch) into named loss terms; objectives add up."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor, nn

from core.output import Batch, Output
from core.parameters import Parameter


class Objective(nn.Module):
    """A module, since an objective may learn something of its own (a temperature). All terms are scalars."""

    name: ClassVar[str]
    title: ClassVar[str]
    idea: ClassVar[str]
    formula: ClassVar[str]
    paper: ClassVar[str] = ""
    knobs: ClassVar[tuple[Parameter, ...]] = ()
    needs_labels: ClassVar[bool] = False
    needs_pairs: ClassVar[bool] = False
    needs_prediction: ClassVar[bool] = False  # reads prediction or experts; else only z
    joint: ClassVar[bool] = False  # lets one loss see several modalities, so late methods cannot take it

    def forward(self, output: Output, batch: Batch) -> dict[str, Tensor]:
        """Named terms, each a scalar tensor: {"classification": ...}, or one term an expert."""
        raise NotImplementedError


class Sum(nn.Module):
    """Weighted terms, added up. Its terms carry the objectives' names, so that a NaN can be traced to one."""

    def __init__(self, terms: dict[str, Objective], weights: dict[str, float]) -> None:
        super().__init__()
        self.terms = nn.ModuleDict(terms)
        self.weights = weights
        self.needs_prediction = any(term.needs_prediction for term in terms.values())

    def forward(self, output: Output, batch: Batch) -> dict[str, Tensor]:
        """All named terms, unweighted."""
        return {name: value for term in self.terms.values() for name, value in term(output, batch).items()}

    def total(self, terms: dict[str, Tensor]) -> Tensor:
        """The number that is minimised: each term times the weight of the objective it belongs to."""
        parts = [self.weights[name.split("/")[0]] * value for name, value in terms.items()]
        return torch.stack(parts).sum()
