"""What seeds allow to be said: intervals, paired tests, a correction for many comparisons, a verdict. numpy and scipy only."""

from core.stats.holm import holm
from core.stats.interval import Interval, interval
from core.stats.paired import Paired, paired, smallest_detectable
from core.stats.sentence import sentence_en
from core.stats.verdict import verdict

__all__ = [
    "Interval",
    "Paired",
    "holm",
    "interval",
    "paired",
    "sentence_en",
    "smallest_detectable",
    "verdict",
]
