"""The cards of the fusions of raw inputs."""

from __future__ import annotations

import numpy as np

from tests.core.cards.model import Model, gelu
from tests.core.cards.table import Array, Cards

EARLY = Cards()
card = EARLY.card


def shares(model: Model) -> Array:
    """W [x_1; ...; x_M]: an absent modality adds nothing."""
    return sum(model.linear(f"shares.{m}", model.raw[m]) * model.here[m][:, None] for m in model.names)


@card("input_linear", r"y = W\,[x_1; \dots; x_M] + b")
def input_linear(model: Model) -> dict[str, Array]:
    return {"y": shares(model) + model.weights["bias"]}


@card(
    "input_mlp",
    r"g_1 = \mathrm{GELU}(W\,[x_1; \dots; x_M] + b),\quad g_{l+1} = \mathrm{GELU}(V_l g_l + c_l),\quad y = U g_L + d",
)
def input_mlp(model: Model) -> dict[str, Array]:
    g = gelu(shares(model) + model.weights["bias"])
    for layer in range(model.parameters["layers"] - 1):
        g = gelu(model.linear(f"layers.{layer}", g))
    return {"h": g, "y": model.linear("head", g)}


@card(
    "early_transformer",
    r"h = n\big(\mathrm{Block}_{1 \dots L}([r; t_1; \dots; t_M])_r\big),\quad "
    r"t_m = W_m p_m + e_m + s,\quad y = U h + d",
)
def early_transformer(model: Model) -> dict[str, Array]:
    rows = []
    for i in range(len(model)):
        x = [model.weights["reader"][None]]
        for m in model.present(i):
            t = model.pieces[m][i] @ model.weights[f"pieces.{m}.read.weight"].T
            t = t + model.weights[f"kinds.{m}"] + places(*t.shape)
            x.append(model.spoken(m, i, t))
        read = np.concatenate(x)
        for layer in range(model.parameters["layers"]):
            read = model.block(f"blocks.{layer}", read)
        rows.append(model.norm("norm", read[0]))
    return {"h": np.array(rows), "y": model.linear("head", np.array(rows))}


def places(count: int, width: int) -> Array:
    """sin and cos of t / 10000^(2k / D), in turn."""
    s = np.zeros((count, width))
    for t in range(count):
        for k in range(width):
            angle = t / 10000 ** (2 * (k // 2) / width)
            s[t, k] = np.cos(angle) if k % 2 else np.sin(angle)
    return s
