"""The cards of the fusions of embeddings, h (B, D)."""

from __future__ import annotations

import numpy as np

from tests.core.cards.model import Model, gelu, mean, normed, sigmoid
from tests.core.cards.table import Array, Cards, softmax

FEATURE = Cards()
card = FEATURE.card


def rows(model: Model, make: object) -> Array:
    """(B, ...) of what `make` makes of each sample, by its place."""
    return np.array([make(i) for i in range(len(model))])  # type: ignore[operator]


@card("concat", r"h = \mathrm{GELU}(W\,[z_1; \dots; z_M] + b)")
def concat(model: Model) -> dict[str, Array]:
    return {"h": gelu(model.linear("mix", model.joined()))}


@card("sum", r"h = \mathrm{GELU}\Big(W \sum_m z_m + b\Big)")
def sum_(model: Model) -> dict[str, Array]:
    return {"h": gelu(model.linear("mix", sum(model.shown(m) for m in model.names)))}


@card("weighted_average", r"h = \mathrm{GELU}\Big(W \sum_m w_m z_m + b\Big),\quad w = \mathrm{softmax}(a)")
def weighted_average(model: Model) -> dict[str, Array]:
    def average(i: int) -> Array:
        here = model.present(i)
        w = softmax(np.array([model.weights["scores"][model.names.index(m)] for m in here]))
        return sum(share * model.z[m][i] for share, m in zip(w, here, strict=True))

    return {"h": gelu(model.linear("mix", rows(model, average)))}


@card(
    "pooling",
    r"h = \mathrm{GELU}\big(W\,\mathrm{pool}_m z_m + b\big),\quad \mathrm{pool} \in \{\max, \mathrm{mean}\}",
)
def pooling(model: Model) -> dict[str, Array]:
    pool = {"max": np.max, "mean": np.mean}[model.parameters["pool"]]
    pooled = rows(model, lambda i: pool([model.z[m][i] for m in model.present(i)], 0))
    return {"h": gelu(model.linear("mix", pooled))}


@card("product", r"h = \prod_m (1 + z_m)")
def product(model: Model) -> dict[str, Array]:
    return {"h": rows(model, lambda i: np.prod([1 + model.z[m][i] for m in model.present(i)], 0))}


@card("film", r"u_m = (1 + G_m z_c) \odot z_m + B_m z_c,\quad h = \mathrm{GELU}(W\,[u_m]_{m \neq c} + b)")
def film(model: Model) -> dict[str, Array]:
    c = model.parameters["modality"]
    u = [
        (1 + model.linear(f"gain.{m}", model.shown(c))) * model.shown(m) + model.linear(f"shift.{m}", model.shown(c))
        for m in model.names
        if m != c
    ]
    return {"h": gelu(model.linear("mix", np.concatenate(u, 1)))}


@card(
    "gated",
    r"h = \sum_m g_m \odot \tanh(W_m z_m + b_m),\quad "
    r"g_m = \begin{cases} \mathrm{softmax}_m(V_m [z_1; z_2] + c_m) & M = 2 \\ "
    r"\sigma(V_m [z_1; \dots; z_M] + c_m) & M > 2 \end{cases}",
)
def gated(model: Model) -> dict[str, Array]:
    scores = np.split(model.linear("gate", model.joined()), len(model.names), 1)
    said = [np.tanh(model.linear(f"candidates.{m}", model.shown(m))) for m in model.names]

    def fused(i: int) -> Array:
        here = [model.names.index(m) for m in model.present(i)]
        own = np.array([scores[m][i] for m in here])
        gates = softmax(own, 0) if len(model.names) == 2 else sigmoid(own)
        return sum(gate * said[m][i] for gate, m in zip(gates, here, strict=True))

    return {"h": rows(model, fused)}


@card(
    "modality_attention",
    r"h = \mathrm{GELU}\Big(W \sum_m a_m z_m + b\Big),\quad a = \mathrm{softmax}_m\, s\,v^\top \tanh(K z_m + k)",
)
def modality_attention(model: Model) -> dict[str, Array]:
    def heard(i: int) -> Array:
        here = model.present(i)
        e = [model.linear("score.2", np.tanh(model.linear("score.0", model.z[m][i])))[0] for m in here]
        a = softmax(model.parameters["sharpness"] * np.array(e))
        return sum(share * model.z[m][i] for share, m in zip(a, here, strict=True))

    return {"h": gelu(model.linear("mix", rows(model, heard)))}


@card("tensor", r"h = \mathrm{GELU}\big(W\,(u_1 \otimes \dots \otimes u_M) + b\big),\quad u_m = [1; P_m z_m + p_m]")
def tensor(model: Model) -> dict[str, Array]:
    def products(i: int) -> Array:
        t = np.ones(1)
        for m in model.names:
            t = np.kron(t, [1.0, *(model.linear(f"small.{m}", model.z[m][i]) * model.here[m][i])])
        return t

    return {"h": gelu(model.linear("mix", rows(model, products)))}


def ranks(model: Model, layer: str, x: Array) -> Array:
    """(B, R, D)"""
    return model.linear(layer, x).reshape(len(x), model.parameters["rank"], model.width)


@card("low_rank", r"h = \sum_{r=1}^{R} \prod_m W_m^{(r)} [1; z_m] + b")
def low_rank(model: Model) -> dict[str, Array]:
    factors = [ranks(model, f"factors.{m}", model.shown(m)) for m in model.names]
    return {"h": np.prod(factors, 0).sum(1) + model.weights["bias"]}


