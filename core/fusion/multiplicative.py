"""Multiplicative interactions: one modality writes the layer that reads the next.

    y_1 = z_1                                                      (B, D)
    y_m = (A_m z_m + V_m) y_{m-1} + U_m z_m + b_m      m = 2..M    (B, D)    A_m: (D, D, D), so A_m z_m is a matrix
    h   = GELU(y_M)                                                (B, D)

Jayakumar et al., Multiplicative Interactions and Where to Find Them, 2020. https://openreview.net/forum?id=rylnK6VtDH
`form` says what z_m writes: a `matrix` as above, a `vector` that scales each coordinate, or one `scalar` for all. The paper joins two inputs; more are taken in one after another, each with weights of its
own. An absent modality is passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.catalog.localized import Localized
from core.catalog.parameters import Parameter
from core.fusion.base import FeatureFusion, ModelSpec
from core.fusion.diagnostic import Diagnostic, share_of_norm
from core.output import Output
from core.seeding import initialising


class Multiplicative(FeatureFusion):
    """One modality writes the matrix, vector or scalar with which the next is read: h (B, D) (Jayakumar et al., ICLR 2020)."""

    name = "multiplicative"
    title = Localized("Multiplicative layer", "乘性交互层")
    idea = Localized(
        "One modality writes the weights of the layer that reads the other.", "一种模态写出权重，用来读取另一种模态。"
    )
    family = "intermediate"
    formula = (
        r"h = \mathrm{GELU}(y_M),\quad y_1 = z_1,\quad "
        r"y_m = (\mathbf{A}_m z_m + V_m)\, y_{m-1} + U_m z_m + b_m"
    )
    paper = "https://openreview.net/forum?id=rylnK6VtDH"
    hyperparameters = (
        Parameter(
            "form",
            "choice",
            "matrix",
            choices=("matrix", "vector", "scalar"),
            title=Localized("what is written", "写出的形式"),
        ),
    )

    def __init__(self, spec: ModelSpec, form: str) -> None:
        super().__init__(spec)
        layers = {}
        for name in self.names[1:]:
            with initialising(spec.seed, "mix", name):
                layers[name] = _Step(spec.width, *_FORMS[form])
        self.layers = nn.ModuleDict(layers)

    def fuse(self, z: dict[str, Tensor], tokens: dict[str, Tensor], present: Mapping[str, Tensor]) -> Tensor:
        y = z[self.names[0]]
        for name in self.names[1:]:
            mask = present[name].unsqueeze(1)
            y = torch.where(mask, sum(self.layers[name](y, z[name]).values()), y)
        return F.gelu(y)

    def diagnostics(self, output: Output, present: Mapping[str, Tensor]) -> dict[str, Diagnostic]:
        """What each step consists of: the product, what was there before, what joins."""
        y, shown = output.z[self.names[0]], {}
        for name in self.names[1:]:
            terms = self.layers[name](y, output.z[name])
            shown[f"terms/{name}"] = share_of_norm(terms)
            y = torch.where(present[name].unsqueeze(1), sum(terms.values()), y)
        return shown


class _Step(nn.Module):
    """The three terms of a step, (B, D) each; `apply` says how what z writes reads y."""

    def __init__(self, width: int, axes: int, apply: Callable[[Tensor, Tensor], Tensor]) -> None:
        super().__init__()
        self.apply_written = apply
        self.write = nn.Linear(width, width**axes)  # its bias is V
        self.join = nn.Linear(width, width)

    def forward(self, y: Tensor, z: Tensor) -> dict[str, Tensor]:
        return {
            "product": self.apply_written(F.linear(z, self.write.weight), y),
            "before": self.apply_written(self.write.bias.unsqueeze(0), y),
            "joining": self.join(z),
        }


def _matrix(written: Tensor, y: Tensor) -> Tensor:
    """(B, D * D) or (1, D * D) times (B, D)."""
    result: Tensor = (written.unflatten(1, (y.shape[1], -1)) @ y.unsqueeze(2)).squeeze(2)
    return result


def _scale(written: Tensor, y: Tensor) -> Tensor:
    """(B, D) or (B, 1), or one row for all, times (B, D)."""
    return written * y


_FORMS = {"matrix": (2, _matrix), "vector": (1, _scale), "scalar": (0, _scale)}
