"""A comparison's table as files for other tools: CSV, Markdown, LaTeX, and a script that makes it again."""

from __future__ import annotations

import csv
import io
import json
from pprint import pformat
from typing import Any

from core.compare.comparison import Comparison
from core.compare.types import ComparisonTable
from dashboard.markdown import clean, plain

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet reads as a formula when a cell begins with it
LATEX = {sign: "\\" + sign for sign in "&%$#_{}"} | {
    "\\": "\\textbackslash{}",
    "~": "\\textasciitilde{}",
    "^": "\\textasciicircum{}",
}

HEADS = {  # by the clock (core/compare/clock.py), the best first
    "cpu": "CPU seconds per run, as if alone",
    "shared": "CPU seconds per run, share of a joint training",
    "wall": "wall-clock seconds per run",
}
MARKS = {"shared": "(share)", "wall": "(wall clock)"}
COLUMNS = (
    "method",
    "objective",
    "mean",
    "sd",
    "low",
    "high",
    "over",
    "n",
    "seconds",
    "clock",
    "parameters",
    "flops",
    "robustness",
    "effective",
)


def rows(table: ComparisonTable) -> list[dict[str, Any]]:
    """A row per method, then the single modalities."""
    found = [*table["methods"], *table["references"]]
    return [{name: row["name"] if name == "method" else row.get(name) for name in COLUMNS} for row in found]


def differing(table: ComparisonTable) -> list[str]:
    """The columns that tell rows apart (the method's name always does)."""
    found = rows(table)
    return [name for name in COLUMNS if len({json.dumps(row[name]) for row in found}) > 1]


def to_csv(table: ComparisonTable) -> str:
    """All columns, then one a seed, then of whom the intervals speak."""
    found = [*table["methods"], *table["references"]]
    seeds = sorted({seed for row in found for seed in row["runs"]}, key=int)
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow([*COLUMNS, *(f"seed {seed}" for seed in seeds), "population"])
    speaks_of = table["population"]["text"]
    for row, figures in zip(found, rows(table), strict=True):
        writer.writerow(
            [_spreadsheet(value) for value in (*figures.values(), *(row["values"].get(s) for s in seeds), speaks_of)]
        )
    return file.getvalue()


def to_markdown(table: ComparisonTable) -> str:
    """A table for an issue or a report, and of whom it speaks."""
    lines = [
        f"| method | {_markdown(table['measure'])} | 95 % interval | n | {_seconds(table)} | parameters |",
        "|---|---|---|---|---|---|",
    ]
    body = [f"| {' | '.join(map(_markdown, _cells(row, _mark(table, row))))} |" for row in rows(table)]
    return "\n".join([*lines, *body, "", *(_markdown(remark) for remark in _remarks(table))]) + "\n"


def to_latex(table: ComparisonTable) -> str:
    """A table for a paper (booktabs), and of whom it speaks."""
    head = f"method & {_latex(table['measure'])} & 95\\,\\% interval & $n$ & {_seconds(table)} & parameters \\\\"
    body = [" & ".join(map(_latex, _cells(row, _mark(table, row)))) + " \\\\" for row in rows(table)]
    lines = ["\\begin{tabular}{lrrrrr}", "\\toprule", head, "\\midrule", *body, "\\bottomrule", "\\end{tabular}"]
    notes = [f"\\par{{\\footnotesize {_latex(remark)}}}" for remark in _remarks(table)]
    return "\n".join([*lines, *notes]) + "\n"


def _clocks(table: ComparisonTable) -> list[str]:
    clocks = {row["clock"] for row in rows(table)}
    return [clock for clock in HEADS if clock in clocks]


def _seconds(table: ComparisonTable) -> str:
    """The head of the column of seconds: by which clock."""
    clocks = _clocks(table)
    return HEADS[clocks[0]] if clocks else "seconds per run"


def _mark(table: ComparisonTable, row: dict[str, Any]) -> str:
    """Behind seconds that another clock has counted than the head says."""
    return f" {MARKS[row['clock']]}" if row["clock"] in _clocks(table)[1:] else ""


def _remarks(table: ComparisonTable) -> list[str]:
    """Of whom intervals and verdict speak; what the marks of the column of seconds mean, where it has some."""
    marks = [f"Marked {MARKS[clock]}: {HEADS[clock]}." for clock in _clocks(table)[1:]]
    return [table["population"]["text"], *marks]


def to_script(comparison: Comparison) -> str:
    """Python that trains the same runs and prints the same figures; it needs nothing but this program."""
    return f'''"""Makes a comparison again: python this_file.py, from the folder of Fusionarium."""

from core.compare.comparison import Comparison
from core.compare.types import ComparisonTable
from core.compare.judge import judged, population
from core.runs.prediction_file import scores_in
from core.stats import sentence_en
from core.train import train

comparison = Comparison.from_json({pformat(comparison.to_json(), sort_dicts=False)})
metric = comparison.metric
values, kept = {{}}, {{}}
for name, configs in comparison.methods().items():
    last = {{config.seed: list(train(config, frames=False))[-1] for config in configs}}
    values[name] = {{seed: step.values[f"test/{{metric}}"] for seed, step in last.items()}}
    kept[name] = {{s: step.predictions and scores_in(step.predictions, metric, values[name][s]) for s, step in last.items()}}
found = judged(values, kept, metric)
for name, row in found["methods"].items():
    print(name, row)
print(sentence_en(found))
print(population(found, comparison.new_data)["text"])
'''


def _spreadsheet(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula begins with an apostrophe, which it hides."""
    text = clean(value) if isinstance(value, str) else value
    return f"'{text}" if isinstance(text, str) and text.startswith(FORMULA) else text


def _markdown(text: str) -> str:
    return plain(text).replace("|", "\\|")


def _latex(text: str) -> str:
    return "".join(LATEX.get(sign, sign) for sign in clean(text))


def _cells(row: dict[str, Any], mark: str) -> list[str]:
    def number(value: Any, form: str) -> str:
        return "–" if value is None else format(value, form)

    interval = "–" if row["low"] is None else f"{row['low']:.3f} – {row['high']:.3f}"
    spread = "" if row["sd"] is None else f" ± {row['sd']:.3f}"
    figures = [number(row["mean"], ".3f") + spread, interval, str(row["n"])]
    return [str(row["method"]), *figures, number(row["seconds"], ".1f") + mark, number(row["parameters"], ",")]
