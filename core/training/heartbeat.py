"""A thread that renews a run's status while training is silent: a long epoch, a long last evaluation."""

from __future__ import annotations

import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

from core.errors import RunError
from core.runs.heartbeat import PERIOD
from core.training.run_writer import RunWriter


class HeartbeatThread:
    """As a context: from its beginning to its end a sign of life is written every PERIOD seconds. It touches no tensor."""

    def __init__(self, files: RunWriter) -> None:
        self._files = files
        self._over = threading.Event()

    def __enter__(self) -> Self:
        threading.Thread(target=self._work, name="heartbeat", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()

    def _work(self) -> None:
        while not self._over.wait(PERIOD):
            with suppress(RunError):  # a full disk, a deleted folder: the training itself meets it, and says so
                self._files.renew_status()
