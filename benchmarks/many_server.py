"""What a server with many runs costs those who look at it: `python benchmarks/many_server.py [folders] [queued] [watchers]`.

A folder of finished runs, a server (the real one, its workers too), a queue of long runs, and a socket for each watcher of
a waiting run. Then the health path is asked for twenty times a second over 20 seconds, as monitors and Streamlit's own pages
do, and requests are submitted meanwhile. Health is timed from outside, `submit` inside the server's process, its fsync included.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.servers import free_port
from core.config import RunConfig
from core.runs import Runs, store

SECONDS, EVERY = 20, 0.05
SERVER = """
import json, os, sys, threading, time, traceback
from pathlib import Path
from core.compare.comparison import Comparison
from core.config import RunConfig
from dashboard import services
from dashboard.__main__ import main
told, count = Path(sys.argv.pop()), int(sys.argv.pop())
LONG = {"epochs": 400, "data.train_size": 4000}
def timed(work):
    begun = time.perf_counter()
    got = work()
    return time.perf_counter() - begun, got
def guarded():
    try:
        ask()
    except BaseException:
        traceback.print_exc()
        os._exit(1)
def ask():
    time.sleep(6)
    executor = services.executor()
    executor.start()
    while not executor.ready:
        time.sleep(0.2)
    one = lambda seed: executor.submit(RunConfig.make("interactions", "concat", settings={**LONG, "seed": seed}), "me", unlimited=True).run
    found = [timed(lambda: one(seed)) for seed in range(count)]
    told.write_text(json.dumps({"submit": [t for t, _ in found], "runs": [run for _, run in found]}))
    while not told.with_suffix(".go").exists():
        time.sleep(0.05)
    later = [timed(lambda: one(seed)) for seed in range(count, count + 30) if not time.sleep(0.2)]
    names = ["concat", "gated", "tensor", "sum", "late_average", "product"]
    wide = Comparison.make("interactions", names, seeds=10, settings=LONG)
    wide.runs
    compare, runs = timed(lambda: executor.compare(wide, "me", unlimited=True))
    for run in {*[run for _, run in found], *[run for _, run in later], *runs}:
        executor.stop(run, "me")
    told.with_suffix(".after").write_text(json.dumps({"submit": [t for t, _ in later], "compare": compare, "runs": len(runs)}))
threading.Thread(target=guarded, daemon=True).start()
sys.exit(main())
"""


def fill(root: Path, count: int) -> None:
    """Finished runs, each with 40 records, 20 snapshots and 20 pictures."""
    runs = Runs(root)
    for seed in range(count):
        folder, _ = runs.open(RunConfig.make("av_digits", settings={"seed": seed}))
        lines = "".join(
            f'{{"step": {step}, "epoch": {step}, "train/loss": 1.0, "test/accuracy": 0.5}}\\n' for step in range(40)
        )
        (folder / "metrics.jsonl").write_text(lines)
        for kind in ("frames", "projection"):
            (folder / kind).mkdir()
            for step in range(20):
                store.frame_path(folder, kind, step).write_bytes(b"x" * 2000)
        store.write_json(folder / "result.json", {"metrics": {"test/accuracy": 0.5}, "parameters": 1, "flops": 1})
        status = {"status": "finished", "step": 40, "epoch": 40.0, "epochs": 40, "seconds": 9.0}
        store.write_json(folder / "status.json", status)


async def look(port: int, runs: list[str], watchers: int, go: Path) -> list[float]:
    """Watch waiting runs and ask for health; how long each answer took."""
    import websockets

    async def watch(run: str) -> None:
        async with websockets.connect(f"ws://127.0.0.1:{port}/live/socket?run={run}", max_size=None) as connection:
            async for _ in connection:
                pass

    tasks = [asyncio.create_task(watch(run)) for run in runs[-watchers:]]
    await asyncio.sleep(3)
    go.touch()
    found = []
    for _ in range(int(SECONDS / EVERY)):
        found.append(await asyncio.to_thread(health, port))
        await asyncio.sleep(EVERY)
    broken = [task for task in tasks if task.done()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    if broken:
        print(f"{len(broken)} watchers ended")
    return found


def wait_for(path: Path, server: subprocess.Popen[bytes]) -> None:
    begun = time.monotonic()
    while not path.exists():
        if server.poll() is not None or time.monotonic() - begun > 300:
            raise SystemExit("the server ended, or its workers never got ready")
        time.sleep(0.1)
    time.sleep(0.1)


def health(port: int) -> float:
    begun = time.perf_counter()
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=60) as answer:
        answer.read()
    return time.perf_counter() - begun


def show(name: str, seconds: list[float]) -> None:
    ordered = sorted(seconds)
    p99 = ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))]
    print(
        f"{name:<34} p50 {1e3 * statistics.median(ordered):6.1f} ms   p99 {1e3 * p99:6.1f}   worst {1e3 * ordered[-1]:6.1f}"
    )


def main() -> None:
    folders, queued, watchers = (int(text) for text in [*sys.argv[1:], *("1000", "100", "30")[len(sys.argv) - 1 :]])
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
        root, told, port = Path(place) / "runs", Path(place) / "told.json", free_port()
        fill(root, folders)
        options = ["--no-browser", "--port", str(port), "--runs", str(root), str(queued), str(told)]
        server = subprocess.Popen([sys.executable, "-c", SERVER, *options], cwd=ROOT)
        try:
            wait_for(told, server)
            before = json.loads(told.read_text())
            answers = asyncio.run(look(port, before["runs"], watchers, told.with_suffix(".go")))
            wait_for(told.with_suffix(".after"), server)
            after = json.loads(told.with_suffix(".after").read_text())
        finally:
            server.terminate()
            server.wait(30)
    print(f"{folders} folders, {queued} waiting, {watchers} watchers of waiting runs, workers training")
    show("health", answers)
    show("submit, one run", before["submit"])
    show("submit while all that is watched", after["submit"])
    print(f"comparison of {after['runs']} runs, one request: {1e3 * after['compare']:.1f} ms")


if __name__ == "__main__":
    main()
