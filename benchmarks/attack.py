"""Attacks that were tried on the program, again: damaged run folders and whatever else `benchmarks/attacks/` holds.

    python benchmarks/attack.py [folders ...] [--every N] [--only TEXT]

Each attack is a module of `benchmarks/attacks` with `attempts(every, only)`, which yields (attack, look, "" or what broke).
Prints what broke and how many did of how many; exit 1 unless that is 0. `--every 10` tries every tenth.
"""

from __future__ import annotations

import argparse
import datetime
import importlib
import logging
import os
import platform
import sys
import time
from collections import Counter
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
logging.disable(logging.WARNING)  # Streamlit warns of each page that is run without a server

KINDS = sorted(
    p.stem for p in Path(__file__).with_name("attacks").glob("*.py") if "def attempts(" in p.read_text(encoding="utf-8")
)


def main() -> int:
    parser = argparse.ArgumentParser(description="Repeat the attacks; 0 of them may break anything.")
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=f"which of {', '.join(KINDS)}; all without it")
    parser.add_argument("--every", type=int, default=1, help="every so many-th attack alone")
    parser.add_argument("--only", default="", help="only attacks whose name contains this")
    options = parser.parse_args()
    if unknown := set(options.kinds) - set(KINDS):
        parser.error(f"no attack is named {sorted(unknown)[0]!r}; there are {', '.join(KINDS)}")
    print(f"{datetime.date.today()}, Python {platform.python_version()} on {platform.system()}")
    broke = sum(_kind(name, options) for name in options.kinds or KINDS)
    return 1 if broke else 0


def _kind(name: str, options: argparse.Namespace) -> int:
    module = importlib.import_module(f"benchmarks.attacks.{name}")
    begun, attacks, looks, broke = time.monotonic(), set(), Counter[str](), 0
    for attack, look, problem in module.attempts(options.every, options.only):
        attacks.add(attack)
        looks[look] += 1
        if problem:
            broke += 1
            print(f"  {attack} x {look}: {problem}", flush=True)
    spent = time.monotonic() - begun
    print(
        f"{name}: {len(attacks)} attacks x {len(looks)} looks in {spent:.0f} s, {broke} of {looks.total()} broke something"
    )
    return broke


if __name__ == "__main__":
    sys.exit(main())
