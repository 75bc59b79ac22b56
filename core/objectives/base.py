"""An objective turns (output, batch) into named loss terms; objectives add up."""

from __future__ import annotations

from typing import ClassVar

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
    parameters: ClassVar[tuple[Parameter, ...]] = ()
    needs_labels: ClassVar[bool] = False
    needs_pairs: ClassVar[bool] = False
    needs_prediction: ClassVar[bool] = False  # reads prediction or experts; else only z
    joint: ClassVar[bool] = False  # lets one loss see several modalities, so late methods cannot take it

    def forward(self, output: Output, batch: Batch) -> dict[str, Tensor]:
        """Named terms, each a scalar tensor: {"classification": ...}, or one term an expert."""
        raise NotImplementedError
