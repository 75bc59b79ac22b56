"""Which fusions: a row for each stage where the branches may meet, the common ones in sight, all of them behind a search.

One part for every page that lets people choose methods, one or several. What is chosen is the page's own state: the part
shows it and says what a click asks for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from core import catalog
from core.catalog import Entry
from dashboard import texts
from dashboard.controls.unavailable_options import refusals
from dashboard.live import control
from dashboard.texts import Markdown, clean, words

STAGES = ("single", "input", "feature", "decision")
_BRANCHES = {  # two branches run to the right and meet at the data, at their features, or at their decisions
    "single": "M1 5H37M1 15H12",
    "input": "M1 5C7 5 5 10 10 10M1 15C7 15 5 10 10 10H37",
    "feature": "M1 5H11C18 5 16 10 21 10M1 15H11C18 15 16 10 21 10H37",
    "decision": "M1 5H22C29 5 27 10 32 10M1 15H22C29 15 27 10 32 10H37",
}
_MEET = {"single": (37, 5), "input": (10, 10), "feature": (21, 10), "decision": (32, 10)}


def choose_one(key: str, label: Markdown, chosen: str, attempt: Callable[[str], Any]) -> str:
    """The fusion that is chosen now; `attempt(name)` raises ConfigError for one that these data cannot have."""
    (name,) = _choose(key, label, (chosen,), 1, attempt)
    return name


def choose_several(
    key: str, label: Markdown, chosen: Sequence[str], most: int, attempt: Callable[[str], Any]
) -> tuple[str, ...]:
    """The fusions that are chosen now, at most so many, in the order in which they came."""
    return _choose(key, label, tuple(chosen), most, attempt)


def methods(attempt: Callable[[str], Any]) -> list[dict[str, Any]]:
    """Every fusion in the order of the stages: name, title, explanation, and why it cannot be chosen ("" where it can)."""
    entries = sorted(catalog.catalog()["fusions"], key=lambda entry: STAGES.index(entry["stage"]))
    reasons = refusals([entry["name"] for entry in entries], attempt)
    return [_method(entry, reasons) for entry in entries]


def picture(stage: str) -> str:
    """The branches as a data address; the style sheet gives them the colour of the text."""
    x, y = _MEET[stage]
    lines = f'<path d="{_BRANCHES[stage]}" fill="none" stroke="#000" stroke-width="1.6"/>'
    dot = f'<circle cx="{x - (2 if x > 36 else 0)}" cy="{y}" r="3"/>'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 38 20">{lines}{dot}</svg>'
    return f"data:image/svg+xml,{quote(svg)}"


def _choose(
    key: str, label: Markdown, chosen: tuple[str, ...], most: int, attempt: Callable[[str], Any]
) -> tuple[str, ...]:
    asked = control(
        "method_picker",
        key=key,
        texts=texts.live("method_picker"),
        stages=[{"name": stage, "title": words(f"stage.{stage}"), "picture": picture(stage)} for stage in STAGES],
        methods=methods(attempt),
        chosen=list(chosen),
        most=most,
        label=clean(label),
    )
    return chosen if asked is None else _known(asked, most) or chosen


def _known(asked: object, most: int) -> tuple[str, ...]:
    """What a browser says is a stranger's text: names of ours, each once, or nothing."""
    names = set(catalog.names("fusions"))
    wanted = [name for name in asked if isinstance(name, str) and name in names] if isinstance(asked, list) else []
    return tuple(dict.fromkeys(wanted))[:most]


def _method(entry: Entry, reasons: Mapping[str, Markdown]) -> dict[str, Any]:
    title, idea = (clean(catalog.text(entry, what, texts.language())) for what in ("title", "idea"))
    facts = {name: entry[name] for name in ("name", "stage", "common")}
    return facts | {"title": title, "idea": idea, "reason": clean(reasons.get(entry["name"], ""))}
