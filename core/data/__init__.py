"""The shelf of data sets: one file each, one line here."""

from core.data.av_digits import AvDigits
from core.data.base import DataSet
from core.data.captions import Captions
from core.data.interactions import Interactions

DATASETS: dict[str, type[DataSet]] = {dataset.name: dataset for dataset in (Interactions, AvDigits, Captions)}
