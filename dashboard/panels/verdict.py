"""A comparison's verdict in words: which methods are better, what is undecided, and to what it generalises. The numbers come from the table."""

from __future__ import annotations

from core.compare.types import ComparisonTable, Pair
from dashboard.panels.comparison_words import title
from dashboard.texts import Markdown, plain, t

DOUBTS = {"few_seeds": "few", "equal": "equal", "constant": "constant"}  # reason -> its own sentence, where all have it


def verdict(found: ComparisonTable) -> Markdown:
    """What the runs allow to be said, in a sentence or two."""
    judged = found["verdict"]
    if len(judged["methods"]) < 2:
        return t("verdict.too_early")
    beaten = [pair for pair in judged["rivals"] if pair["verdict"] == "better"]
    doubtful = [pair for pair in judged["rivals"] if pair["verdict"] == "cannot tell"]
    leader = _named(judged["leader"] or "")
    return Markdown(" ").join([*_claims(leader, beaten), *_doubts(leader, doubtful)])


def population(found: ComparisonTable) -> Markdown:
    """Of which first weights, samples and data intervals and verdict speak."""
    of = found["population"]
    over = of["over"]
    kind = "samples" if "seeds" not in over else "mixed" if len(over) > 1 else "seeds"
    return t(f"population.{kind}.new_data" if of["new_data"] else f"population.{kind}")


def _claims(leader: Markdown, beaten: list[Pair]) -> list[Markdown]:
    if not beaten:
        return []
    each = _listed([t("verdict.by", name=title(pair["b"]), span=_span(pair)) for pair in beaten])
    p = max(p for pair in beaten if (p := pair["p_holm"]) is not None)
    shown = Markdown("p < .001") if p < 0.001 else f"p = {p:.3f}"
    return [t("verdict.beats", leader=leader, each=each, drawn=_drawn(beaten), p=shown)]


def _doubts(leader: Markdown, doubtful: list[Pair]) -> list[Markdown]:
    if not doubtful:
        return []
    names, drawn = _listed([_named(pair["b"]) for pair in doubtful]), _drawn(doubtful)
    reasons = {pair["reason"] for pair in doubtful}
    kind = DOUBTS.get(reasons.pop() or "", "cannot_tell") if len(reasons) == 1 else "cannot_tell"
    sentences = [t(f"verdict.{kind}", leader=leader, names=names, drawn=drawn)]
    detectable = [pair["detectable"] for pair in doubtful if pair["detectable"]]
    if kind == "cannot_tell" and detectable:
        sentences.append(t("verdict.detectable", points=_points(max(detectable))))
    return sentences


def _drawn(pairs: list[Pair]) -> Markdown:
    """What luck was drawn over: so many seeds, and samples where all pairs have as many."""
    samples = {pair["samples"] for pair in pairs}
    seeds = min(pair["n"] for pair in pairs)
    if len(samples) == 1 and (count := samples.pop()):
        return t("verdict.drawn.samples", seeds=seeds, samples=count)
    return t("verdict.drawn.seeds", seeds=seeds)


def _named(name: str) -> Markdown:
    """A method's title in quotes: it may be two words, or hold a comma."""
    return t("verdict.name", name=title(name))


def _span(pair: Pair) -> str:
    ends = [pair["difference"] if end is None else end for end in (pair["low"], pair["high"])]
    first, last = map(_points, sorted(abs(end) for end in ends if end is not None))
    return first if first == last else t("verdict.span", low=first, high=last)


def _points(share: float) -> str:
    value = 100 * share
    return f"{value:.0f}" if value >= 10 else f"{value:.1f}" if value >= 1 else f"{value:.2g}"


def _listed(names: list[Markdown]) -> Markdown:
    return plain(names[0]) if len(names) == 1 else t("list.comma").join(names[:-1]) + t("list.and") + plain(names[-1])
