"""The cards of the fusions whose tokens attend to each other, h (B, D), sample by sample and over the unmasked tokens."""

from __future__ import annotations

import numpy as np

from tests.core.cards.model import Model, gelu, mean, sigmoid
from tests.core.cards.table import Array, Cards, softmax

ATTENDING = Cards()
card = ATTENDING.card


@card(
    "cross_attention",
    r"h = \mathrm{GELU}\big(W\,[c_1; \dots; c_M] + b\big),\quad c_m = z_m + V_m\,[s_1; \dots; s_H],\quad "
    r"s = \mathrm{mean}\,\mathrm{softmax}\!\Big(\tfrac{(Q_m t_m + q_m) (K_m t_o)^\top}{\sqrt{d}}\Big)\, t_o",
)
def cross_attention(model: Model) -> dict[str, Array]:
    heads, rows = model.parameters["heads"], []
    for i in range(len(model)):
        c = []
        for m in model.names:
            queries = model.said(m, i)
            keys = np.concatenate([model.said(o, i) for o in model.names if o != m])
            q, k = model.linear(f"query.{m}", queries), model.linear(f"key.{m}", keys)
            s = np.zeros((heads, model.width))
            if len(queries) and len(keys):
                for h, cut in enumerate(np.split(np.arange(q.shape[1]), heads)):
                    s[h] = (softmax(q[:, cut] @ k[:, cut].T / np.sqrt(len(cut))) @ keys).mean(0)
            c.append(model.shown(m)[i] + model.linear(f"value.{m}", s.ravel()))
        rows.append(np.concatenate(c))
    return {"h": gelu(model.linear("mix", np.array(rows)))}


@card(
    "nonlocal_gate",
    r"h = \mathrm{GELU}\big(W [z_m + s_m \odot y_m]_m + b\big),\quad s_m = \sigma(V_m [z_m; y_m] + c_m),\quad "
    r"y_m = W_y\,\mathrm{mean}\,A\, g(t),\quad A = \mathrm{softmax}\big(\theta(t_m) \phi(t)^\top\big)"
    r"\ \text{or}\ \tfrac{1}{S}\, \theta(t_m) \phi(t)^\top",
)
def nonlocal_gate(model: Model) -> dict[str, Array]:
    rows = []
    for i in range(len(model)):
        t = np.concatenate([model.said(m, i) for m in model.names])
        u = []
        for m in model.names:
            z, y = model.shown(m)[i], np.zeros(model.width)
            if len(model.said(m, i)):
                scores = model.linear("theta", model.said(m, i)) @ model.linear("phi", t).T
                a = softmax(scores) if model.parameters["affinity"] == "softmax" else scores / len(t)
                y = model.linear("back", (a @ model.linear("g", t)).mean(0))
            u.append(z + sigmoid(model.linear(f"gates.{m}", np.concatenate([z, y]))) * y)
        rows.append(np.concatenate(u))
    return {"h": gelu(model.linear("mix", np.array(rows)))}


@card(
    "bottleneck",
    r"[c_m; f_m] = \mathrm{Block}_{m,l}([c_m; f; t_m]),\quad f = \tfrac{1}{M} \sum_m f_m,\quad "
    r"h = W\, n\big(\tfrac{1}{M} \sum_m c_m\big) + b",
)
def bottleneck(model: Model) -> dict[str, Array]:
    rows = []
    for i in range(len(model)):
        f, here = model.weights["shared"], model.present(i)
        c = {m: model.linear(f"enter.{m}", model.z[m][i])[None] for m in here}
        t = {m: model.linear(f"enter.{m}", model.said(m, i)) for m in here}
        for layer in range(model.parameters["layers"]):
            carried = {}
            for m in here:
                attended = model.block(f"levels.{layer}.{m}", np.concatenate([c[m], f, t[m]]), 1 + len(f))
                c[m], carried[m] = attended[:1], attended[1:]
            f = mean(list(carried.values()), f)
        summary = mean([c[m][0] for m in here], f[0])
        rows.append(model.linear("leave.1", model.norm("leave.0", summary)))
    return {"h": np.array(rows)}


@card(
    "perceiver",
    r"q \leftarrow \mathrm{Block}_l([q;\, t_1;\, \dots;\, t_M])_q,\quad t_m = [z_m;\, \mathrm{tokens}_m] + e_m,\quad "
    r"h = n\big(\tfrac{1}{K} \sum_k q_k\big)",
)
def perceiver(model: Model) -> dict[str, Array]:
    rows = []
    for i in range(len(model)):
        t = [
            np.concatenate([model.z[m][i][None], model.said(m, i)]) + model.weights[f"kinds.{m}"]
            for m in model.present(i)
        ]
        q = model.weights["queries"]
        for layer in range(model.parameters["layers"]):
            q = model.block(f"blocks.{layer}", np.concatenate([q, *t]), len(q))
        rows.append(model.norm("norm", q.mean(0)))
    return {"h": np.array(rows)}
