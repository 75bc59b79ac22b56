"""A verdict in an English sentence, for the command line. Pages make theirs from the verdict's keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.stats.paired import SAMPLES

_SMALLEST_P = 0.001
CONSTANT = "no value varies over the seeds and the runs kept no predictions, so luck cannot be judged. Delete these runs and train them again."


def sentence_en(found: Mapping[str, Any], scale: float = 100, unit: str = "points") -> str:
    """E.g. "tensor beats late_average by 41 to 47 points (5 seeds, p<.001). tensor against concat and gated: cannot tell (...)."

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
    doubtful = [pair for pair in found["rivals"] if pair["verdict"] == "cannot tell"]
    if not doubtful:
        return ""
    names = f"{found['leader']} against {_listed([pair['b'] for pair in doubtful])}: cannot tell"
    if all(pair["reason"] == "few_seeds" for pair in doubtful):
        return f"{names} from {_seeds(doubtful)}; two or more in common are needed."
    if all(pair["reason"] == "constant" for pair in doubtful):
        return f"{names}: {CONSTANT}"
    if all(pair["reason"] == "equal" for pair in doubtful):
        return f"{names} ({_seeds(doubtful)}; they do not differ at all)."
    shown = [pair["detectable"] for pair in doubtful if pair["detectable"]]
    could = f"; these could show a difference of {_figure(max(shown) * scale)} {unit}" if shown else ""
    return f"{names} ({_seeds(doubtful)}{could})."


def population_en(over: Sequence[str], new_data: bool = False) -> str:
    """What the intervals and verdicts speak of, in a sentence; over: that of each method or pair ("seeds and samples", "seeds").

    new_data: every seed drew training data of its own.
    """
    drawn = ["new first weights"] + (["new training data"] if new_data else [])
    limit = "" if new_data else "; not of new training data"
    if over and all(one != SAMPLES for one in over):
        return (
            f"Intervals and verdict speak of {' and '.join(drawn)} on these very test samples{limit}. These runs kept no "
            "predictions: delete them and train them again to speak of new test samples too."
        )
    scope = f"Intervals and verdict speak of {_listed([*drawn, 'new test samples of this kind'])}{limit}."
    if all(one == SAMPLES for one in over):
        return scope
    return f"{scope} Some runs kept no predictions, and theirs speak of these very test samples: delete them and train them again."


def _span(pair: Mapping[str, Any], scale: float) -> str:
    ends = [pair[end] for end in ("low", "high")]
    ends = [pair["difference"]] * 2 if None in ends else ends
    low, high = sorted(abs(end) * scale for end in ends)
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
    samples = {pair["samples"] for pair in pairs}
    of = f", {samples.pop()} test samples" if len(samples) == 1 and 0 not in samples else ""
    return f"{text} seed{of}" if counts == [1] else f"{text} seeds{of}"


def _p(p: float) -> str:
    return "p<.001" if p < _SMALLEST_P else f"p={p:.3f}".replace("0.", ".", 1)


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
