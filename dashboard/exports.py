"""A comparison's table as files that other people's tools read: CSV, Markdown, LaTeX, and a script that makes it again."""

from __future__ import annotations

import csv
import io
import json
from pprint import pformat
from typing import Any

from core.compare.comparison import Comparison
from dashboard.markdown import clean, plain

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet reads as a formula when a cell begins with it
LATEX = {sign: "\\" + sign for sign in "&%$#_{}"} | {
    "\\": "\\textbackslash{}",
    "~": "\\textasciitilde{}",
    "^": "\\textasciicircum{}",
}

COLUMNS = (
    "method",
    "objective",
    "mean",
    "sd",
    "low",
    "high",
    "n",
    "seconds",
    "parameters",
    "flops",
    "robustness",
    "effective",
)


def rows(table: dict[str, Any]) -> list[dict[str, Any]]:
    """A row a method, then the single modalities."""
    found = [*table["methods"], *table["references"]]
    return [{name: row["name"] if name == "method" else row.get(name) for name in COLUMNS} for row in found]


def differing(table: dict[str, Any]) -> list[str]:
    """The columns that tell rows apart (the method's name always does)."""
    found = rows(table)
    return [name for name in COLUMNS if len({json.dumps(row[name]) for row in found}) > 1]


def to_csv(table: dict[str, Any]) -> str:
    """All columns, then one a seed."""
    found = [*table["methods"], *table["references"]]
    seeds = sorted({seed for row in found for seed in row["runs"]}, key=int)
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow([*COLUMNS, *(f"seed {seed}" for seed in seeds)])
    for row, figures in zip(found, rows(table), strict=True):
        writer.writerow([_spreadsheet(value) for value in (*figures.values(), *(row["values"].get(s) for s in seeds))])
    return file.getvalue()


def to_markdown(table: dict[str, Any]) -> str:
    """A table for an issue or a report."""
    lines = [
        f"| method | {_markdown(table['measure'])} | 95 % interval | n | seconds | parameters |",
        "|---|---|---|---|---|---|",
    ]
    return "\n".join([*lines, *(f"| {' | '.join(map(_markdown, _cells(row)))} |" for row in rows(table))]) + "\n"


def to_latex(table: dict[str, Any]) -> str:
    """A table for a paper (booktabs)."""
    head = f"method & {_latex(table['measure'])} & 95\\,\\% interval & $n$ & seconds & parameters \\\\"
    body = [" & ".join(map(_latex, _cells(row))) + " \\\\" for row in rows(table)]
    lines = ["\\begin{tabular}{lrrrrr}", "\\toprule", head, "\\midrule", *body, "\\bottomrule", "\\end{tabular}"]
    return "\n".join(lines) + "\n"


def to_script(comparison: Comparison) -> str:
    """Python that trains the same runs and prints the same figures; it needs nothing but this program."""
    return f'''"""Makes a comparison again: python this_file.py, from the folder of Fusionarium."""

from core.compare.comparison import Comparison
from core.stats import interval, sentence_en, verdict
from core.train import train

comparison = Comparison.from_json({pformat(comparison.to_json(), sort_dicts=False)})
values = {{}}
for name, configs in comparison.methods().items():
    values[name] = {{c.seed: list(train(c, frames=False))[-1].values[f"test/{{comparison.measure}}"] for c in configs}}
    print(name, interval(list(values[name].values())))
print(sentence_en(verdict(values)))
'''


def _spreadsheet(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula begins with an apostrophe, which it hides."""
    text = clean(value) if isinstance(value, str) else value
    return f"'{text}" if isinstance(text, str) and text.startswith(FORMULA) else text


def _markdown(text: str) -> str:
    return plain(text).replace("|", "\\|")


def _latex(text: str) -> str:
    return "".join(LATEX.get(sign, sign) for sign in clean(text))


def _cells(row: dict[str, Any]) -> list[str]:
    def number(value: Any, form: str) -> str:
        return "–" if value is None else format(value, form)

    interval = "–" if row["low"] is None else f"{row['low']:.3f} – {row['high']:.3f}"
    spread = "" if row["sd"] is None else f" ± {row['sd']:.3f}"
    figures = [number(row["mean"], ".3f") + spread, interval, str(row["n"])]
    return [str(row["method"]), *figures, number(row["seconds"], ".1f"), number(row["parameters"], ",")]
