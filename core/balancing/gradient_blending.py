"""Gradient Blending: a loss counts for as much as it teaches and as little as it overfits, both measured.

    L    = sum_m w_m L_m + w_f L_fused               K = M + 1 losses: a linear reader a modality, and the objective
    O    = L_held - L_train                          (K,)   overfitting, on samples that nobody trained on
    dG   = L_held(then) - L_held(now)                (K,)   what has been learned that generalises
    dO   = O(now) - O(then)                          (K,)   what has been learned that does not
    v   ~  max(0, dG) / max(eta, |dO|)^2             (K,)   adding up to 1: the paper's optimum; OGR = dO / dG
    w   =  eps + (1 - K eps) v                       (K,)   eta = .01, eps = .02

Wang et al., What makes training multi-modal networks hard? 2020. https://arxiv.org/abs/1905.12681
The paper trains each modality's network apart to measure it; here the readers of the one network are measured, every few
epochs. Until the second measurement all weights are equal. |dO| is taken as at least .01, a step that small is noise of the
measurement, and no weight falls under .02, so that nothing is forgotten for good.

What it costs: `holdout` of the training samples are never trained on, which makes an epoch that much shorter, and as many
again are read with them at each measurement. Samples are held out one by one: where the training split shows one voice or
image several times, overfitting to it is not seen.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from core.balancing.auxiliary_heads import AuxiliaryHeads
from core.balancing.base import Strategy
from core.catalog.localized import Localized
from core.catalog.parameters import Parameter
from core.data.base import Split, Task
from core.fusion.base import ModelSpec
from core.output import Batch, Output
from core.seeding import generator
from core.training.batches import slices, whole

if TYPE_CHECKING:
    from core.training.state import TrainState

CHUNK = 1000  # rows a forward pass
NOISE = 0.01  # of a measured change
LEAST = 0.02  # of a weight


class GradientBlending(Strategy):
    """Losses weighted by how much each generalises rather than overfits, measured on samples held out (Wang et al., 2020, 1905.12681)."""

    name = "gradient_blending"
    title = Localized("Gradient Blending", "梯度混合")
    idea = Localized(
        "Weigh each sense's loss by what it teaches against how much it overfits, measured on samples held back.",
        "用留出的样本测量，按每种感官学到多少、过拟合多少来分配其损失的权重。",
    )
    formula = (
        r"\mathcal{L} = \sum_k w_k \mathcal{L}_k,\quad w_k = \epsilon + (1 - K \epsilon)\, v_k,\quad "
        r"v_k \propto \max(0, \Delta G_k) / \max(\eta, |\Delta O_k|)^2"
    )
    paper = "https://arxiv.org/abs/1905.12681"
    hyperparameters = (
        Parameter("holdout", "float", 0.1, 0.02, 0.5, 0.01, title=Localized("share held back", "留出比例")),
        Parameter("every", "int", 2, 1, 50, unit="epochs", title=Localized("measured every", "测量间隔")),
    )
    stages = ("feature",)
    joint = True
    needs_target = True

    weights: Tensor
    then: Tensor

    def __init__(self, spec: ModelSpec, holdout: float, every: int) -> None:
        super().__init__(spec)
        self.holdout, self.every = holdout, every
        self.readers = AuxiliaryHeads(spec)
        self.branches = (*spec.modalities, "fused")
        count = len(self.branches)
        self.register_buffer("weights", torch.full((count,), 1 / count))
        self.register_buffer("then", torch.zeros(2, count))  # training and held-out losses when last measured

    def hold_out(self, task: Task) -> Task:
        """Hold samples back, and remember as many of the others to compare with."""
        count = len(task.train.target)
        order = torch.randperm(count, generator=generator(self.spec.seed, "holdout"))
        held = min(max(1, round(self.holdout * count)), count - 1)
        kept = order[held:].sort().values
        self.held, self.trained = task.train.rows(order[:held]), task.train.rows(kept[:held])
        return replace(task, train=task.train.rows(kept))

    def losses(self, output: Output, batch: Batch) -> dict[str, Tensor]:
        return {f"{self.name}/{name}": loss for name, loss in self.readers.losses(output.z, batch).items()}

    def total(self, objective: Tensor, losses: dict[str, Tensor]) -> Tensor:
        return (self.weights * torch.stack([*losses.values(), objective])).sum()

    @torch.no_grad()
    def after_epoch(self, state: TrainState) -> None:
        if state.trained_epochs % self.every:
            return
        now = torch.stack([self._losses(state, split) for split in (self.trained, self.held)])  # (2, K)
        if state.trained_epochs:
            gain, overfitting = changes(self.then, now)
            self.weights.copy_(kept_above(blended(gain, overfitting), LEAST))
        self.then.copy_(now)

    def log_values(self) -> dict[str, Tensor]:
        return {f"weight/{name}": weight for name, weight in zip(self.branches, self.weights, strict=True)}

    def _losses(self, state: TrainState, split: Split) -> Tensor:
        """(K,) mean losses of the readers, then of the fused prediction; each over the samples that have the modality."""
        split = split.to(state.device)
        sums, counts = torch.zeros_like(self.weights), torch.zeros_like(self.weights)
        for batch in slices(whole(split), CHUNK):
            output = state.model(batch)
            assert output.prediction is not None
            predictions = [*self.readers(output.z).values(), output.prediction]
            mask = torch.stack([*batch.present.values(), torch.ones_like(batch.target, dtype=torch.bool)])  # (K, B)
            losses = torch.stack([self.readers.target.losses(one, batch) for one in predictions])
            sums += (losses * mask).sum(1)
            counts += mask.sum(1)
        return sums / counts.clamp_min(1)


def changes(then: Tensor, now: Tensor) -> tuple[Tensor, Tensor]:
    """Gain and overfitting (K,) between two measurements, each (2, K): training losses, held-out losses."""
    return then[1] - now[1], (now[1] - now[0]) - (then[1] - then[0])


def blended(gain: Tensor, overfitting: Tensor) -> Tensor:
    """w ~ dG / dO^2, adding up to 1; a loss that gained nothing gets nothing, and where none gained all are equal."""
    worth = gain.clamp_min(0) / overfitting.abs().clamp_min(NOISE).square()
    return torch.where(worth.sum() > 0, worth / worth.sum().clamp_min(1e-30), torch.full_like(worth, 1 / len(worth)))


def kept_above(weights: Tensor, least: float) -> Tensor:
    """The weights moved towards equal ones until none can lie under `least`; they still add up to 1."""
    return least + (1 - least * len(weights)) * weights
