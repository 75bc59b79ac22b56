"""Several runs that differ in the seed alone, trained in one go and written each into its own folder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from core.errors import FusionariumError, RunError
from core.runs import read_config, store
from core.runs.types import RunState, Status
from core.training.multi_seed import quicker, train_multi_seed
from core.training.recorder import Recording, record
from core.training.stop_request import StopRequested, never, writing


def record_multi_seed(folders: Sequence[Path], stop_requested: StopRequested = never) -> Iterator[tuple[Path, Status]]:
    """`record` for runs whose configs differ in the seed alone: (folder, its status), each run to an end of its own.

    They are trained together where that is quicker, one after another where it is not; a run that has begun goes on alone.
    A run that cannot be written, since its folder is gone or another process has it, "fails" without being touched.
    """
    fresh = [folder for folder in folders if not (folder / store.CHECKPOINT).exists()]
    stacked = fresh if len(fresh) > 1 and _quicker(fresh[0]) else []
    yield from _record_stacked(stacked, stop_requested)
    for folder in folders:
        if folder not in stacked:
            try:
                yield from ((folder, status) for status in record(folder, stop_requested))
            except (RunError, OSError) as error:
                yield folder, Status(status=RunState.FAILED, message=str(error))


def _quicker(folder: Path) -> bool:
    """False also where it cannot be told; the run itself then says why."""
    try:
        return quicker(read_config(folder))
    except (FusionariumError, OSError):
        return False


def _record_stacked(folders: Sequence[Path], stop_requested: StopRequested) -> Iterator[tuple[Path, Status]]:
    recordings: dict[int, Recording] = {}
    with ExitStack() as stack:
        locks: dict[int, ExitStack] = {}
        for folder in folders:
            try:
                lock = stack.enter_context(ExitStack())
                lock.enter_context(writing(folder))
                seed = read_config(folder).seed
            except (RunError, OSError) as error:
                yield folder, Status(status=RunState.FAILED, message=str(error))
            else:
                recordings[seed], locks[seed] = Recording(folder, stop_requested), lock
                lock.enter_context(recordings[seed].heartbeat)
        for seed, status in _statuses(recordings):
            if recordings[seed].over:  # who wants it next need not wait for the others
                locks[seed].close()
            yield recordings[seed].folder, status


def _statuses(recordings: dict[int, Recording]) -> Iterator[tuple[int, Status]]:
    """seed -> status, as they come. What goes wrong with all is said by each."""
    gone: set[int] = set()
    try:
        for seed, recording in recordings.items():
            yield from ((seed, status) for status in recording.guarded(recording.start(len(recordings))))
        gone |= {seed for seed, recording in recordings.items() if recording.over}
        configs = [recording.config for seed, recording in recordings.items() if seed not in gone]
        for records in train_multi_seed(configs, gone=gone) if configs else ():
            for seed, step in records.items():
                if seed not in gone:
                    yield from ((seed, status) for status in recordings[seed].guarded(recordings[seed].take(step)))
                gone |= {seed} if recordings[seed].over else set()
            if len(gone) == len(recordings):
                return
    except Exception as error:
        for seed, recording in recordings.items():
            if not recording.over:
                yield seed, recording.broken(error)
