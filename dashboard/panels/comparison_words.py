"""A comparison's table in words: titles of methods, columns and costs, rows as they are shown and drawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core import catalog
from core.compare.comparison import CONTROL, REFERENCE, Comparison
from core.compare.types import ComparisonTable, MethodCurves
from core.errors import ConfigError
from dashboard.services.comparisons import clock, table_of
from dashboard.services.exports import differing, rows
from dashboard.state.experiment import Experiment
from dashboard.state.session import current
from dashboard.texts import Markdown, clean, known, modality, of, t, words

OVERS = {"seeds": "over.seeds", "seeds and samples": "over.samples"}  # what an interval is drawn over
SHOWN = 0.005  # bits: less is written as 0.00
COSTS = ("seconds", "parameters", "flops")
DRAWN = ("mean", "low", "high", "values", "problem", *COSTS)


def title(name: str) -> str:
    """A method's title, or which modality stands alone, or is shuffled; a stranger's name as it is."""
    for mark, text in ((REFERENCE, "compare.alone"), (CONTROL, "compare.permuted")):
        if name.startswith(mark):
            return t(text, modality=modality(name.removeprefix(mark), current(Experiment).dataset))
    try:
        return of(catalog.fusion(name))
    except ConfigError:
        return clean(name)


def heads(table: ComparisonTable) -> dict[str, Markdown]:
    """The titles of the columns that tell rows apart; that of the seconds says by which clock."""
    names = differing(table)
    if clock(table):
        names = [name for name in names if name != "clock"]
    own = {"seconds": f"column.seconds.{clock(table)}"} if clock(table) else {}
    return {name: t(own.get(name, f"column.{name}")) for name in names}


def shown_rows(table: ComparisonTable) -> list[dict[str, Any]]:
    """The table's rows with titles in words."""
    return [{name: _worded(name, value) for name, value in row.items()} for row in rows(table)]


def cost_name(cost: str, table: ComparisonTable) -> Markdown:
    """A cost in words; that of seconds says by which clock."""
    return t(f"cost.{cost}.{clock(table)}" if cost == "seconds" and clock(table) else f"cost.{cost}")


def dots(table: ComparisonTable, cost: str) -> dict[str, Any]:
    """What the dots show: rows with titles and a line of text each, the lines in words."""
    drawn = {kind: [_dot(row, kind == "references") for row in table[kind]] for kind in ("methods", "references")}
    lines = [{"name": known(f"baseline.{name}", name), "value": value} for name, value in table["lines"].items()]
    return {
        "table": {**drawn, "done": table["done"], "runs": table["runs"]},
        "lines": lines,
        "cost": {"key": cost, "name": cost_name(cost, table)},
    }


def curves(comparison: Comparison, shown: Mapping[str, str]) -> dict[str, Any]:
    """What the curves show: each method's title, first run and what its finished seeds have drawn."""
    table = table_of(comparison)
    drawn = {row["name"]: row["curves"] for row in table["methods"]} if table else {}
    lines = table["lines"] if table else {}
    empty = MethodCurves(loss=[], score=[])
    methods = [{"title": title(n), "run": run, "curves": drawn.get(n, empty)} for n, run in shown.items()]
    marks = [{"name": t(f"baseline.{name}"), "value": lines[name]} for name in ("chance", "bayes") if name in lines]
    return {"methods": methods, "metric": comparison.metric, "marks": marks}


def whose_bits(table: ComparisonTable) -> Markdown:
    """What `parts` shows, and of which samples the bits are measured."""
    return t("compare.parts.test" if table.get("bits_of") == "test" else "compare.parts.clean")


def parts(table: ComparisonTable) -> list[dict[str, Any]]:
    """A row per method: its accuracy on each part of the label, under what the data hold of it; [] where there are none."""
    bits, rest = table.get("bits", {}), table.get("bits_rest", {})
    names = {name: _part(name, bits[name], rest.get(name, 0.0)) for name in bits}
    done = [row for row in (*table["methods"], *table["references"]) if row["n"] and bits]
    method = t("column.method")
    return [{method: title(row["name"])} | {names[n]: row["parts"].get(n) for n in bits} for row in done]


def _worded(column: str, value: Any) -> Any:
    """A cell's value; in words where it is a name."""
    match column:
        case "method":
            return title(value)
        case "over":
            return words(OVERS[value])
        case "clock" if value:
            return words(f"clock.{value}")
    return value


def _part(name: str, bits: float, rest: float) -> str:
    """A part's name with its bits; what it holds in other ways stands beside them where it shows."""
    key = "compare.part" if rest < SHOWN else "compare.part.rest"
    return words(key, name=known(f"live.information.{name}", name), bits=f"{bits:.2f}", rest=f"{rest:.2f}")


def _dot(row: Mapping[str, Any], reference: bool) -> dict[str, Any]:
    name = title(row["name"])
    drawn = {column: row.get(column) for column in DRAWN} | {"title": name, "reference": reference, "tooltip": name}
    if row["mean"] is None:
        return drawn
    over = words(OVERS[row["over"]])
    spread = "" if row["low"] is None else f" ({row['low']:.3f} – {row['high']:.3f}, {over})"
    tooltip = f"{name}: {row['mean']:.3f}{spread}, n = {row['n']}"
    if row["clock"]:
        tooltip += f", {row['seconds']:.1f} s ({words('clock.' + row['clock'])})"
    return {**drawn, "tooltip": tooltip}
