"""Gradient share: how loudly the loss speaks to each modality's encoder.

    n_m     = sqrt(sum over encoder m's parameters of |g|^2)
    share_m = n_m / sum_k n_k                                        sums to 1

A share near 0 while the modality knows something is a starved encoder. Wang et al., What makes training multi-modal
classification networks hard?, 2020. https://arxiv.org/abs/1905.12681
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from torch import Tensor

from core.metrics.check import settled


def gradient_share(gradients: Mapping[str, Iterable[Tensor | None]]) -> dict[str, float]:
    """gradients: modality -> those of its parameters; None counts as 0. All 0 gives 0 for each."""
    norms = {
        name: sum(float(g.detach().double().square().sum()) for g in found if g is not None) ** 0.5
        for name, found in gradients.items()
    }
    total = settled("gradient share", sum(norms.values()))
    return {name: norm / total if total else 0.0 for name, norm in norms.items()}
