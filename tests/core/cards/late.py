"""The cards of the fusions of decisions: p, sample by sample and over the modalities that it has."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tests.core.cards.model import Model, log_softmax
from tests.core.cards.table import Array, Cards, softmax

LATE = Cards()
card = LATE.card
Opinions = list[tuple[str, Array]]  # modality and its logits l_m (C,), of one sample


def each(model: Model, decide: Callable[[Opinions, int], Array]) -> Array:
    """(B, C) of what `decide` makes of each sample's opinions."""
    logits = {m: model.logits(m) for m in model.names}
    return np.array([decide([(m, logits[m][i]) for m in model.present(i)], i) for i in range(len(model))])


def share(x: Array) -> Array:
    return x / x.sum()


@card("only", r"p = \mathrm{softmax}(W_m z_m + b_m)")
def only(model: Model) -> dict[str, Array]:
    return {"p": softmax(model.linear(f"heads.{model.names[0]}", model.shown(model.names[0])))}


@card("late_average", r"p = \tfrac{1}{M} \sum_m \mathrm{softmax}(s\,l_m),\quad l_m = W_m z_m + b_m")
def late_average(model: Model) -> dict[str, Array]:
    return {
        "p": each(
            model, lambda votes, i: np.mean([softmax(model.parameters["sharpness"] * logits) for _, logits in votes], 0)
        )
    }


@card(
    "late_weighted",
    r"p = \sum_m w_m p_m,\quad p_m = \mathrm{softmax}(l_m),\quad "
    r"w = \mathrm{softmax}(a)\ \text{or}\ w_m \propto 1 - H(p_m) / \log C",
)
def late_weighted(model: Model) -> dict[str, Array]:
    def decide(votes: Opinions, i: int) -> Array:
        p = np.array([softmax(logits) for _, logits in votes])
        if model.parameters["weights"] == "learned":
            w = np.exp([model.weights["scores"][model.names.index(m)] for m, _ in votes])
        else:
            w = 1 + (p * np.log(p)).sum(1) / np.log(p.shape[1])
        return share(w) @ p

    return {"p": each(model, decide)}


@card("late_calibrated", r"p = \tfrac{1}{M} \sum_m \mathrm{softmax}(\log p_m / T_m)")
def late_calibrated(model: Model) -> dict[str, Array]:
    heat = dict(zip(model.names, np.exp(model.weights["log_temperature"]), strict=True))
    all_opinions = {m: opinions(model, m) for m in model.names}
    rows = [
        np.mean([softmax(log_softmax(all_opinions[m][i]) / heat[m]) for m in model.present(i)], 0)
        for i in range(len(model))
    ]
    return {"p": np.array(rows)}


def opinions(model: Model, name: str) -> Array:
    """Logits of who has not learnt from a sample: of its fold's expert in training, of the full one else."""
    if not model.folds:
        return model.logits(name)
    golden = (1 + 5**0.5) / 2
    fold = [int(len(model.folds) * (i / golden % 1)) for i in model.index]
    votes = [model.linear(f"folds.{k}.heads.{name}", z[name]) for k, z in enumerate(model.folds)]
    return np.array([votes[k][row] for row, k in enumerate(fold)])


@card(
    "late_vote",
    r"p_c \propto n_c + \epsilon\, t_c,\quad n_c = \sum_m w_m [\,v_m = c\,],\quad "
    r"v_m = \arg\max l_m,\quad w_m = 1\ \text{or}\ \max \mathrm{softmax}(l_m)",
)
def late_vote(model: Model) -> dict[str, Array]:
    count = len(model.names)

    def decide(votes: Opinions, i: int) -> Array:
        n, t = np.zeros(len(votes[0][1])), np.zeros(len(votes[0][1]))
        for m, logits in votes:
            n[logits.argmax()] += 1 if model.parameters["votes"] == "equal" else softmax(logits).max()
            if model.parameters["ties"] == "first":
                t[logits.argmax()] += 2 ** (count - 1 - model.names.index(m)) / (2**count - 1)
            else:
                t += softmax(logits) / count
        return np.maximum(share(n + 0.01 * t), 1e-6)

    return {"p": each(model, lambda votes, i: share(decide(votes, i)))}


@card("late_max", r"p(c) \propto \max_m p_m(c),\quad p_m = \mathrm{softmax}(l_m)")
def late_max(model: Model) -> dict[str, Array]:
    return {"p": each(model, lambda votes, i: share(np.max([softmax(logits) for _, logits in votes], 0)))}


@card(
    "late_product",
    r"\log p = \sum_m \log q_m - (M - 1) \log \mathrm{prior} + \mathrm{const},\quad "
    r"q_m = (1 - f)\,\mathrm{softmax}(l_m) + f\,\mathrm{prior}",
)
def late_product(model: Model) -> dict[str, Array]:
    f = model.parameters["floor"]

    def decide(votes: Opinions, i: int) -> Array:
        q = [(1 - f) * softmax(logits) + f * model.prior for _, logits in votes]
        return share(np.prod(q, 0) / model.prior ** (len(votes) - 1))

    return {"p": each(model, decide)}


@card(
    "late_evidential",
    r"1 + \tfrac{e}{C} = \prod_m \Big(1 + \tfrac{e_m}{C}\Big),\quad e_m = \exp(l_m),\quad p = \frac{e + 1}{S},\quad "
    r"u = \frac{C}{S},\quad S = \sum_c e_c + C",
)
def late_evidential(model: Model) -> dict[str, Array]:
    def combined(votes: Opinions, i: int) -> Array:
        classes = len(votes[0][1])
        return classes * (np.prod([1 + np.exp(logits) / classes for _, logits in votes], 0) - 1)

    e = each(model, combined)
    size = e.sum(1) + e.shape[1]
    return {"p": (e + 1) / size[:, None], "u": e.shape[1] / size}


@card(
    "qmf",
    r"p = \mathrm{softmax}\Big(\sum_m w_m l_m\Big),\quad "
    r"w_m = \tfrac{1}{10} \max\Big(0,\; T \log \sum_c e^{l_{mc} / T}\Big)",
)
def qmf(model: Model) -> dict[str, Array]:
    heat = model.parameters["temperature"]

    def decide(votes: Opinions, i: int) -> Array:
        return softmax(sum(max(0.0, heat * np.log(np.exp(logits / heat).sum())) / 10 * logits for _, logits in votes))

    return {"p": each(model, decide)}


@card("late_stacking", r"p = \mathrm{softmax}\Big(\sum_m \big(A_m \log p_m^{(-k)} + b_m\big)\Big)")
def late_stacking(model: Model) -> dict[str, Array]:
    all_opinions = {m: log_softmax(opinions(model, m)) for m in model.names}
    rows = [
        softmax(
            sum(
                model.weights[f"matrices.{m}"] @ all_opinions[m][i] + model.weights[f"biases.{m}"]
                for m in model.present(i)
            )
        )
        for i in range(len(model))
    ]
    return {"p": np.array(rows)}


@card("late_joint", r"p = \mathrm{softmax}\Big(\sum_m (W_m z_m + b_m)\Big)")
def late_joint(model: Model) -> dict[str, Array]:
    return {"p": each(model, lambda votes, i: softmax(sum(logits for _, logits in votes)))}
