"""What a folder of many runs costs: the list, a click on the page of runs, the sum of sizes, and the server beside them.

    python benchmarks/many_runs.py [--runs 2000] [--frames 24]

CPU seconds of one process, the smallest of three where something is repeated; run folders are made for the purpose, each
with the files that a run of `av_digits` leaves. The server is a process of its own on a free port.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime
import json
import logging
import os
import platform
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
logging.disable(logging.WARNING)

from core.config import RunConfig
from core.runs import Runs, cache, store
from core.runs.index import RunIndex

FUSIONS = ("concat", "tensor", "late_average", "gated", "sum")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--frames", type=int, default=24, help="pictures a run")
    options = parser.parse_args()
    print(
        f"{datetime.date.today()}, Python {platform.python_version()}, {options.runs} runs of {options.frames} frames"
    )
    with tempfile.TemporaryDirectory() as place:
        many, few = Path(place) / "many", Path(place) / "few"
        for root, count in ((many, options.runs), (few, 3)):
            fill(root, count, options.frames)
        the_list(many)
        the_page(many, few)
        the_server(many)
    return 0


def fill(root: Path, count: int, frames: int) -> None:
    """`count` finished runs like the shipped one, of five methods."""
    shipped = store.REPLAYS / "replay-start"
    files = {name: (shipped / name).read_bytes() for name in ("status.json", "result.json", "probe.json")}
    records = (shipped / "metrics.jsonl").read_bytes()
    plain = {name: RunConfig.make("av_digits", name).to_json() for name in FUSIONS}
    for i in range(count):
        folder = root / f"{random.Random(i).getrandbits(48):012x}"
        folder.mkdir(parents=True)
        config = {**plain[FUSIONS[i % 5]], "seed": i, "engine": "0.1.0", "created": 1.7e9 + i}
        (folder / "config.json").write_text(json.dumps(config))
        for name, data in {**files, "metrics.jsonl": records}.items():
            (folder / name).write_bytes(data)
        for kind in store.PICTURES:
            (folder / kind).mkdir()
            for step in range(frames):
                store.frame_path(folder, kind, step).write_bytes(b"FUS1" + bytes(200))
    for folder in root.iterdir():
        os.utime(folder, (time.time() - 60, time.time() - 60))  # long enough ago that its times are believed


def the_list(root: Path) -> None:
    say("list, nothing known", cpu(RunIndex(root).summaries))
    index = RunIndex(root)
    index.summaries(sizes=True)
    say("list and sizes, nothing known", cpu(lambda: RunIndex(root).summaries(sizes=True)))
    cache.save(root, index._entries)
    say("list and sizes, a new process with the list on disk", best(lambda: RunIndex(root).summaries(sizes=True)))
    say("list and sizes, again", best(lambda: index.summaries(sizes=True)))
    runs = Runs(root)
    runs.used_mb()
    say("what all runs take (used_mb)", best(runs.used_mb))
    say("whether there is room (check_room)", best(runs.check_room))
    some = next(root.iterdir()).name

    def label() -> None:
        runs.set_label(some, star=True)
        runs.summaries()

    say("one run starred, and the list", best(label))


def the_page(many: Path, few: Path) -> None:
    """A rerun of the page's script, as a click causes one; beside it the same with three runs."""
    from streamlit.testing.v1 import AppTest

    from core.serving.executor import Executor
    from dashboard import services

    Executor.start = lambda self: None  # type: ignore[method-assign]
    spent = {}
    for name, root in (("many", many), ("few", few)):
        services._services.root = root
        app = AppTest.from_file(str(ROOT / "dashboard" / "app.py"), default_timeout=120)
        app.run().switch_page("views/runs.py").run()
        spent[name] = best(lambda app=app: app.run(), 8)
    say("page of runs, a rerun", spent["many"])
    say("page of runs, a rerun with 3 runs", spent["few"])
    say("what a click costs for the number of runs", spent["many"] - spent["few"])


def the_server(root: Path) -> None:
    """Health beside people who read documents of many runs."""
    with serving(root) as (url, process):
        names = [path.name for path in root.iterdir() if store.is_run_id(path.name)][:400]
        before = process_seconds(process.pid)
        reading = threading.Thread(target=lambda: [get(f"{url}/live/runs/{n}/result") for n in names for _ in range(3)])
        reading.start()
        waits = []
        while reading.is_alive():
            begun = time.perf_counter()
            get(f"{url}/_stcore/health")
            waits.append(time.perf_counter() - begun)
            time.sleep(0.005)
        spent = process_seconds(process.pid) - before
        waits.sort()
        print(
            f"server: a document of a run {1e3 * spent / (3 * len(names)):.1f} ms of CPU, beside it health answers in"
        )
        print(
            f"        {1e3 * statistics.median(waits):.1f} ms (median), {1e3 * waits[int(0.99 * len(waits))]:.1f} ms (p99)"
        )


@contextlib.contextmanager
def serving(root: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "dashboard", "--no-browser", "--port", str(port), "--runs", str(root)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        while True:
            with contextlib.suppress(OSError):
                get(f"{url}/_stcore/health")
                break
            time.sleep(0.1)
        time.sleep(8)  # its workers warm up, which is not what is measured
        yield url, process
    finally:
        process.terminate()
        process.wait(20)


def get(url: str) -> None:
    with urllib.request.urlopen(url, timeout=30) as answer:
        answer.read()


def process_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def cpu(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun


def best(work: Callable[[], object], times: int = 3) -> float:
    return min(cpu(work) for _ in range(times))


def say(what: str, seconds: float) -> None:
    print(f"{what:<55} {seconds:7.3f} CPU s")


if __name__ == "__main__":
    sys.exit(main())
