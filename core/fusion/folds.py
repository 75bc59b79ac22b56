"""Out-of-fold opinions: what an expert predicts for a sample that it was not trained on.

    fold_i    = floor(K frac(i g))            (B,)         i: position in the training split, g: the golden ratio
    l_mk      = expert m of fold k            (B, C)       learns from samples with fold_i != k
    heard_m,i = l_m,fold_i  in training       (B, C)       never from whoever has learnt from sample i
              = l_m         otherwise         (B, C)       the full expert, which has learnt from all

Whoever learns to judge experts must not do it on samples that these know by heart: it would trust whoever remembers best.
So beside each full expert, which is what it would be alone, train K more from the same first weights, each without one
fold. That is K + 1 times the work. Asked about new samples, the full experts answer and not the mean of the K: they have
seen everything, and they are the ones that are compared with "one modality alone". What is learnt of the K holds for them
as far as one more fold of samples makes no other expert of them.

Folds follow the golden ratio, since data often come in turn (class 0, 1, .. 9, 0, ..) and a plain i mod K would give folds
classes of their own. Samples are left out one by one: where training shows one image or voice in several samples, an expert
has met it in another one.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from core.catalog.localized import Localized
from core.catalog.parameters import Parameter
from core.fusion.base import DecisionFusion, ModelSpec
from core.output import Batch, Output

GOLDEN = 2654435769  # 2^32 / 1.618..
WORD = 32


class OutOfFold(DecisionFusion):
    """A decision fusion that learns how to judge its experts: `judge` reads their opinions and adds what it learns."""

    hyperparameters = (Parameter("folds", "int", 3, 2, 5, title=Localized("folds", "折数")),)

    def __init__(self, spec: ModelSpec, folds: int) -> None:
        super().__init__(spec)
        self.folds = nn.ModuleList(DecisionFusion(spec) for _ in range(folds))

    def judge(self, output: Output, opinions: Tensor, present: Tensor) -> Output:
        """opinions (M, B, C): log-probabilities, constants, present (M, B) -> `output` with a prediction."""
        raise NotImplementedError

    def decide(self, output: Output, batch: Batch) -> Output:
        experts, taught = dict(output.experts), dict(output.taught)
        fold = folds_of(batch.index, len(self.folds))  # (B,)
        left_out = []
        for k, ensemble in enumerate(self.folds):
            assert isinstance(ensemble, DecisionFusion)
            logits = ensemble.ask(batch).experts
            left_out.append(self.stacked(logits))
            for name in self.names:
                experts[f"{name} fold {k}"] = logits[name]
                taught[f"{name} fold {k}"] = batch.present[name] & (fold != k) if self.training else batch.present[name]
        opinions = _own(torch.stack(left_out), fold) if self.training else self.stacked(output.experts)
        output = Output(z=output.z, tokens=output.tokens, experts=experts, taught=taught)
        return self.judge(output, opinions.detach().log_softmax(2), self.stacked(batch.present))

    def parts(self) -> dict[str, list[nn.Parameter]]:
        parts = super().parts()
        for k, ensemble in enumerate(self.folds):
            assert isinstance(ensemble, DecisionFusion)
            parts |= {f"{name} fold {k}": parameters for name, parameters in ensemble.parts().items()}
        return parts


def folds_of(index: Tensor, count: int) -> Tensor:
    """(B,) the fold 0 .. count - 1 of each position, in whole numbers, so that every device finds the same."""
    fraction = (index * GOLDEN) & (2**WORD - 1)
    result: Tensor = (fraction * count) >> WORD
    return result


def _own(logits: Tensor, fold: Tensor) -> Tensor:
    """logits (K, M, B, C), fold (B,) -> (M, B, C): for each sample those of its own fold's experts."""
    rows = torch.arange(len(fold), device=fold.device)
    return logits[fold, :, rows].transpose(0, 1)
