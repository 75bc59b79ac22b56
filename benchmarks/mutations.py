"""Would the tests notice? A number of small faults, drawn by a seed over all of core, each put in and tested alone.

    pip install --target /tmp/cosmic cosmic-ray     # not among the project's requirements; makes the faults
    PYTHONPATH=/tmp/cosmic python benchmarks/mutations.py [--count 30] [--seed 0] [--skip 3,17] [--list] [--out FILE]

Works on a copy of the checkout. A place in the code is drawn first, then one of the faults that an operator can put there: a sign
of arithmetic has twelve, most of which end in a TypeError, and would otherwise be most of the draw. Annotations and what does not
compile are not drawn; `--skip` names draws that turn out to be equivalent, and others take their place. A fault is shown the tests of
its module, then those of its folder. Those that survive that are put in all at once and shown the fast tests of core, then the
dashboard's without a browser: where these pass, all have survived, else it is looked which of them the failing test notices, and
the others are put in again. A test that fails without the fault as well is no witness: the script stops.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CARDS = ("fusion", "objectives", "balancing", "encoders", "training")  # test_promises.py is about these as well
WIDE = [["tests/core"], ["tests/dashboard", "tests/fusionarium"]]
BROWSERLESS = "not browser and not slow"
PATIENCE = 900.0  # seconds for one call of pytest; a fault that never ends is one that was noticed
FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)


@dataclass(frozen=True)
class Fault:
    """One mutation: the operator's `occurrence`-th place in a file."""

    path: str  # relative to the checkout
    operator: str
    occurrence: int
    line: int
    column: int


def main() -> int:
    """Draw, test, report; 1 where more than four of thirty (in proportion) were survived."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=30)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--skip", default="", help="draws that change nothing, by number")
    parser.add_argument("--only", default="", help="draws to try, by number, instead of all")
    parser.add_argument("--near", action="store_true", help="leave the wide tests out")
    parser.add_argument("--list", action="store_true", help="only show what would be drawn")
    parser.add_argument("--out", type=Path, help="a JSON file for the list")
    options = parser.parse_args()
    skipped, only = (numbers(text) for text in (options.skip, options.only))
    drawn = list(enumerate(draw(options.seed, options.count + len(skipped))))
    drawn = [(k, fault) for k, fault in drawn if k not in skipped and (not only or k in only)]
    if options.list:
        for number, fault in drawn:
            print(as_line(number, fault))
        return 0
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / "copy"
        shutil.copytree(ROOT, copy, ignore=left_out)
        witnesses = {number: tried(number, fault, copy) for number, fault in drawn}
        left = [(number, fault) for number, fault in drawn if not witnesses[number]]
        if left and not options.near:
            witnesses |= tried_wide(left, copy)
    if options.out:
        rows = [{"number": k, **asdict(f), "lines": changed_line(f), "noticed_by": witnesses[k]} for k, f in drawn]
        options.out.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    survived = sum(test is None for test in witnesses.values())
    print(f"{len(drawn) - survived} of {len(drawn)} noticed")
    return int(survived > len(drawn) * 4 / 30)


def numbers(text: str) -> set[int]:
    """ "3,17" -> {3, 17}."""
    return {int(number) for number in text.split(",") if number}


def as_line(number: int, fault: Fault) -> str:
    """A fault in one line."""
    change = "  ->  ".join(changed_line(fault))
    return f"{number:3} {fault.path}:{fault.line} {fault.operator.removeprefix('core/')} | {change}"


def tried(number: int, fault: Fault, copy: Path) -> str | None:
    """What notices a fault of the tests that lie near it."""
    begun = time.monotonic()
    test = noticed_by([fault], copy, nearby(fault, copy))
    verdict, seconds = "noticed " if test else "left    ", time.monotonic() - begun
    print(f"{verdict} {as_line(number, fault)} ({seconds:.0f} s) {test or ''}", flush=True)
    return test


def tried_wide(left: list[tuple[int, Fault]], copy: Path) -> dict[int, str | None]:
    """What notices the rest."""
    witnesses: dict[int, str | None] = {}
    while group := {fault.path: (k, fault) for k, fault in left if k not in witnesses}:  # one a file
        test = noticed_by([fault for _, fault in group.values()], copy, WIDE)
        known = [[test]] if test and "::" in test else WIDE
        alone = {k: noticed_by([fault], copy, known) if test else None for k, fault in group.values()}
        found = {k: witness for k, witness in alone.items() if witness}
        witnesses |= found or dict.fromkeys(alone)  # none alone: the rest of the group has survived
    for number, fault in left:
        print(f"{'noticed ' if witnesses[number] else 'SURVIVED'} {as_line(number, fault)} {witnesses[number] or ''}")
    return witnesses


def left_out(folder: str, names: list[str]) -> list[str]:
    """What no test reads: history, environments, and the checkout's own runs (not the packages of that name)."""
    own = {".git", ".venv", "node_modules", "runs"} if Path(folder) == ROOT else set()
    return [name for name in names if name in own | {"__pycache__"}]


