"""What the page of comparisons does with training, and a table's verdict and rows in words. Figures come from workers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core import catalog
from core.compare.comparison import CONTROL, REFERENCE, Comparison
from core.compare.files import read_problem, read_table
from core.errors import ConfigError, RunError
from core.runs import store
from dashboard import error_messages, permissions, training
from dashboard.exports import differing, rows
from dashboard.services import executor, runs_root
from dashboard.state.experiment import Experiment
from dashboard.state.session import current
from dashboard.texts import Markdown, catalogue, clean, failure, known, language, modality, of, t, words

Table = dict[str, Any]
Status = dict[str, Any]
OVER = ("finished", "failed")
OVERS = {"seeds": "over.seeds", "seeds and samples": "over.samples"}  # what an interval is drawn over
SHOWN = 0.005  # bits: less is written as 0.00
COSTS = ("seconds", "parameters", "flops")


def begin(comparison: Comparison) -> None:
    """Train what the comparison lacks; what cannot be is said."""
    with error_messages.trying():
        permissions.compare(comparison)


def stop(comparison: Comparison) -> None:
    """This person no longer needs it: what waits is left out, what is done stays."""
    found = zip(comparison.runs, states(comparison), strict=True)
    training.stop([run for run, status in found if status["status"] in training.LIVE])


def stop_refused(comparison: Comparison, found: list[Status]) -> RunError | None:
    """Why this person may stop none of the runs that wait or train; None where they may."""
    live = (run for run, status in zip(comparison.runs, found, strict=True) if status["status"] in training.LIVE)
    return permissions.stop_refused(live)


def states(comparison: Comparison) -> list[Status]:
    """The truth about each of its runs, in their order: one look, for all that is shown of it."""
    return [training.status_of(run) for run in comparison.runs]


def lacking(comparison: Comparison, found: list[Status]) -> set[str]:
    """The runs that a click would train."""
    return {
        run
        for run, status in zip(comparison.runs, found, strict=True)
        if status["status"] not in ("finished", *training.LIVE)
    }


def live(found: list[Status]) -> bool:
    """Whether any of the runs waits or trains."""
    return any(status["status"] in training.LIVE for status in found)


def table(comparison: Comparison, runs: list[Status]) -> tuple[Table | None, bool]:
    """The newest table, and whether runs have ended that it does not know: a worker then makes a newer one.

    A table that cannot be made is not waited for.
    """
    found = read_table(runs_root(), comparison)
    ended = sum(status["status"] in OVER for status in runs)
    old = ended > 0 and (found is None or found["done"] != ended) and not read_problem(runs_root(), comparison)
    if old:
        executor().tabulate(comparison)
    return found, old


def clock(found: Table) -> str:
    """The clock that all rows of the table were counted by; "" where they differ or none is known."""
    clocks = {row["clock"] for row in (*found["methods"], *found["references"]) if row["clock"]}
    return clocks.pop() if len(clocks) == 1 else ""


def heads(found: Table) -> dict[str, Markdown]:
    """The titles of the columns that tell rows apart; that of the seconds says by which clock."""
    names = differing(found)
    if clock(found):
        names = [name for name in names if name != "clock"]
    own = {"seconds": f"column.seconds.{clock(found)}"} if clock(found) else {}
    return {name: t(own.get(name, f"column.{name}")) for name in names}


def title(name: str) -> str:
    """A method's title, or which modality stands alone, or is shuffled; a stranger's name as it is."""
    for mark, text in ((REFERENCE, "compare.alone"), (CONTROL, "compare.permuted")):
        if name.startswith(mark):
            return t(text, modality=modality(name.removeprefix(mark), current(Experiment).dataset))
    try:
        return of(catalog.fusion(name))
    except ConfigError:
        return clean(name)


def first_runs(comparison: Comparison) -> dict[str, str]:
    """fusion -> its first seed's run, where that has begun: what the maps show."""
    found = {name: comparison.runs_of[name][0] for name in comparison.fusions}
    return {name: run for name, run in found.items() if store.find_run(runs_root(), run)}


def progress(runs: list[Status]) -> None:
    """How many runs are done, and how long the rest will take."""
    over = [status for status in runs if status["status"] in OVER]
    share = sum(1.0 if s["status"] in OVER else float(s.get("progress") or 0) for s in runs) / len(runs)
    spent = [float(status.get("seconds") or 0) for status in over]
    left = sum(spent) / len(spent) * len(runs) * (1 - share) / executor().count if spent else None
    text = t("compare.progress", done=len(over), runs=len(runs))
    st.progress(min(1.0, share), text=text if left is None else text + t("status.wait", seconds=f"{left:.0f}"))


