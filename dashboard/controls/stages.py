"""Where the branches meet, as thumbnails: one for each stage, in the margin beside the methods that belong to it.

The choice of a method is one widget, and a widget's options cannot be grouped. So the first option of each stage begins
a new line, and carries the stage's picture and name in the margin: two branches run to the right and meet at the data,
at their features, or at their decisions. assets/style.css has the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from dashboard.texts import t

STAGES = ("single", "input", "feature", "decision")
_BRANCHES = {
    "single": "M1 5H37M1 15H12",
    "input": "M1 5C7 5 5 10 10 10M1 15C7 15 5 10 10 10H37",
    "feature": "M1 5H11C18 5 16 10 21 10M1 15H11C18 15 16 10 21 10H37",
    "decision": "M1 5H22C29 5 27 10 32 10M1 15H22C29 15 27 10 32 10H37",
}
_MEET = {"single": (37, 5), "input": (10, 10), "feature": (21, 10), "decision": (32, 10)}


def style(order: Sequence[str], key: str = "fusion", grey: Sequence[bool] = ()) -> str:
    """The style sheet of the widget `key`, whose options come in this order of stages; some are grey."""
    rules = []
    group = f'.st-key-{key} :is([role="radiogroup"], [role="toolbar"])'  # of one choice, of several
    for place in (i for i, off in enumerate(grey) if off):
        rules.append(f"{group} > button:nth-of-type({place + 1}) {{ opacity: 0.4; }}")
    for stage in dict.fromkeys(order):
        button = f"{group} > button:nth-of-type({order.index(stage) + 1})"
        rules.append(f"{button} {{ clear: left; }}")
        rules.append(f'{button}::before {{ content: ""; mask-image: url("{picture(stage)}"); }}')
        rules.append(f'{button}::after {{ content: "{t(f"stage.{stage}")}"; }}')
    return f"<style>{' '.join(rules)}</style>"


def picture(stage: str) -> str:
    """The branches as a data address; the style sheet gives them the colour of the text."""
    x, y = _MEET[stage]
    lines = f'<path d="{_BRANCHES[stage]}" fill="none" stroke="#000" stroke-width="1.6"/>'
    dot = f'<circle cx="{x - (2 if x > 36 else 0)}" cy="{y}" r="3"/>'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 38 20">{lines}{dot}</svg>'
    return f"data:image/svg+xml,{quote(svg)}"
