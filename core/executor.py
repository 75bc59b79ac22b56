"""Warm workers and one first-in-first-out queue, kept by the server. No torch in here: it hands folders to processes.

A run belongs to the people who asked for it; it is stopped when the last of them no longer needs it. A worker that
dies is replaced, and its run shows as stopped because its lock is free.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from core import store
from core.config import RunConfig
from core.errors import RunError
from core.runs import Runs, read_config, run_id

REPO = Path(__file__).resolve().parent.parent
ENVIRONMENT = {"OMP_WAIT_POLICY": "PASSIVE", "OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"}


@dataclass(frozen=True)
class Ticket:
    """What a click got: the run, and whether it was finished before ("reuse"), under way ("join"), or is now queued."""

    run: str
    action: str


@dataclass(frozen=True)
class Place:
    """A place in the queue: 1 is next. `seconds` is what those before it still need, where that is known."""

    position: int
    seconds: float | None


class Executor:
    """`start()`, then `submit(config, owner)`. Thread-safe: page scripts of many people call it."""

    def __init__(self, root: Path | str, workers: int | None = None) -> None:
        self.runs = Runs(root)
        self.count = workers or max(1, min(4, (os.cpu_count() or 2) - 1))
        self._queue: list[str] = []
        self._owners: dict[str, set[str]] = {}
        self._workers: list[_Process] = []
        self._projector: _Process | None = None
        self._lock = threading.RLock()
        self._server_lock = FileLock(self.runs.root / store.EXECUTOR_LOCK)
        self._started = self._closed = False

    def start(self) -> None:
        """Start the warm processes; returns at once, they report when they are ready."""
        with self._lock:
            if self._started:
                return
            self._started = True
            with suppress(Timeout):  # a second server on the same folder: the first one's lock keeps "queued" true
                self._server_lock.acquire(timeout=0)
            self._workers = [_Process("core.worker", self._heard) for _ in range(self.count)]
            self._projector = _Process("core.projector", self._heard)

    @property
    def ready(self) -> bool:
        """Whether a worker is warm."""
        return any(worker.ready for worker in self._workers)

    def submit(self, config: RunConfig, owner: str = "", again: bool = False) -> Ticket:
        """Train this config, unless it has been: same choice, same run. RunError when the disk cap is reached."""
        with self._lock:
            self.start()
            self.runs.check_room(keep={run_id(config)})
            folder, action = self.runs.open(config, again)
            if action != "reuse":
                self._owners.setdefault(folder.name, set()).add(owner)
            if action in ("new", "resume"):
                self._enqueue(folder)
            self._dispatch()
            return Ticket(folder.name, action)

    def stop(self, run: str, owner: str = "") -> bool:
        """This owner no longer needs the run. True when it was the last one, and the run stops."""
        with self._lock:
            owners = self._owners.get(run, set())
            owners.discard(owner)
            if owners:
                return False
            if run in self._queue:
                self._queue.remove(run)
                self._mark(run, "stopped")
            else:
                self.runs.stop(run)
            return True

    def place(self, run: str) -> Place | None:
        """Where a queued run stands, None when it is not queued."""
        with self._lock:
            if run not in self._queue:
                return None
            position = self._queue.index(run) + 1
            ahead = [w.job for w in self._workers if w.job] + self._queue[: position - 1]
            left = [self._seconds_left(name) for name in ahead]
            known = [value for value in left if value is not None]
            seconds = sum(known) / max(1, len(self._workers)) if len(known) == len(left) else None
            return Place(position, seconds)

    def watch(self, run: str) -> None:
        """Make the pictures that this run lacks: a run of the command line that somebody opens."""
        with self._lock:
            folder = store.find_run(self.runs.root, run)
            if self._projector and folder and not store.is_shipped(run):
                self._projector.send({"watch": str(folder)})

    def close(self) -> None:
        """Let go. Workers finish the run under way and end by themselves; queued runs show as stopped."""
        with self._lock:
            self._closed = True
            for process in [*self._workers, *([self._projector] if self._projector else [])]:
                process.close()
            self._server_lock.release()

    def _enqueue(self, folder: Path) -> None:
        self._mark(folder.name, "queued")
        self._queue.append(folder.name)

    def _mark(self, run: str, status: str) -> None:
        path = self.runs.root / run / "status.json"
        store.write_json(path, {**store.read_json(path), "status": status, "seconds_left": None})

    def _dispatch(self) -> None:
        """Give the next runs to idle workers. A run whose folder went away in the meantime is passed over."""
        for worker in self._workers:
            while self._queue and worker.idle:
                run = self._queue.pop(0)
                folder = self.runs.root / run
                if not folder.is_dir():
                    continue
                worker.job = run
                worker.send({"train": str(folder)})
                if self._projector:
                    self._projector.send({"watch": str(folder)})

    def _heard(self, process: _Process, message: dict[str, Any] | None) -> None:
        """A line from a process, or None when it ended."""
        with self._lock:
            if message is None:
                self._replace(process)
            elif "done" in message:
                self._owners.pop(message["done"], None)
                process.job = None
            self._dispatch()

    def _replace(self, dead: _Process) -> None:
        if dead.job:
            self._owners.pop(dead.job, None)
        if self._closed or not dead.ready:  # one that never got ready would only die again
            return
        if dead is self._projector:
            self._projector = _Process(dead.module, self._heard)
            for worker in self._workers:
                if worker.job:
                    self._projector.send({"watch": str(self.runs.root / worker.job)})
        elif dead in self._workers:
            self._workers[self._workers.index(dead)] = _Process(dead.module, self._heard)

    def _seconds_left(self, run: str) -> float | None:
        """From the run itself when it trains, from finished runs of the same choice when it waits."""
        try:
            status = store.read_status(self.runs.root / run)
            if status.get("seconds_left") is not None:
                return float(status["seconds_left"])
            config = read_config(self.runs.root / run)
        except RunError:
            return None
        return config.seconds or self._seconds_of_kin(config)

    def _seconds_of_kin(self, config: RunConfig) -> float | None:
        for item in self.runs.summaries():
            same = all(item.config.get(key) == getattr(config, key) for key in ("dataset", "fusion", "objective"))
            seconds, epoch = item.status.get("seconds"), item.status.get("epoch")
            if same and item.status.get("status") == "finished" and seconds and epoch:
                return float(seconds) / float(epoch) * config.epochs
        return None


class _Process:
    """A child that reads and writes JSON lines; `heard(self, message)` is called from a reading thread."""

    def __init__(self, module: str, heard: Callable[[_Process, dict[str, Any] | None], None]) -> None:
        self.module, self.heard = module, heard
        self.ready = False
        self.job: str | None = None
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
        threading.Thread(target=self._listen, name=module, daemon=True).start()

    @property
    def idle(self) -> bool:
        return self.ready and self.job is None and self.child.poll() is None

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
