"""The cards of the objectives that compare embeddings: sums and means looped as they are written."""

from __future__ import annotations

import numpy as np

from tests.core.cards.case import Case, distance
from tests.core.cards.table import Array, Cards, unit

CONTRASTIVE = Cards()
card = CONTRASTIVE.card


@card(
    "infonce",
    r"\mathcal{L} = -\tfrac{1}{2B} \sum_i \operatorname{mean}_{j \in P(i)} \Big(\log \frac{e^{s_{ij}}}{\sum_k e^{s_{ik}}} "
    r"+ \log \frac{e^{s_{ij}}}{\sum_k e^{s_{kj}}}\Big),\quad s_{ij} = \cos(a_i, b_j) / \tau",
)
def infonce(case: Case) -> float:
    losses = []
    for a, b, y in case.pairs():
        e = np.exp(unit(a) @ unit(b).T * np.exp(case.parameters["scale"]))  # 1 / tau = exp of what is learned
        rows = [
            np.mean([np.log(e[i, j] / e[i].sum()) + np.log(e[i, j] / e[:, j].sum()) for j in np.flatnonzero(own == 1)])
            for i, own in enumerate(y)
        ]
        losses.append(-sum(rows) / (2 * len(a)))
    return float(np.mean(losses))


@card("siglip", r"\mathcal{L} = -\tfrac{1}{B} \sum_{ij} \log \sigma\big(y_{ij} (e^{t} \cos(a_i, b_j) + c)\big)")
def siglip(case: Case) -> float:
    t, c = case.parameters["scale"], case.parameters["bias"]
    return float(
        np.mean(
            [np.log1p(np.exp(-y * (np.exp(t) * unit(a) @ unit(b).T + c))).sum() / len(a) for a, b, y in case.pairs()]
        )
    )


def both_ways(case: Case, sign: int) -> float:
    """H over the negatives that `negatives` chooses, looked for one by one."""
    power = {"squared": 2, "plain": 1}[case.parameters.get("distance", "squared")]
    losses = []
    for a, b, y in case.pairs():
        ways = []
        for d, belong in ((distance(unit(a), unit(b)), y), (distance(unit(b), unit(a)), y.T)):
            hinges = []
            for i in range(len(d)):
                for c in chosen(d[i], i, np.flatnonzero(belong[i] == -1), case.parameters.get("negatives", "all")):
                    hinges.append(max(0.0, sign * (d[i, i] ** power - d[i, c] ** power) + case.parameters["margin"]))
            ways.append(np.mean(hinges))
        losses.append(np.mean(ways))
    return float(np.mean(losses))


def chosen(d: Array, anchor: int, among: Array, negatives: str) -> list[int]:
    """d (B,) from one anchor: the candidates of the docstring of `triplet`."""
    if negatives == "all" or not len(among):
        return list(among)
    if negatives == "random":
        return [min(among, key=lambda c: (c - anchor) % len(d))]
    beyond = [c for c in among if d[c] > d[anchor]]
    if negatives == "semi_hard":
        return [min(beyond, key=lambda c: d[c]) if beyond else max(among, key=lambda c: d[c])]
    return [min(among, key=lambda c: d[c])]


TWO_WAYS = r"\mathcal{L} = \tfrac{1}{2} \big(H(x, y) + H(y, x)\big),\quad "


@card("triplet", TWO_WAYS + r"H(x, y) = \operatorname{mean}_{a,c} \max(0,\; d(x_a, y_a)^2 - d(x_a, y_c)^2 + m)")
def triplet(case: Case) -> float:
    return both_ways(case, 1)


@card("triplet_printed", TWO_WAYS + r"H(x, y) = \operatorname{mean}_{a,c} \max(0,\; d(x_a, y_c)^2 - d(x_a, y_a)^2 + m)")
def triplet_printed(case: Case) -> float:
    return both_ways(case, -1)


def pull_and_push(d: Array, y: Array, margin: float) -> tuple[float, float]:
    return float((d[y == 1] ** 2).mean()), float((np.maximum(0, margin - d[y == -1]) ** 2).mean())


@card(
    "general",
    r"\mathcal{L} = \operatorname{mean}_{y_{ij} = 1} d_{ij}^2 "
    r"+ \lambda\, \operatorname{mean}_{y_{ij} = -1} \max(0,\; m - d_{ij})^2",
)
def general(case: Case) -> float:
    parts = [pull_and_push(distance(unit(a), unit(b)), y, case.parameters["margin"]) for a, b, y in case.pairs()]
    return float(np.mean([pull + case.parameters["lam"] * push for pull, push in parts]))


