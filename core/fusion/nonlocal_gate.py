"""Non-local gate: every token attends to every token of every modality, and a gate decides how much of the result is added.

    t    = [t_1; ...; t_M]                           (B, S, D)    all tokens, S of them, in one set
    a    = softmax(theta(t_m) phi(t)')               (B, T_m, S)  or theta phi' / S with `affinity=dot`
    y_m  = mean over T_m of W_y a g(t)               (B, D)       what modality m attends to, its own tokens included
    s_m  = sigmoid(V_m [z_m; y_m] + c_m)             (B, D)       the gate, one for each coordinate
    h    = GELU(W [z_1 + s_1 * y_1; ...; z_M + s_M * y_M] + b)    (B, D)

theta, phi and g are the same for all modalities and half as wide as the embeddings, as in the paper. With all gates shut this
is `concat`.

Wang et al., Non-local Neural Networks, 2018. https://arxiv.org/abs/1711.07971
The gate is ours. Wang et al., 2020 (https://arxiv.org/abs/1905.12681), call a non-local block that fuses two modalities a gate
though nothing in it shuts; in MultiBench's version of it one modality is the query and the other the key; here all tokens are one
set. Left out of the paper are the batch norm, since a sample may not depend on its batch, and the start from W_y = 0, which is
for blocks that are put into a trained network. The mean over queries is taken before the values, which is the same and cheaper.
In `cross_attention` a modality attends to the others alone, with queries of its own, and nothing shuts out the result.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.catalog.localized import Localized
from core.catalog.parameters import Parameter
from core.fusion.base import FeatureFusion, ModelSpec
from core.fusion.diagnostic import Diagnostic, mean_where, places
from core.fusion.masks import softmax_where, token_mask
from core.output import Output
from core.seeding import initialising


class NonLocalGate(FeatureFusion):
    """All tokens attend to all; a sigmoid gate (B, D) decides how much of the result joins z_m (Wang et al., 2018, 1711.07971)."""

    name = "nonlocal_gate"
    title = Localized("Non-local gate", "非局部门控")
    idea = Localized(
        "Every token looks at every token of every modality; a gate decides how much of that comes in.",
        "每个词元都看所有模态的所有词元，再由门决定放进多少。",
    )
    family = "intermediate"
    formula = (
        r"h = \mathrm{GELU}\big(W [z_m + s_m \odot y_m]_m + b\big),\quad s_m = \sigma(V_m [z_m; y_m] + c_m),\quad "
        r"y_m = W_y\,\mathrm{mean}\,A\, g(t),\quad A = \mathrm{softmax}\big(\theta(t_m) \phi(t)^\top\big)\ \text{or}\ \tfrac{1}{S}\, \theta(t_m) \phi(t)^\top"
    )
    paper = "https://arxiv.org/abs/1711.07971"
    hyperparameters = (
        Parameter(
            "affinity",
            "choice",
            "softmax",
            choices=("softmax", "dot"),
            title=Localized("how affinity is measured", "亲和度的算法"),
        ),
    )

    def __init__(self, spec: ModelSpec, affinity: str) -> None:
        super().__init__(spec)
        width, inner = spec.width, max(1, spec.width // 2)
        self.affinity = _AFFINITIES[affinity]
        with initialising(spec.seed, "mix"):
            self.mix = nn.Linear(len(self.names) * width, width)
        with initialising(spec.seed, "nonlocal"):
            self.theta, self.phi, self.g = (nn.Linear(width, inner, bias=False) for _ in range(3))
            self.back = nn.Linear(inner, width, bias=False)
            self.gates = nn.ModuleDict({name: nn.Linear(2 * width, width) for name in self.names})

    def fuse(self, z: dict[str, Tensor], tokens: dict[str, Tensor], present: Mapping[str, Tensor]) -> Tensor:
        attended = self._attended(tokens, present)
        gates = self._gates(z, attended)
        return F.gelu(self.mix(torch.cat([z[name] + gates[name] * attended[name] for name in self.names], 1)))

    def diagnostics(self, output: Output, present: Mapping[str, Tensor]) -> dict[str, Diagnostic]:
        """Which tokens each modality attends to, where it is present, and how far its gate is open."""
        weights = self._weights(output.tokens, present)
        rows = [weights[name].sum(0) / present[name].sum().clamp_min(1) for name in self.names]
        columns = tuple(label for name in self.names for label in places(name, output.tokens[name]))
        gates = self._gates(output.z, self._attended(output.tokens, present))
        return {
            "attention": Diagnostic((self.names, columns), torch.stack(rows)),
            "gate": mean_where({name: gate.mean(1) for name, gate in gates.items()}, present),
        }

    def _gates(self, z: dict[str, Tensor], attended: dict[str, Tensor]) -> dict[str, Tensor]:
        """modality -> (B, D), 0 shut, 1 open."""
        return {name: self.gates[name](torch.cat([z[name], attended[name]], 1)).sigmoid() for name in self.names}

    def _attended(self, tokens: dict[str, Tensor], present: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """y_m, modality -> (B, D); zeros where the modality is absent."""
        values = self.g(torch.cat([tokens[name] for name in self.names], 1))  # (B, S, D/2)
        weights = self._weights(tokens, present)
        return {name: self.back((weights[name].unsqueeze(1) @ values).squeeze(1)) for name in self.names}

    def _weights(self, tokens: dict[str, Tensor], present: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """The mean attention of a modality's tokens to each token: modality -> (B, S), zeros where it is absent."""
        masks = {name: token_mask(tokens[name], present[name]) for name in self.names}
        mask = torch.cat([masks[name] for name in self.names], 1).unsqueeze(1)  # (B, 1, S)
        keys = self.phi(torch.cat([tokens[name] for name in self.names], 1)).transpose(1, 2)
        means = {}
        for name, queries in masks.items():
            weights = self.affinity(self.theta(tokens[name]) @ keys, mask) * queries.unsqueeze(2)  # (B, T_m, S)
            means[name] = weights.sum(1) / queries.sum(1, keepdim=True).clamp_min(1)
        return means


def _softmax(scores: Tensor, mask: Tensor) -> Tensor:
    """The paper's embedded Gaussian, exp(theta . phi) over its sum; no square root under it."""
    return softmax_where(scores, mask, 2)


def _dot(scores: Tensor, mask: Tensor) -> Tensor:
    """The paper's dot product: theta . phi over the number of tokens that are present; of any sign."""
    return scores * mask / mask.sum(2, keepdim=True).clamp_min(1)


_AFFINITIES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {"softmax": _softmax, "dot": _dot}
