"""Every strategy's card in numpy: of what plain training would do in a step, what it makes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from tests.core.cards.table import Array, Cards, softmax

STRATEGY_CARDS = Cards()
card = STRATEGY_CARDS.card
SEED = 7  # of torch's stream before the step: what is drawn is drawn again here
Expected = dict[str, Any]  # "loss", "gradient" -> parameter -> array, "input" -> modality -> array


@dataclass
class Lesson:
    """A step's facts in double precision. Gradients (of each loss alone, unless it is a reader's of its own) are autograd's."""

    inputs: dict[str, Array]  # modality -> (B, ...)
    here: dict[str, Array]  # modality -> (B,) bool
    target: Array  # (B,)
    z: dict[str, Array]  # modality -> (B, D)
    readers: dict[str, tuple[Array, Array]]  # modality -> W_m (C, D), b_m (C,)
    alone: dict[str, Array]  # modality -> (B, C): the model's logits when all others are absent
    losses: dict[str, float]  # the objective's terms
    gradients: dict[str, dict[str, Array]]  # loss -> parameter of the model -> its gradient
    owners: dict[str, list[str]]  # modality -> the parameters of its encoder
    parameters: dict[str, Any]

    def reader_loss(self, name: str) -> float:
        """L(W_m z_m + b_m, y), cross-entropy over the samples that have the modality."""
        weight, bias = self.readers[name]
        p = softmax(self.z[name] @ weight.T + bias)
        return float(-np.log(p[np.arange(len(p)), self.target])[self.here[name]].mean())

    def total(self) -> dict[str, Array]:
        """parameter -> the sum of all losses' gradients."""
        return {p: sum(g[p] for g in self.gradients.values()) for p in next(iter(self.gradients.values()))}

    def flat(self, loss: str, parameters: list[str]) -> Array:
        return np.concatenate([self.gradients[loss][p].ravel() for p in parameters])

    def split(self, vector: Array, parameters: list[str]) -> dict[str, Array]:
        shapes = [next(iter(self.gradients.values()))[p].shape for p in parameters]
        ends = np.cumsum([int(np.prod(shape)) for shape in shapes])[:-1]
        return {p: v.reshape(s) for p, v, s in zip(parameters, np.split(vector, ends), shapes, strict=True)}


@card("none", r"g = \nabla \mathcal{L}")
def plain(lesson: Lesson) -> Expected:
    return {"loss": sum(lesson.losses.values()), "gradient": lesson.total()}


@card(
    "modality_dropout",
    r"x_m \leftarrow (1 - \ell_m)\, x_m,\quad \ell_m \sim \mathrm{Bernoulli}(\rho),\quad "
    r"\ell_k \leftarrow 0\ \text{for one}\ k\ \text{where all would be lost}",
)
def modality_dropout(lesson: Lesson) -> Expected:
    torch.manual_seed(SEED)
    names, rows = list(lesson.inputs), len(lesson.target)
    lost, keeper = torch.rand(2, len(names), rows).numpy()
    inputs = {name: x.copy() for name, x in lesson.inputs.items()}
    for i in range(rows):
        has = [m for m, name in enumerate(names) if lesson.here[name][i]]
        gone = [m for m in has if lost[m, i] < lesson.parameters["rate"]]
        if gone == has and has:
            gone.remove(max(has, key=lambda m: keeper[m, i]))
        for m in gone:
            inputs[names[m]][i] = 0
    return {"input": inputs}


@card("auxiliary", r"\mathcal{L} = \mathcal{L}_{fused} + \lambda \sum_m \mathcal{L}(W_m z_m + b_m, y)")
def auxiliary(lesson: Lesson) -> Expected:
    return {
        "loss": sum(lesson.losses.values()) + lesson.parameters["weight"] * sum(map(lesson.reader_loss, lesson.readers))
    }