def draw(seed: int, count: int) -> list[Fault]:
    """`count` places, each as likely as any other, and one of the faults of each."""
    places = defaultdict(list)
    for path in sorted((ROOT / "core").rglob("*.py")):
        for fault in faults(path):
            places[fault.path, fault.line, fault.column].append(fault)
    stream = random.Random(seed)
    drawn: list[Fault] = []
    for place in stream.sample(sorted(places), len(places)):
        possible = [fault for fault in places[place] if compiles(fault)]
        if possible and len(drawn) < count:
            drawn.append(stream.choice(possible))
        if len(drawn) == count:
            break
    return drawn


def faults(path: Path) -> list[Fault]:
    """All that operators can put into a file, but for annotations."""
    from cosmic_ray.ast import ast_nodes, get_ast_from_path
    from cosmic_ray.plugins import get_operator, operator_names

    tree, idle = get_ast_from_path(path), annotations(path)
    nodes = list(ast_nodes(tree))
    found = []
    for name in sorted(operator_names()):
        operator = get_operator(name)
        if operator.arguments():
            continue
        starts = [start for node in nodes for start, _ in operator().mutation_positions(node)]
        found += [
            Fault(str(path.relative_to(ROOT)), name, k, *start)
            for k, start in enumerate(starts)
            if not any(first <= start < last for first, last in idle)
        ]
    return found


def annotations(path: Path) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Where they begin and end, as (line, column); nothing evaluates them."""
    text = path.read_text(encoding="utf-8")
    found: list[ast.expr | None] = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.arg | ast.AnnAssign):
            found.append(node.annotation)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.append(node.returns)
    # columns of ast count bytes, those of the operators characters; an annotation's line is ASCII up to its end
    return [((a.lineno, a.col_offset), (a.end_lineno or 0, a.end_col_offset or 0)) for a in found if a is not None]


def compiles(fault: Fault) -> bool:
    """Whether Python takes the file with the fault (`**` of a call is not one of arithmetic)."""
    try:
        ast.parse(mutated(fault))
    except SyntaxError:
        return False
    return True


def mutated(fault: Fault) -> str:
    """The file's text with the fault."""
    from cosmic_ray.mutating import mutate_code
    from cosmic_ray.plugins import get_operator

    text = mutate_code((ROOT / fault.path).read_bytes(), get_operator(fault.operator)(), fault.occurrence)
    assert text is not None
    return text.decode() if isinstance(text, bytes) else text


def changed_line(fault: Fault) -> tuple[str, str]:
    """The line that it changes, before and after."""
    before, after = (ROOT / fault.path).read_text(encoding="utf-8").splitlines(), mutated(fault).splitlines()
    pairs = ((old.strip(), new.strip()) for old, new in zip(before, after, strict=False) if old != new)
    return next(pairs, ("", ""))


def noticed_by(together: list[Fault], copy: Path, stages: list[list[str]]) -> str | None:
    """The first test that fails with these faults and not without them; None where none does."""
    for tests in stages:
        kept = {fault.path: (copy / fault.path).read_text(encoding="utf-8") for fault in together}
        for fault in together:
            (copy / fault.path).write_text(mutated(fault), encoding="utf-8")
        try:
            test = failing(copy, tests)
        finally:
            for path, text in kept.items():
                (copy / path).write_text(text, encoding="utf-8")
        if test and failing(copy, [test] if "::" in test else tests):
            raise SystemExit(f"{test}: without the fault as well")
        if test:
            return test
    return None


def nearby(fault: Fault, copy: Path) -> list[list[str]]:
    """The module's own tests; then its folder's, and those of all methods where it is about one."""
    path = Path(fault.path)
    folder = Path("tests") / path.parent
    own = [str(file.relative_to(copy)) for file in sorted((copy / folder).glob(f"test_{path.stem}*.py"))]
    near = [str(folder)] if len(path.parts) > 2 and (copy / folder).is_dir() else []
    near += ["tests/core/test_promises.py"] if path.parts[1] in CARDS else []
    return [tests for tests in (own, near) if tests]


def failing(copy: Path, tests: list[str]) -> str | None:
    """The first test that fails; None where pytest ends without a failure or an error."""
    workers = "0" if all("::" in test or test.endswith(".py") for test in tests) else "2"
    options = ["-q", "-x", "-n", workers, "-p", "no:cacheprovider", "-m", BROWSERLESS]
    environment = {**os.environ, "PYTHONPATH": "", "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *options, *tests],
            cwd=copy,
            env=environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"never ends: {' '.join(tests)}"
    if done.returncode in (0, 5):
        return None
    named = FAILED.search(done.stdout)
    return named.group(1) if named else f"does not start: {done.stdout.strip().splitlines()[-1:]}"


if __name__ == "__main__":
    sys.exit(main())
