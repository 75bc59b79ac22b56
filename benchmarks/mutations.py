"""Would the tests notice? A number of small faults, drawn by a seed over all of core, each put in and tested alone.

    pip install cosmic-ray                      # not among the project's requirements; makes the faults
    python benchmarks/mutations.py [--count 30] [--seed 10] [--skip 3,17] [--list]

Works on a copy of the checkout. A fault is first shown the tests that lie where it lies, then all fast ones of core. Faults that
can change nothing (an annotation, a `|` between types) are not drawn; `--skip` names draws that turn out to be equivalent, and
others take their place. Prints one line per fault and what was survived.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CARDS = (
    "fusion",
    "objectives",
    "balancing",
    "encoders",
    "training",
)  # what tests/core/test_promises.py is about as well
NOT_FAULTS = ("ReplaceBinaryOperator_BitOr", "ExceptionReplacer", "RemoveDecorator", "NoOp", "AddNot_Annotation")
BROWSERLESS = "not browser and not slow"
PATIENCE = 900.0  # seconds for all of core's tests; a fault that never ends is one that was noticed


@dataclass(frozen=True)
class Fault:
    """One mutation: the operator's `occurrence`-th place in a file."""

    path: str  # relative to the checkout
    operator: str
    occurrence: int
    line: int


def main() -> int:
    """Draw, test, report; 1 where more than four of thirty (in proportion) were survived."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=30)
    parser.add_argument("--seed", type=int, default=10)
    parser.add_argument("--skip", default="", help="draws that change nothing, by number")
    parser.add_argument("--list", action="store_true", help="only show what would be drawn")
    options = parser.parse_args()
    skipped = {int(number) for number in options.skip.split(",") if number}
    drawn = [(k, f) for k, f in enumerate(draw(options.seed, options.count + len(skipped))) if k not in skipped]
    survived = 0
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / "copy"
        shutil.copytree(ROOT, copy, ignore=left_out)
        for number, fault in drawn[: options.count]:
            place = f"{number:3} {fault.path}:{fault.line} {fault.operator}"
            if options.list:
                print(place, "|", changed_line(fault), flush=True)
                continue
            begun = time.monotonic()
            noticed = is_noticed(fault, copy)
            survived += not noticed
            print(
                f"{'noticed ' if noticed else 'SURVIVED'} {place} | {changed_line(fault)} ({time.monotonic() - begun:.0f} s)",
                flush=True,
            )
    if options.list:
        return 0
    print(f"{options.count - survived} of {options.count} noticed")
    return int(survived > options.count * 4 / 30)


def left_out(folder: str, names: list[str]) -> list[str]:
    """What no test reads: history, environments, and the checkout's own runs (not the packages of that name)."""
    own = {".git", ".venv", "node_modules", "runs"} if Path(folder) == ROOT else set()
    return [name for name in names if name in own | {"__pycache__"}]


def draw(seed: int, count: int) -> list[Fault]:
    """`count` of all places, each as likely as any other."""
    places = [fault for path in sorted((ROOT / "core").rglob("*.py")) for fault in faults(path)]
    return random.Random(seed).sample(places, count)


def faults(path: Path) -> list[Fault]:
    """All places of a file where an operator can put a fault, but for those in annotations."""
    from cosmic_ray.ast import ast_nodes, get_ast_from_path
    from cosmic_ray.plugins import get_operator, operator_names

    tree, idle = get_ast_from_path(path), annotated_lines(path)
    found = []
    for name in operator_names():
        operator = get_operator(name)
        if operator.arguments() or any(part in name for part in NOT_FAULTS):
            continue
        starts = [start for node in ast_nodes(tree) for start, _ in operator().mutation_positions(node)]
        found += [
            Fault(str(path.relative_to(ROOT)), name, k, line) for k, (line, _) in enumerate(starts) if line not in idle
        ]
    return found


def annotated_lines(path: Path) -> set[int]:
    """Lines of fields that have a type and no value."""
    lines: set[int] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.AnnAssign) and node.value is None:
            lines |= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return lines


def mutated(fault: Fault) -> str:
    """The file's text with the fault."""
    from cosmic_ray.mutating import mutate_code
    from cosmic_ray.plugins import get_operator

    text = mutate_code((ROOT / fault.path).read_bytes(), get_operator(fault.operator)(), fault.occurrence)
    assert text is not None
    return text.decode() if isinstance(text, bytes) else text


def changed_line(fault: Fault) -> str:
    """What it makes of its line."""
    before, after = (ROOT / fault.path).read_text(encoding="utf-8").splitlines(), mutated(fault).splitlines()
    return next((new.strip() for old, new in zip(before, after, strict=False) if old != new), "")


def is_noticed(fault: Fault, copy: Path) -> bool:
    """Whether a test fails, those nearby first."""
    target = copy / fault.path
    kept = target.read_text(encoding="utf-8")
    target.write_text(mutated(fault), encoding="utf-8")
    try:
        return any(fails(copy, tests) for tests in (nearby(fault, copy), ["tests/core"]) if tests)
    finally:
        target.write_text(kept, encoding="utf-8")


def nearby(fault: Fault, copy: Path) -> list[str]:
    """The tests of the fault's folder, and of all methods where it is about one."""
    folder = Path(fault.path).parent.relative_to("core")
    near = [f"tests/core/{folder}"] if folder.parts and (copy / "tests/core" / folder).is_dir() else []
    return [*near, *(["tests/core/test_promises.py"] if folder.parts[:1] and folder.parts[0] in CARDS else [])]


def fails(copy: Path, tests: list[str]) -> bool:
    """Whether pytest ends with a failure, an error, or not at all."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-x",
        "-n",
        "2",
        "-p",
        "no:cacheprovider",
        "-m",
        BROWSERLESS,
        *tests,
    ]
    environment = {**os.environ, "PYTHONPATH": "", "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        return True
    return done.returncode not in (0, 5)


if __name__ == "__main__":
    sys.exit(main())