@card(
    "gradient_blending",
    r"\mathcal{L} = \sum_k w_k \mathcal{L}_k,\quad w_k = \epsilon + (1 - K \epsilon)\, v_k,\quad "
    r"v_k \propto \max(0, \Delta G_k) / \max(\eta, |\Delta O_k|)^2",
)
def gradient_blending(lesson: Lesson) -> Expected:
    (train_then, held_then), (train_now, held_now) = lesson.parameters["then"], lesson.parameters["now"]  # (K,) each
    gain, overfit = held_then - held_now, (held_now - train_now) - (held_then - train_then)
    v = np.maximum(0, gain) / np.maximum(0.01, abs(overfit)) ** 2
    w = 0.02 + (1 - 0.02 * len(v)) * v / v.sum()
    each = [*map(lesson.reader_loss, lesson.readers), sum(lesson.losses.values())]
    return {"loss": float(w @ each)}


@card(
    "ogm_ge",
    r"g_m \leftarrow k_m g_m + \epsilon,\quad \epsilon \sim \mathcal{N}(0, \mathrm{std}(g_m)^2),\quad "
    r"k_m = \begin{cases} 1 - \tanh(\alpha\, s_m / \bar{s}_{others}) & s_m > \bar{s}_{others} \\ 1 & \text{else} \end{cases}",
)
def ogm_ge(lesson: Lesson) -> Expected:
    """s_m: the mean probability of the truth, over the samples that have the modality."""
    torch.manual_seed(SEED)
    s = {}
    for name, logits in lesson.alone.items():
        if lesson.parameters["reading"] == "probe":
            weight, bias = lesson.readers[name]
            logits = lesson.z[name] @ weight.T + bias
        s[name] = softmax(logits)[np.arange(len(logits)), lesson.target][lesson.here[name]].mean()
    gradient = lesson.total()
    for name, parameters in lesson.owners.items():
        others = np.mean([s[other] for other in s if other != name])
        k = 1 - np.tanh(lesson.parameters["alpha"] * s[name] / others) if s[name] > others else 1.0
        for p in parameters:
            g = gradient[p]
            noise = np.std(g, ddof=1) * torch.randn(g.shape).numpy() if lesson.parameters["noise"] else 0.0
            gradient[p] = k * g + noise
    return {"gradient": gradient}


@card(
    "pcgrad",
    r"g_i \leftarrow g_i - \frac{g_i \cdot g_j}{\lVert g_j \rVert^2}\, g_j \quad \text{if } g_i \cdot g_j < 0,\quad "
    r"g = \sum_i g_i",
)
def pcgrad(lesson: Lesson) -> Expected:
    """On the parameters that at least two losses reach; all others keep their sum."""
    torch.manual_seed(SEED)
    reached = {p: sum(bool(g[p].any()) for g in lesson.gradients.values()) for p in lesson.total()}
    shared = [p for p, count in reached.items() if count > 1]
    given = [lesson.flat(loss, shared) for loss in lesson.gradients]
    total = np.zeros_like(given[0])
    for i, g in enumerate(given):
        for j in torch.randperm(len(given)).tolist():
            if i != j and g @ given[j] < 0:
                g = g - (g @ given[j]) / (given[j] @ given[j]) * given[j]
        total += g
    return {"gradient": lesson.total() | lesson.split(total, shared)}


@card(
    "mmpareto",
    r"g = \begin{cases} a + b & a \cdot b \ge 0 \\ 2(w a + (1 - w) b) & \text{else} \end{cases},\quad w = \arg\min \lVert g \rVert,\quad "
    r"g \leftarrow \gamma \max(1, \lVert a + b \rVert / \lVert g \rVert)\, g,\quad a = \nabla \mathcal{L}_{fused},\quad b = \nabla \mathcal{L}_m",
)
def mmpareto(lesson: Lesson) -> Expected:
    """w is looked for by halves."""
    gradient = lesson.total()
    for name, parameters in lesson.owners.items():
        a = sum(lesson.flat(loss, parameters) for loss in lesson.losses)
        b = lesson.flat(f"mmpareto/{name}", parameters)
        g = a + b
        if a @ b < 0:
            low, high = 0.0, 1.0
            for _ in range(60):  # halve where the length still falls
                best = (low + high) / 2
                slope = (best * a + (1 - best) * b) @ (a - b)
                low, high = (best, high) if slope < 0 else (low, best)
            g = 2 * (best * a + (1 - best) * b)
        length = max(1.0, np.linalg.norm(a + b) / np.linalg.norm(g))
        gradient |= lesson.split(lesson.parameters["gamma"] * length * g, parameters)
    return {"gradient": gradient}
