"""Servers and pages that benchmarks in a browser share: the app, bare pages beside it, and how long to wait for what."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BASELINES = Path(__file__).with_name("baselines")
FLAGS = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--disable-background-networking"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait(page, condition: str, seconds: float = 60.0) -> None:
    """Until this is true on the page. Playwright's own waiting needs eval there, which our pages forbid."""
    begun = time.perf_counter()
    while not page.evaluate(condition):
        if time.perf_counter() - begun > seconds:
            raise TimeoutError(condition)
        time.sleep(0.01)


@contextlib.contextmanager
def serving(*command: str, port: int, **environment: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A server process until the block ends; yields its address once the port is open."""
    process = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
                break
            time.sleep(0.01)
        yield f"http://127.0.0.1:{port}", process
    finally:
        process.terminate()
        process.wait(20)


def app(runs: Path, port: int) -> contextlib.AbstractContextManager[tuple[str, subprocess.Popen[bytes]]]:
    return serving(
        sys.executable, "-m", "dashboard", "--no-browser", "--port", str(port), "--runs", str(runs), port=port
    )


def bare(
    script: str, port: int, **environment: str
) -> contextlib.AbstractContextManager[tuple[str, subprocess.Popen[bytes]]]:
    options = ("--server.headless=true", "--browser.gatherUsageStats=false", "--server.fileWatcherType=none")
    return serving(
        sys.executable,
        "-m",
        "streamlit",
        "run",
        str(BASELINES / script),
        f"--server.port={port}",
        *options,
        port=port,
        **environment,
    )
