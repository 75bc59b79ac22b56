"""A verdict in an English sentence, for the command line. Pages make theirs from the verdict's keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_SMALLEST_P = 0.001


def sentence_en(found: Mapping[str, Any], scale: float = 100, unit: str = "points") -> str:
    """E.g. "tensor beats late_average by 41 to 47 points (5 seeds, p<.001). concat and gated: cannot tell."

    scale: what the values are multiplied by (100: accuracies become points); unit: what they are then called.
    p is the largest corrected one among the claims. What cannot be told names the difference that would have shown.
    """
    parts = [_claim(found, scale, unit), _doubt(found, scale, unit)]
    parts += [f"{_listed(found['left_out'])}: no values."] if found["left_out"] else []
    return " ".join(part for part in parts if part)


def _claim(found: Mapping[str, Any], scale: float, unit: str) -> str:
    if len(found["methods"]) < 2:
        names = [f"only {name} has values" for name in found["methods"]] or ["there are no values"]
        return f"Nothing to compare: {names[0]}."
    leader = found["leader"]
    beaten = [pair for pair in found["rivals"] if pair["verdict"] == "better"]
    if not beaten:
        return ""
    each = [f"{pair['b']} by {_span(pair, scale)}" for pair in beaten]
    p = max(pair["p_holm"] for pair in beaten)
    return f"{leader} beats {_listed(each)} {unit} ({_seeds(beaten)}, {_p(p)})."


def _doubt(found: Mapping[str, Any], scale: float, unit: str) -> str:
    if len(found["methods"]) < 2:
        return ""
    leader, rivals = found["leader"], found["rivals"]
    doubtful = [pair for pair in rivals if pair["verdict"] == "cannot tell"]
    if not doubtful:
        return ""
    claimed = len(doubtful) < len(rivals)
    names = _listed([pair["b"] for pair in doubtful] if claimed else [leader, *(pair["b"] for pair in doubtful)])
    if all(pair["reason"] == "few_seeds" for pair in doubtful):
        return f"{names}: cannot tell from {_seeds(doubtful)}; two or more in common are needed."
    if claimed:
        return f"{names}: cannot tell."
    smallest = max(pair["detectable"] or 0.0 for pair in doubtful) * scale
    return f"{names}: cannot tell ({_seeds(doubtful)}; these could show a difference of {_figure(smallest)} {unit})."


def _span(pair: Mapping[str, Any], scale: float) -> str:
    low, high = sorted((abs(pair["low"]) * scale, abs(pair["high"]) * scale))
    first, last = _figure(low), _figure(high)
    return first if first == last else f"{first} to {last}"


def _figure(value: float) -> str:
    """Two digits, or all before the point."""
    if value >= 10:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 1 else f"{value:.2g}"


def _seeds(pairs: Sequence[Mapping[str, Any]]) -> str:
    counts = sorted({pair["n"] for pair in pairs})
    text = str(counts[0]) if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    return f"{text} seed" if counts == [1] else f"{text} seeds"


def _p(p: float) -> str:
    return "p<.001" if p < _SMALLEST_P else f"p={p:.3f}".replace("0.", ".", 1)


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
