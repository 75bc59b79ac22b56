"""How robust a method is to a missing modality, and whether more than a late method with the same clean score would be.

From the tables of finished runs: {"missing": {modality: [[severity %, score], ...]}}.

    robustness   area under the score from 0 to 100 % missing, the mean of the modalities
    effective    that, less the late method's, less what it was ahead by on clean data (`core.metrics.robustness`)
"""

from __future__ import annotations

from collections.abc import Mapping
from statistics import fmean

from core.metrics.robustness import effective_robustness, robustness

Table = Mapping[str, list[list[float]]]  # modality -> [[severity, score], ...]


def area(missing: Table) -> float | None:
    """None where nothing was measured."""
    return fmean(robustness(*_columns(rows)) for rows in missing.values()) if missing else None


def effective(own: Mapping[int, Table], late: Mapping[int, Table]) -> float | None:
    """seed -> table of either; the mean over the seeds and modalities that both have."""
    pairs = [
        (own[seed][name], late[seed][name])
        for seed in own.keys() & late.keys()
        for name in own[seed]
        if name in late[seed]
    ]
    return (
        fmean(effective_robustness(*_columns(ours), _columns(theirs)[1]) for ours, theirs in pairs) if pairs else None
    )


def _columns(rows: list[list[float]]) -> tuple[list[float], list[float]]:
    return [row[0] for row in rows], [row[1] for row in rows]
