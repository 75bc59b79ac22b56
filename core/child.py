"""A warm child process that reads and writes JSON lines."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

REPO = Path(__file__).resolve().parent.parent
KINDNESS = 5  # of POSIX's nice: work in the background steps back for the server and the browser
ENVIRONMENT = {"OMP_WAIT_POLICY": "PASSIVE", "OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"}


class Child:
    """`python -m module`; `heard(self, message)` is called from a reading thread, with None when the child ended."""

    def __init__(self, module: str, heard: Callable[[Child, dict[str, Any] | None], None]) -> None:
        self.module, self.heard = module, heard
        self.ready = False
        self.busy = False
        self.jobs: list[str] = []  # the runs that it trains: one, or seeds together
        self.errand: dict[str, Any] | None = None  # what it makes between runs: a table, an answer
        self.child = subprocess.Popen(
            [sys.executable, "-m", module],
            cwd=REPO,
            env={**os.environ, **ENVIRONMENT},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            # A terminal's Ctrl-C is meant for the server; children end when their input closes.
            start_new_session=os.name != "nt",
        )
        if hasattr(os, "setpriority"):
            os.setpriority(os.PRIO_PROCESS, self.child.pid, KINDNESS)
        threading.Thread(target=self._listen, name=module, daemon=True).start()

    @property
    def idle(self) -> bool:
        return self.ready and not self.busy and self.child.poll() is None

    def send(self, message: dict[str, Any]) -> None:
        """One line; a dead child's end is noticed by the listening thread."""
        try:
            assert self.child.stdin is not None
            self.child.stdin.write(json.dumps(message) + "\n")
            self.child.stdin.flush()
        except (BrokenPipeError, OSError, ValueError):
            self.ready = False

    def close(self) -> None:
        if self.child.stdin:
            with suppress(OSError):
                self.child.stdin.close()

    def _listen(self) -> None:
        output = self.child.stdout
        assert output is not None
        for line in output:
            try:
                message = json.loads(line)
            except ValueError:
                continue  # a library's chatter
            if message.get("ready"):
                self.ready = True
            self.heard(self, message)
        self.child.wait()
        output.close()
        self.close()
        self.heard(self, None)
