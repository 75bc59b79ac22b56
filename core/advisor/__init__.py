"""The fusion advisor: from the data alone, before any training, which family of fusion is worth its price."""

from core.advisor.advise import Advice, advise
from core.advisor.track_record import TrackRecord, track_record

__all__ = ["Advice", "TrackRecord", "advise", "track_record"]