def troubles(comparison: Comparison, found: Table) -> None:
    """Each method that failed, in a sentence; the others go on. And a table that could not be made."""
    if problem := read_problem(runs_root(), comparison):
        st.error(t("compare.problem", reason=problem), icon=":material/error:")
    for row in found["methods"]:
        if row["problem"]:
            st.error(
                t(
                    "compare.failed",
                    name=title(row["name"]),
                    seed=row["problem"]["seed"],
                    reason=failure(row["problem"]),
                )
            )


def drawn(found: Table, cost: str) -> dict[str, Any]:
    """What the dots show: rows with titles and a line of text each, the lines in words."""
    rows = {kind: [_row(row, kind == "references") for row in found[kind]] for kind in ("methods", "references")}
    lines = [{"name": known(f"baseline.{name}", name), "value": value} for name, value in found["lines"].items()]
    return {
        "table": {**rows, "done": found["done"], "runs": found["runs"]},
        "lines": lines,
        "cost": {"key": cost, "name": cost_name(cost, found)},
    }


def cost_name(cost: str, found: Table) -> Markdown:
    """A price in words; that of seconds says by which clock."""
    return t(f"cost.{cost}.{clock(found)}" if cost == "seconds" and clock(found) else f"cost.{cost}")


def raced(comparison: Comparison, shown: Mapping[str, str]) -> dict[str, Any]:
    """What the curves show: each method's title, first run and what its finished seeds have drawn."""
    found = read_table(runs_root(), comparison) or {"methods": [], "lines": {}}
    curves = {row["name"]: row["curves"] for row in found["methods"]}
    empty: dict[str, list[Any]] = {"loss": [], "score": []}
    methods = [{"title": title(n), "run": run, "curves": curves.get(n, empty)} for n, run in shown.items()]
    marks = [
        {"name": t(f"baseline.{name}"), "value": found["lines"][name]}
        for name in ("chance", "bayes")
        if name in found["lines"]
    ]
    return {"methods": methods, "metric": comparison.measure, "marks": marks}


def shown_rows(found: Table) -> list[dict[str, Any]]:
    """The table's rows with titles in words."""
    worded = {"method": title, "over": lambda over: words(OVERS[over]), "clock": lambda of: of and words(f"clock.{of}")}
    return [{name: worded.get(name, lambda same: same)(value) for name, value in row.items()} for row in rows(found)]


def whose_bits(found: Table) -> Markdown:
    """What `parts` shows, and of which samples the bits are told."""
    return t("compare.parts.test" if found.get("bits_of") == "test" else "compare.parts.clean")


def _part(name: str, bits: float, rest: float) -> str:
    """A part's name with its bits; what it holds in other ways stands beside them where it shows."""
    key = "compare.part" if rest < SHOWN else "compare.part.rest"
    return words(key, name=known(f"live.information.{name}", name), bits=f"{bits:.2f}", rest=f"{rest:.2f}")


def parts(found: Table) -> list[dict[str, Any]]:
    """A row per method: its accuracy on each part of the label, under what the data hold of it; [] where there are none."""
    bits, rest = found.get("bits", {}), found.get("bits_rest", {})
    heads = {name: _part(name, bits[name], rest.get(name, 0.0)) for name in bits}
    done = [row for row in (*found["methods"], *found["references"]) if row["n"] and bits]
    method = t("column.method")
    return [{method: title(row["name"])} | {heads[n]: row["parts"].get(n) for n in bits} for row in done]


def formats(columns: Mapping[str, str]) -> dict[str, Any]:
    """How the table's numbers are written, by the columns' titles."""
    forms = {
        "mean": "%.3f",
        "sd": "%.3f",
        "low": "%.3f",
        "high": "%.3f",
        "seconds": "%.1f",
        "parameters": "localized",
        "flops": "compact",
        "robustness": "%.3f",
        "effective": "%+.3f",
    }
    return {
        columns[name]: st.column_config.NumberColumn(format=form, help=catalogue(language()).get(f"column.{name}.help"))
        for name, form in forms.items()
        if name in columns
    }


def shares(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """How `parts` are written."""
    return {head: st.column_config.NumberColumn(format="%.3f") for head in list(rows[0])[1:]}


def _row(row: Mapping[str, Any], reference: bool) -> dict[str, Any]:
    kept = {name: row.get(name) for name in ("mean", "low", "high", "values", "problem", *COSTS)}
    name = title(row["name"])
    if row["mean"] is None:
        return {**kept, "title": name, "reference": reference, "tooltip": name}
    over = words(OVERS[row["over"]])
    spread = "" if row["low"] is None else f" ({row['low']:.3f} – {row['high']:.3f}, {over})"
    tooltip = f"{name}: {row['mean']:.3f}{spread}, n = {row['n']}"
    if row["clock"]:
        tooltip += f", {row['seconds']:.1f} s ({words('clock.' + row['clock'])})"
    return {**kept, "title": name, "reference": reference, "tooltip": tooltip}
