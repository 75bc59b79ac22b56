"""What the page of comparisons does with training, and a table's verdict and rows in words. Figures come from workers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core import catalog, store
from core.compare.comparison import CONTROL, REFERENCE, Comparison
from core.compare.desk import read_problem, read_table
from core.errors import ConfigError, RunError
from dashboard import permissions, training, trouble
from dashboard.exports import rows
from dashboard.services import executor, runs_root
from dashboard.texts import Markdown, catalogue, clean, failure, known, language, of, plain, t, words

Table = dict[str, Any]
Status = dict[str, Any]
OVER = ("finished", "failed")
COSTS = ("seconds", "parameters", "flops")


def begin(comparison: Comparison) -> None:
    """Train what the comparison lacks; what cannot be is said."""
    with trouble.trying():
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


def title(name: str) -> str:
    """A method's title, or which modality stands alone, or is dealt out anew; a stranger's name as it is."""
    for mark, text in ((REFERENCE, "compare.alone"), (CONTROL, "compare.permuted")):
        if name.startswith(mark):
            modality = known(f"modality.{name.removeprefix(mark)}", name.removeprefix(mark))
            return (t if isinstance(modality, Markdown) else words)(text, modality=modality)
    try:
        return of("fusions", catalog.fusion(name))
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
        "cost": {"key": cost, "name": t(f"cost.{cost}")},
    }


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
    return {"methods": methods, "measure": comparison.measure, "marks": marks}


def shown_rows(found: Table) -> list[dict[str, Any]]:
    """The table's rows with titles in words."""
    return [{**row, "method": title(row["method"])} for row in rows(found)]


def parts(found: Table) -> list[dict[str, Any]]:
    """A row a method: its accuracy on each part of the label, under what the data hold of it; [] where there are none."""
    bits = found.get("bits", {})
    heads = {
        name: words("compare.part", name=known(f"live.parts.{name}", name), bits=f"{bits[name]:.2f}") for name in bits
    }
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
        return {**kept, "title": name, "reference": reference, "told": name}
    spread = "" if row["low"] is None else f" ({row['low']:.3f} – {row['high']:.3f})"
    return {**kept, "title": name, "reference": reference, "told": f"{name}: {row['mean']:.3f}{spread}, n = {row['n']}"}


def verdict(found: Table) -> Markdown:
    """What the seeds allow to be said, in a sentence or two."""
    judged = found["verdict"]
    if len(judged["methods"]) < 2:
        return t("verdict.too_early")
    leader, rivals = judged["leader"], judged["rivals"]
    beaten = [pair for pair in rivals if pair["verdict"] == "better"]
    doubtful = [pair for pair in rivals if pair["verdict"] == "cannot tell"]
    said = []
    if beaten:
        each = _listed([t("verdict.by", name=title(p["b"]), span=_span(p)) for p in beaten])
        p = max(pair["p_holm"] for pair in beaten)
        shown = Markdown("p < .001") if p < 0.001 else f"p = {p:.3f}"
        said.append(t("verdict.beats", leader=title(leader), each=each, seeds=beaten[0]["n"], p=shown))
    if doubtful:
        names = _listed([title(leader), *(title(pair["b"]) for pair in doubtful)])
        seen = [pair["detectable"] for pair in doubtful if pair["detectable"] is not None]
        said.append(t("verdict.cannot_tell", names=names))
        if seen and max(seen) > 0:
            said.append(t("verdict.detectable", points=_points(max(seen))))
    return Markdown(" ").join(said)


def _span(pair: Mapping[str, Any]) -> str:
    ends = [pair["difference"] if pair[end] is None else pair[end] for end in ("low", "high")]
    first, last = map(_points, sorted(map(abs, ends)))
    return first if first == last else t("verdict.span", low=first, high=last)


def _points(share: float) -> str:
    value = 100 * share
    return f"{value:.0f}" if value >= 10 else f"{value:.1f}" if value >= 1 else f"{value:.2g}"


def _listed(names: list[str]) -> Markdown:
    return plain(names[0]) if len(names) == 1 else t("list.comma").join(names[:-1]) + t("list.and") + plain(names[-1])