@card("general_printed", r"\mathcal{L} = \tfrac{1}{B^2} \Big(\sum_{i,j} d_{ij}^2 + \lambda \sum_{i,j} d_{ij}^2\Big)")
def general_printed(case: Case) -> float:
    sums = [((distance(unit(a), unit(b)) ** 2).sum(), len(a)) for a, b, _ in case.pairs()]
    return float(np.mean([(total + case.parameters["lam"] * total) / count**2 for total, count in sums]))


@card(
    "pair_margin",
    r"\mathcal{L} = \tfrac{1}{2} \operatorname{mean}_{y_{ij} = 1} d_{ij}^2 "
    r"+ \tfrac{1}{2} \operatorname{mean}_{y_{ij} = -1} \max(0,\; m - d_{ij})^2",
)
def pair_margin(case: Case) -> float:
    u, ids = case.points(case.pair)
    y = np.where(ids[:, None] == ids[None], 1, -1) * (1 - np.eye(len(u), dtype=int))  # a point is no pair with itself
    return sum(pull_and_push(distance(u, u), y, case.parameters["margin"])) / 2


@card(
    "supcon",
    r"\mathcal{L} = -\operatorname{mean}_i \tfrac{1}{|P(i)|} \sum_{p \in P(i)}"
    r" \log \frac{e^{u_i \cdot u_p/\tau}}{\sum_{k \ne i} e^{u_i \cdot u_k/\tau}}",
)
def supcon(case: Case) -> float:
    u, label = case.points(case.target)
    e = np.exp(u @ u.T / case.parameters["temperature"])
    rows = []
    for i in range(len(u)):
        others = [k for k in range(len(u)) if k != i]
        partners = [k for k in others if label[k] == label[i]]
        if partners:
            rows.append(-np.mean([np.log(e[i, p] / e[i, others].sum()) for p in partners]))
    return float(np.mean(rows))


@card(
    "deep_cca",
    r"\mathcal{L} = -\lVert (\Sigma_{aa} + r I)^{-1/2}\, \Sigma_{ab}\, (\Sigma_{bb} + r I)^{-1/2} \rVert_*,\quad "
    r"\operatorname{tr} \Sigma_{aa} = \operatorname{tr} \Sigma_{bb} = D",
)
def deep_cca(case: Case) -> float:
    losses = []
    for a, b, _ in case.pairs():
        n, width = a.shape
        sides = [x - x.mean(0) for x in (a, b)]
        one, two = (x * np.sqrt(width * (n - 1) / (x**2).sum()) for x in sides)
        ridge = case.parameters["ridge"] * np.eye(width)
        left, right = (inverse_root(x.T @ x / (n - 1) + ridge) for x in (one, two))
        losses.append(-np.linalg.svd(left @ (one.T @ two / (n - 1)) @ right, compute_uv=False).sum())
    return float(np.mean(losses))


def inverse_root(s: Array) -> Array:
    """S^(-1/2) of a symmetric matrix."""
    values, vectors = np.linalg.eigh(s)
    return vectors / np.sqrt(values) @ vectors.T


@card(
    "vicreg",
    r"\mathcal{L} = \operatorname{mean}_i \tfrac{s}{D} \lVert a_i - b_i \rVert^2 + V(a) + V(b),\quad "
    r"V(x) = \tfrac{m}{2D} \sum_k \max\big(0, 1 - \sqrt{\mathrm{Cov}_{kk} + \epsilon}\big) "
    r"+ \tfrac{n}{D} \sum_{k \ne l} \mathrm{Cov}_{kl}^2",
)
def vicreg(case: Case) -> float:
    s, m, n = (case.parameters[name] for name in ("invariance", "variance", "covariance"))
    losses = []
    for a, b, _ in case.pairs():
        width = a.shape[1]
        loss = s * ((a - b) ** 2).sum(1).mean() / width
        for x in (a, b):
            cov = np.cov(x.T)
            loss += m / (2 * width) * np.maximum(0, 1 - np.sqrt(np.diag(cov) + 1e-4)).sum()
            loss += n / width * (cov[~np.eye(width, dtype=bool)] ** 2).sum()
        losses.append(loss)
    return float(np.mean(losses))
