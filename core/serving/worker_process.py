"""A warm subprocess that reads and writes JSON lines."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from core.paths import LAYOUT
from core.serving.messages import Job, Message, parse

OnLine = Callable[["WorkerProcess", Message | None], None]
ENVIRONMENT = {"OMP_WAIT_POLICY": "PASSIVE", "OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"}


class WorkerProcess:
    """`python -m module`; `on_message(self, message)` is called from a reading thread, with None when the child ended.

    `send` never waits: a child that does not read (it hangs, it was halted) keeps only its own writing thread.
    """

    def __init__(self, module: str, niceness: int, on_message: OnLine) -> None:
        """OSError where no process can be had: no memory, no handles."""
        self.module, self.on_message = module, on_message
        self.ready = self.ended = False
        self.was_ready = False  # once, whatever came after
        self.late = False  # ended by us, since it did not get ready
        self._outbox: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self.popen = subprocess.Popen(
            [sys.executable, "-m", module],
            cwd=LAYOUT.packages,  # it imports the same packages, whatever others are named like them
            env={**os.environ, **ENVIRONMENT},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            # A terminal's Ctrl-C is meant for the server; children end when their input closes.
            start_new_session=os.name != "nt",
        )
        if hasattr(os, "setpriority"):
            with suppress(OSError):  # it ended at once
                os.setpriority(os.PRIO_PROCESS, self.popen.pid, niceness)
        try:
            for work in (self._listen, self._write):
                threading.Thread(target=work, name=module, daemon=True).start()
        except RuntimeError as error:  # no thread can be had
            self.popen.kill()
            raise OSError(str(error)) from error

    @property
    def alive(self) -> bool:
        """Whether it is ready and has not just ended."""
        return self.ready and self.popen.poll() is None

    def send(self, message: Job) -> None:
        """One line; a dead child's end is noticed by the listening thread."""
        self._outbox.put(json.dumps(message) + "\n")

    def close(self) -> None:
        """No more messages: it finishes what it has and ends."""
        self._outbox.put(None)

    def kill(self) -> None:
        """End it now; it did not get ready in time."""
        self.late = True
        self.popen.kill()

    def cause(self) -> tuple[str, dict[str, Any]]:
        """How it ended, as the key and values of an error (core/errors.py)."""
        code = self.popen.returncode
        if code is None or code >= 0:
            return "worker_ended", {"code": code}
        if -code == getattr(signal, "SIGKILL", 9):
            return "worker_killed", {}
        try:
            return "worker_signal", {"signal": signal.Signals(-code).name}
        except ValueError:
            return "worker_signal", {"signal": str(-code)}

    def _write(self) -> None:
        stdin = self.popen.stdin
        assert stdin is not None
        with suppress(BrokenPipeError, OSError, ValueError):
            while (line := self._outbox.get()) is not None:
                stdin.write(line)
                stdin.flush()
        with suppress(OSError, ValueError):
            stdin.close()

    def _listen(self) -> None:
        output = self.popen.stdout
        assert output is not None
        with suppress(OSError, ValueError):  # a line that is no text
            for line in output:
                self._receive(line)
        self.popen.wait()
        output.close()
        self.close()
        self.ready, self.ended = False, True
        self.on_message(self, None)

    def _receive(self, line: str) -> None:
        try:
            message = json.loads(line)
        except ValueError:
            return  # a library's chatter
        if (known := parse(message)) is not None:
            if known["type"] == "ready":
                self.ready = self.was_ready = True
            self.on_message(self, known)
