"""A comparison's files: what they hold is the table, and the script makes the same comparison."""

from __future__ import annotations

import ast
import csv
import io
import re

from core.compare.comparison import Comparison
from dashboard.services import exports

ROW = {"objective": "classification", "n": 2, "sd": 0.01, "low": 0.8, "high": 0.9, "seconds": 1.5, "parameters": 1200,
       "over": "seeds and samples", "clock": "cpu"}  # fmt: skip
SPEAKS_OF = (
    "Intervals and verdict speak of new first weights and new test samples of this kind; not of new training data."
)
TABLE = {
    "measure": "accuracy",
    "methods": [
        {**ROW, "name": "concat", "mean": 0.85, "values": {"0": 0.84, "1": 0.86}, "runs": {"0": "a", "1": "b"}},
        {**ROW, "name": "late_average", "mean": None, "sd": None, "low": None, "high": None, "n": 0, "values": {},
         "runs": {"0": "c", "1": "d"}, "seconds": None, "clock": None},
    ],
    "references": [],
    "population": {"over": ["seeds and samples"], "new_data": False, "text": SPEAKS_OF},
}  # fmt: skip


def test_csv_has_every_figure_and_every_seed() -> None:
    head, first, second = csv.reader(io.StringIO(exports.to_csv(TABLE)))
    assert dict(zip(head, first, strict=True)) | {"seed 0": "0.84", "seed 1": "0.86", "mean": "0.85"} == dict(
        zip(head, first, strict=True)
    )
    assert second[head.index("mean")] == second[head.index("seed 0")] == ""


def test_tables_for_people_have_a_line_a_method() -> None:
    markdown, latex = exports.to_markdown(TABLE), exports.to_latex(TABLE)
    assert markdown.count("\n") == 6 and "| concat | 0.850 ± 0.010 | 0.800 – 0.900 | 2 | 1.5 | 1,200 |" in markdown
    assert latex.count("\\\\") == 3 and "late\\_average" in latex


def test_every_file_says_of_whom_it_speaks_and_by_which_clock() -> None:
    head, first, _ = csv.reader(io.StringIO(exports.to_csv(TABLE)))
    exported = dict(zip(head, first, strict=True))
    assert (exported["population"], exported["clock"], exported["over"]) == (SPEAKS_OF, "cpu", "seeds and samples")
    for text in (exports.to_markdown(TABLE), exports.to_latex(TABLE)):
        assert SPEAKS_OF in text and "CPU seconds per run, as if alone" in text
    assert "population(found" in exports.to_script(Comparison.make("interactions", ["concat", "tensor"]))


def test_seconds_of_another_clock_are_marked() -> None:
    other = {**TABLE["methods"][0], "name": "tensor", "clock": "shared"}
    text = exports.to_markdown({**TABLE, "methods": [TABLE["methods"][0], other]})
    assert "| 1.5 |" in text and "| 1.5 (share) |" in text and "Marked (share): CPU seconds per run, share of" in text


EVIL = "=1+1 | ![x](http://spy.example/x.png) \\\\ & % $ # _ ^"


def test_a_strangers_name_is_no_formula_no_picture_and_no_command() -> None:
    table = {**TABLE, "measure": EVIL, "methods": [{**TABLE["methods"][0], "name": EVIL, "objective": "@SUM(A1)"}]}
    _, row = csv.reader(io.StringIO(exports.to_csv(table)))
    assert row[0] == "'" + EVIL and row[1] == "'@SUM(A1)" and row[2] == "0.85"
    for line in exports.to_markdown(table).splitlines()[:3:2]:
        cells = re.split(r"(?<!\\)\|", line)
        assert len(cells) == 8 and any(cell.strip().startswith("`=1+1") for cell in cells[1:3])
    lines = exports.to_latex(table).splitlines()
    body = lines[4]
    assert body.startswith(
        r"=1+1 | ![x](http://spy.example/x.png) \textbackslash{}\textbackslash{} \& \% \$ \# \_ \textasciicircum{}"
    )
    assert len(re.findall(r"(?<!\\)&", body)) == len(re.findall(r"(?<!\\)&", lines[2])) == 5


def test_only_what_differs_is_shown() -> None:
    shown = exports.differing(TABLE)
    assert "objective" not in shown and "parameters" not in shown and {"method", "mean", "n"} <= set(shown)


def test_the_script_makes_the_same_comparison() -> None:
    comparison = Comparison.make("interactions", ["concat", "tensor"], "", 2, {"epochs": 1}, True)
    tree = ast.parse(exports.to_script(comparison))
    call = next(n for n in ast.walk(tree) if isinstance(n, ast.Call) and getattr(n.func, "attr", "") == "from_json")
    assert Comparison.from_json(ast.literal_eval(call.args[0])).id == comparison.id
