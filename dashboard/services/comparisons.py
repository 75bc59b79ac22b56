"""The state of a comparison: the states of its runs, and its newest table, which workers compute."""

from __future__ import annotations

from dataclasses import dataclass

from core.compare.comparison import Comparison
from core.compare.files import read_problem, read_table
from core.compare.types import ComparisonTable
from core.runs import store
from dashboard.services import executor, runs_root
from dashboard.services.training import LIVE, Status, status_of

ENDED = ("finished", "failed")


@dataclass(frozen=True)
class Standing:
    """How each of a comparison's runs stands, in their order: one look, for all that is shown of it."""

    comparison: Comparison
    statuses: tuple[Status, ...]

    @property
    def live(self) -> list[str]:
        """The runs that wait or train."""
        return self._runs(LIVE)

    @property
    def ended(self) -> list[str]:
        """The runs that are over."""
        return self._runs(ENDED)

    def lacking(self) -> set[str]:
        """The runs that a click would train; none while any waits or trains."""
        return set() if self.live else {*self.comparison.runs} - {*self._runs(("finished",))}

    def share(self) -> float:
        """How much of the work is done, 0 to 1."""
        done = [1.0 if s["status"] in ENDED else float(s.get("progress") or 0) for s in self.statuses]
        return min(1.0, sum(done) / len(done))

    def seconds_left(self) -> float | None:
        """How long the rest will take; None before the first run is over."""
        spent = [float(s.get("seconds") or 0) for s in self.statuses if s["status"] in ENDED]
        if not spent:
            return None
        return sum(spent) / len(spent) * len(self.statuses) * (1 - self.share()) / executor().count

    def _runs(self, states: tuple[str, ...]) -> list[str]:
        pairs = zip(self.comparison.runs, self.statuses, strict=True)
        return [run for run, status in pairs if status["status"] in states]


def standing(comparison: Comparison) -> Standing:
    """How its runs stand now."""
    return Standing(comparison, tuple(status_of(run) for run in comparison.runs))


def newest_table(now: Standing) -> tuple[ComparisonTable | None, bool]:
    """The newest table, and whether runs have ended that it does not know: a worker then makes a newer one.

    A table that cannot be made is not waited for.
    """
    table, ended = read_table(runs_root(), now.comparison), len(now.ended)
    old = ended > 0 and (table is None or table["done"] != ended) and not problem(now.comparison)
    if old:
        executor().tabulate(now.comparison)
    return table, old


def table_of(comparison: Comparison) -> ComparisonTable | None:
    """The newest table, as it is."""
    return read_table(runs_root(), comparison)


def problem(comparison: Comparison) -> str | None:
    """Why the table cannot be made; None where it can."""
    return read_problem(runs_root(), comparison)


def first_runs(comparison: Comparison) -> dict[str, str]:
    """fusion -> its first seed's run, where that has begun: what the maps show."""
    runs = {name: comparison.runs_of[name][0] for name in comparison.fusions}
    return {name: run for name, run in runs.items() if store.find_run(runs_root(), run)}


def clock(table: ComparisonTable) -> str:
    """The clock that all rows of the table were counted by; "" where they differ or none is known."""
    clocks = {row["clock"] for row in (*table["methods"], *table["references"]) if row["clock"]}
    return clocks.pop() if len(clocks) == 1 else ""