@card(
    "bilinear",
    r"h = \sqrt{D}\, p / \lVert p \rVert,\quad p = s / \sqrt{|s| + \epsilon},\quad "
    r"s = \sum_{r=1}^{R} \prod_m U_m^{(r)} z_m",
)
def bilinear(model: Model) -> dict[str, Array]:
    u = {m: ranks(model, f"factors.{m}", model.z[m]) for m in model.names}
    s = rows(model, lambda i: np.prod([u[m][i] for m in model.present(i)], 0).sum(0))
    p = s / np.sqrt(abs(s) + 1e-6)
    return {"h": np.sqrt(p.shape[1]) * p / np.sqrt((p**2).sum(1, keepdims=True))}


@card("mutan", r"h = \sum_{r=1}^{R} \prod_m M_m^{(r)} \tanh(W_m z_m)")
def mutan(model: Model) -> dict[str, Array]:
    q = {m: ranks(model, f"factors.{m}", np.tanh(model.linear(f"small.{m}", model.z[m]))) for m in model.names}
    return {"h": rows(model, lambda i: np.prod([q[m][i] for m in model.present(i)], 0).sum(0))}


@card(
    "multiplicative",
    r"h = \mathrm{GELU}(y_M),\quad y_1 = z_1,\quad y_m = (\mathbf{A}_m z_m + V_m)\, y_{m-1} + U_m z_m + b_m",
)
def multiplicative(model: Model) -> dict[str, Array]:
    """(A z + V) is a matrix, a diagonal or a multiple of one: what it says of z is as long as that."""
    first, *others = model.names

    def last(i: int) -> Array:
        y = model.shown(first)[i]
        for m in [m for m in others if model.here[m][i]]:
            written = model.linear(f"layers.{m}.write", model.z[m][i])
            step = written.reshape(model.width, -1) @ y if model.parameters["form"] == "matrix" else written * y
            y = step + model.linear(f"layers.{m}.join", model.z[m][i])
        return y

    return {"h": gelu(rows(model, last))}


@card(
    "mixture",
    r"h = \sum_{e \in \mathrm{top}_k} g_e\,\mathrm{GELU}(W_e z + b_e),\quad g = \mathrm{softmax}(V z),\quad "
    r"z = [z_1; \dots; z_M]",
)
def mixture(model: Model) -> dict[str, Array]:
    z = model.joined()
    g = softmax(model.linear("router", z))
    said = gelu(model.linear("experts", z)).reshape(len(z), model.parameters["experts"], -1)
    chosen = np.argsort(-g, 1)[:, : model.parameters["chosen"]]
    return {"h": rows(model, lambda i: sum(g[i, e] * said[i, e] for e in chosen[i]))}


@card(
    "central",
    r"h = \mathrm{GELU}\Big(W_2 \big(a_c c_1 + \sum_m a'_m z_m\big) + b_2\Big),\quad "
    r"c_1 = \mathrm{GELU}\Big(W_1 \sum_m a_m u_m + b_1\Big),\quad u_m = \mathrm{mean}\, t_m",
)
def central(model: Model) -> dict[str, Array]:
    w, names = model.weights, model.names
    u = {m: rows(model, lambda i, m=m: mean(model.said(m, i), model.z[m][i])) for m in names}
    c = gelu(model.linear("first", sum(a * u[m] for a, m in zip(w["early"], names, strict=True))))
    ready = sum(a * model.shown(m) for a, m in zip(w["ready"], names, strict=True))
    return {"h": gelu(model.linear("second", w["stream"] * c + ready))}


@card(
    "channel_exchange",
    r"h = \sum_m \mathrm{softmax}(\alpha)_m\, x_m,\quad x_m \leftarrow \mathrm{relu}(v_m),\quad "
    r"v_{mc} = \begin{cases} \mathrm{mean}_{k \ne m}\, u_{kc} & c \equiv_M m,\ |\gamma_{mc}| < \theta \\ "
    r"u_{mc} & \text{else} \end{cases},\quad u_{mc} = \gamma_{mc}\, \mathrm{norm}(W x_m)_c + \beta_{mc},\quad "
    r"\mathcal{L} \mathrel{+}= \lambda \sum_m \sum_{c \equiv_M m} |\gamma_{mc}|",
)
def channel_exchange(model: Model) -> dict[str, Array]:
    count, gammas, betas = len(model.names), model.weights["scale"], model.weights["shift"]
    owned = [(m, c) for m in range(count) for c in range(model.width) if c % count == m]

    def fused(i: int) -> Array:
        here = [m for m, name in enumerate(model.names) if model.here[name][i]]
        x = {m: model.z[model.names[m]][i] for m in here}
        for layer, (gamma, beta) in enumerate(zip(gammas, betas, strict=True)):
            u = {m: gamma[m] * normed(model.linear(f"layers.{layer}", x[m])) + beta[m] for m in here}
            v = {m: u[m].copy() for m in here}
            for m, c in owned:
                others = [u[k][c] for k in here if k != m]
                if m in here and others and abs(gamma[m, c]) < model.parameters["threshold"]:
                    v[m][c] = np.mean(others)
            x = {m: np.maximum(0, v[m]) for m in here}
        return softmax(model.weights["share"][here]) @ np.array([x[m] for m in here])

    price = sum(abs(gamma[m, c]) for gamma in gammas for m, c in owned)
    return {"h": rows(model, fused), "penalty": np.full(len(model), model.parameters["sparsity"] * price)}
