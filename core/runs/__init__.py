"""A run is a folder: read, written, listed, labelled, deleted. One writer each, no torch, nothing trusted."""

from core.config.identity import group_id, run_id
from core.runs.library import ROOM, Runs, disk_cap_mb, read_config
from core.runs.summary import Summary
from core.runs.version import is_newer

__all__ = ["ROOM", "Runs", "Summary", "disk_cap_mb", "group_id", "is_newer", "read_config", "run_id"]
