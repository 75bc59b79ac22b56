"""Channel exchange: a channel that a modality does not use is given to the others.

    x_m = z_m                                            (B, D)    layer 0; then for l = 1..L
    n_m = norm(W_l x_m)                                  (B, D)    W_l is the same for all modalities, norm over channels
    u_m = gamma_m * n_m + beta_m                         (B, D)    a scale and a shift a channel, each modality's own
    v_m = u_m, or the mean of the others' u              (B, D)    the latter in channels c = m (mod M) with |gamma_mc| < theta
    x_m = relu(v_m)                                      (B, D)
    h   = sum_m softmax(alpha)_m x_m                     (B, D)    over the modalities that are present
    penalty = lambda sum_lm |gamma_m|                    over channels c = m (mod M), one more term of the loss

The penalty lets a scale shrink unless its channel is worth the price. Each modality may give up channels of its own, one in M,
so that none is lost to all. Until the first exchange h is a sum of what each modality says alone and exclusive-or is at
chance; with `sparsity=0` it stays there. With `layers=1` what was exchanged is never mixed. On the built-in data all that
may be given is given in the end: Adam makes a small pressure that never rests as strong as any other.

Wang et al., Deep Multimodal Fusion by Channel Exchanging (CEN), 2020. https://arxiv.org/abs/2011.05005
The paper scales by batch norm, in which a sample depends on its batch; here the norm is each sample's own, over its channels
(layer norm). Layers on the embeddings instead of a whole convolutional network, so the modalities meet after their
encoders. One loss of the ensemble, without one for each modality. Training is short, so the scales that may shrink begin at .1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.catalog.localized import Localized
from core.catalog.parameters import Parameter
from core.fusion.base import FeatureFusion, ModelSpec
from core.fusion.diagnostic import Diagnostic
from core.fusion.masks import softmax_where, stacked
from core.output import Batch, Output
from core.seeding import initialising

BEGINNING = 0.1  # of a scale that may shrink; the others begin at 1


class ChannelExchange(FeatureFusion):
    """Channels of z_m (B, D) whose learned scale is small are filled from the other modalities (Wang et al., 2020, 2011.05005)."""

    name = "channel_exchange"
    title = Localized("Channel exchange (CEN)", "通道交换（CEN）")
    idea = Localized(
        "A channel that one modality does not use is given to the others.", "一种模态用不上的通道，让给其他模态使用。"
    )
    family = "intermediate"
    formula = (
        r"h = \sum_m \mathrm{softmax}(\alpha)_m\, x_m,\quad x_m \leftarrow \mathrm{relu}(v_m),\quad "
        r"v_{mc} = \begin{cases} \mathrm{mean}_{k \ne m}\, u_{kc} & c \equiv_M m,\ |\gamma_{mc}| < \theta \\ "
        r"u_{mc} & \text{else} \end{cases},\quad u_{mc} = \gamma_{mc}\, \mathrm{norm}(W x_m)_c + \beta_{mc},\quad "
        r"\mathcal{L} \mathrel{+}= \lambda \sum_m \sum_{c \equiv_M m} |\gamma_{mc}|"
    )
    paper = "https://arxiv.org/abs/2011.05005"
    hyperparameters = (
        Parameter("layers", "int", 2, 1, 4, title=Localized("layers", "层数")),
        Parameter("threshold", "float", 0.02, 0.02, 1.0, 0.01, title=Localized("exchanged below", "交换的门槛")),
        Parameter("sparsity", "float", 0.003, 0.0, 0.1, 0.001, title=Localized("price of a channel", "每个通道的代价")),
    )

    mine: Tensor

    def __init__(self, spec: ModelSpec, layers: int, threshold: float, sparsity: float) -> None:
        super().__init__(spec)
        count, width = len(self.names), spec.width
        self.threshold, self.sparsity = threshold, sparsity
        with initialising(spec.seed, "mix"):
            self.layers = nn.ModuleList(nn.Linear(width, width, bias=False) for _ in range(layers))
        owner = torch.arange(width) % count
        mine = owner == torch.arange(count).unsqueeze(1)  # (M, D)
        self.register_buffer("mine", mine, persistent=False)
        self.scale = nn.Parameter(torch.where(mine, BEGINNING, 1.0).repeat(layers, 1, 1))
        self.shift = nn.Parameter(torch.zeros(layers, count, width))
        self.share = nn.Parameter(torch.zeros(count))

    def forward(self, batch: Batch) -> Output:
        output = super().forward(batch)
        price = self.sparsity * (self.scale.abs() * self.mine).sum()
        return replace(output, penalties={"sparsity": price.expand(len(batch))})

    def fuse(self, z: dict[str, Tensor], tokens: dict[str, Tensor], present: Mapping[str, Tensor]) -> Tensor:
        x, present_mask = stacked(z), stacked(present)  # (B, M, D), (B, M)
        for layer, scale, shift, given in zip(self.layers, self.scale, self.shift, self._given(), strict=True):
            u = scale * F.layer_norm(layer(x), x.shape[2:]) + shift
            x = F.relu(_exchanged(u, given, present_mask))
        weights = softmax_where(self.share.expand(present_mask.shape), present_mask, 1)
        return (weights.unsqueeze(2) * x).sum(1)

    def diagnostics(self, output: Output, present: Mapping[str, Tensor]) -> dict[str, Diagnostic]:
        """How many of the channels that a modality may give up it has given, how large its scales there are, and its share."""
        axes = (tuple(f"layer {depth + 1}" for depth in range(len(self.layers))), self.names)
        count = self.mine.sum(1).clamp_min(1)
        scale = (self.scale.detach().abs() * self.mine).sum(2) / count
        weights = softmax_where(self.share.expand(len(stacked(present)), -1), stacked(present), 1)
        return {
            "exchanged": Diagnostic(axes, self._given().sum(2) / count),
            "scale": Diagnostic(axes, scale),
            "weight": Diagnostic((self.names,), weights.mean(0)),
        }

    def _given(self) -> Tensor:
        """(L, M, D), which channels each modality takes from the others."""
        return (self.scale.detach().abs() < self.threshold) & self.mine


def _exchanged(u: Tensor, given: Tensor, present_mask: Tensor) -> Tensor:
    """u (B, M, D) with the mean of the others that are present where `given` (M, D); its own where no other is present."""
    indicator = present_mask.unsqueeze(2).to(u.dtype)
    others = (u * indicator).sum(1, keepdim=True) - u * indicator
    count = indicator.sum(1, keepdim=True) - indicator  # (B, M, 1)
    return torch.where(given & (count > 0), others / count.clamp_min(1), u)
