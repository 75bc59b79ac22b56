"""Regression: predict numbers; the loss is the squared distance.

    e_iv = p_iv - y_iv                                          (B, V)
    L    = mean e^2                                             squared error, the default
    L    = mean of e^2 / 2 where |e| <= delta, else delta (|e| - delta / 2)      Huber, with huber = delta > 0

Huber's loss grows only linearly far from the truth, so that a few wild values do not drag everything their way.

Huber, Robust Estimation of a Location Parameter, 1964. https://doi.org/10.1214/aoms/1177703732
"""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F

from core.catalog.localized import Localized
from core.catalog.parameters import Parameter
from core.objectives.base import Objective
from core.output import Batch, Output
from core.targets.value import ValueTarget


class Regression(Objective):
    """Squared or Huber error of standardised values (B, V); judged by R2."""

    name = "regression"
    title = Localized("Regression", "回归")
    idea = Localized("Say the number: squared error, or Huber's.", "报出数值：平方误差或 Huber 损失。")
    formula = (
        r"\mathcal{L} = \tfrac{1}{BV} \sum_{iv} \ell(p_{iv} - y_{iv}),\quad "
        r"\ell(e) = \begin{cases} e^2 & \delta = 0 \\ \tfrac{1}{2} e^2 & |e| \le \delta \\ "
        r"\delta (|e| - \tfrac{1}{2} \delta) & |e| > \delta > 0 \end{cases}"
    )
    paper = "https://doi.org/10.1214/aoms/1177703732"
    hyperparameters = (
        Parameter(
            "huber",
            "float",
            0.0,
            0.0,
            10.0,
            0.1,
            title=Localized("Huber threshold (0: squared error)", "Huber 阈值（0 为平方误差）"),
        ),
    )
    family = "supervised"
    target = ValueTarget.name
    reads = ("prediction",)

    def __init__(self, huber: float = 0.0) -> None:
        super().__init__()
        self.huber = huber

    def forward(self, output: Output, batch: Batch) -> dict[str, Tensor]:
        assert output.prediction is not None
        truth = batch.targets[self.target]
        if self.huber == 0:
            return {self.name: F.mse_loss(output.prediction, truth)}
        return {self.name: F.huber_loss(output.prediction, truth, delta=self.huber)}
