"""OGM-GE: the modality that is ahead learns more slowly, so that the others can catch up.

    s_m = mean_i softmax(l_m)_{t_i}                  how sure modality m alone is of the truth
    r_m = s_m / mean of the others' s                who is ahead
    k_m = 1 - tanh(alpha r_m)  if r_m > 1, else 1
    g_m <- k_m g_m + N(0, std(g_m)^2)                the gradient of encoder m; the noise is the "generalisation enhancement"

What modality m alone says, l_m (B, C), depends on `reading`:
    alone   the model's own fusion and head, shown z_m while all other modalities are absent. For concatenation this is the
            paper's W_m z_m + b but for the bias and the bend of its layer.
    probe   a linear reader of z_m that is trained beside the model and passes no gradient to the encoder.

Peng et al., Balanced Multimodal Learning via On-the-fly Gradient Modulation, 2022. https://arxiv.org/abs/2203.15332
The paper has two modalities and SGD, and adds noise to convolutions only; here any number, every encoder tensor, and AdamW.
Adam divides a gradient by its own recent size, so a constant k_m would cancel out altogether: what is left of the slowing
comes from k_m changing faster than Adam's memory, and from clipping. The noise is not cancelled: it is as large as the
gradient. `benchmarks/strategies.py` measures what comes of it.
"""

from __future__ import annotations

import torch
from torch import Tensor

from core.balancing.auxiliary_heads import AuxiliaryHeads, mean_over
from core.balancing.base import Strategy
from core.catalog.localized import Localized
from core.catalog.parameters import Parameter
from core.fusion.base import FeatureFusion, Fusion, ModelSpec
from core.output import Batch, Output
from core.targets.classes import ClassTarget


class OgmGe(Strategy):
    """The gradient of the modality that leads is damped by 1 - tanh(alpha * lead) and noise is added (Peng et al., CVPR 2022, 2203.15332)."""

    name = "ogm_ge"
    title = Localized("OGM-GE", "OGM-GE 即时梯度调制")
    idea = Localized(
        "Slow down the sense that is ahead, so that the others can catch up.",
        "让领先的感官放慢脚步，好让其他感官跟上。",
    )
    formula = (
        r"g_m \leftarrow k_m g_m + \epsilon,\quad \epsilon \sim \mathcal{N}(0, \mathrm{std}(g_m)^2),\quad "
        r"k_m = \begin{cases} 1 - \tanh(\alpha\, s_m / \bar{s}_{others}) & s_m > \bar{s}_{others} \\ 1 & \text{else} \end{cases}"
    )
    paper = "https://arxiv.org/abs/2203.15332"
    hyperparameters = (
        Parameter("alpha", "float", 0.5, 0.0, 2.0, 0.05, title=Localized("strength of the brake", "减速强度")),
        Parameter("noise", "bool", True, title=Localized("noise on the gradients", "梯度加噪")),
        Parameter(
            "reading",
            "choice",
            "alone",
            choices=("alone", "probe"),
            title=Localized("how a modality is read alone", "单独读取方式"),
        ),
    )
    stages = ("feature",)
    joint = True
    needs_target = True
    targets = (ClassTarget.name,)

    def __init__(self, spec: ModelSpec, alpha: float, noise: bool, reading: str) -> None:
        super().__init__(spec)
        self.alpha, self.noise = alpha, noise
        self.readers = AuxiliaryHeads(spec) if reading == "probe" else None
        self.logged: dict[str, Tensor] = {}

    def losses(self, output: Output, batch: Batch) -> dict[str, Tensor]:
        if self.readers is None:
            return {}
        frozen = {name: z.detach() for name, z in output.z.items()}
        return {f"{self.name}/{name}": loss for name, loss in self.readers.losses(frozen, batch).items()}

    @torch.no_grad()
    def modulate_gradients(self, model: Fusion, output: Output, batch: Batch) -> None:
        logits = self.readers(output.z) if self.readers else alone(model, output, batch)
        sure = torch.stack(
            [sureness(alone_logits, batch, batch.present[name]) for name, alone_logits in logits.items()]
        )
        slowed = factors(sure, self.alpha)
        for k, parameters in zip(slowed, model.modality_parameters().values(), strict=True):
            for gradient in (p.grad for p in parameters if p.grad is not None):
                spread = gradient.std() if gradient.numel() > 1 else gradient.abs().mean()
                gradient.mul_(k)
                if self.noise:  # drawn on the CPU: the same noise on every device
                    gradient.add_(spread * torch.randn(gradient.shape).to(gradient.device))
        self.logged = {f"speed/{name}": k for name, k in zip(logits, slowed, strict=True)}

    def log_values(self) -> dict[str, Tensor]:
        return self.logged


def alone(model: Fusion, output: Output, batch: Batch) -> dict[str, Tensor]:
    """modality -> logits (B, C) of the model's fusion and head when all others are absent. Encoders are not run again."""
    assert isinstance(model, FeatureFusion) and model.head is not None
    alone_logits = {}
    for name in output.z:
        z = {n: x if n == name else torch.zeros_like(x) for n, x in output.z.items()}
        tokens = {n: x if n == name else torch.zeros_like(x) for n, x in output.tokens.items()}
        present = {n: mask if n == name else torch.zeros_like(mask) for n, mask in batch.present.items()}
        alone_logits[name] = model.head(model.fuse(z, tokens, present))
    return alone_logits


def sureness(logits: Tensor, batch: Batch, mask: Tensor) -> Tensor:
    """The mean probability of the truth, over the samples that have the modality."""
    truth = logits.softmax(1).gather(1, batch.target.unsqueeze(1)).squeeze(1)
    return mean_over(truth, mask)


def factors(sure: Tensor, alpha: float) -> Tensor:
    """(M,) how much of each encoder's gradient is kept, from how sure each modality is (M,)."""
    others = (sure.sum() - sure) / max(len(sure) - 1, 1)
    ahead = sure / others.clamp_min(1e-12)
    return torch.where(ahead > 1, 1 - torch.tanh(alpha * ahead), torch.ones_like(ahead))
