"""What can be concluded from seeds: intervals, paired tests, a correction for many comparisons, a verdict. numpy and scipy only."""

from core.stats.holm import holm
from core.stats.interval import Interval, interval
from core.stats.paired import Paired, paired
from core.stats.power import smallest_detectable
from core.stats.sentence import population_en, sentence_en
from core.stats.verdict import Scores, verdict

__all__ = [
    "Interval",
    "Paired",
    "Scores",
    "holm",
    "interval",
    "paired",
    "population_en",
    "sentence_en",
    "smallest_detectable",
    "verdict",
]
