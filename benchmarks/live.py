"""The live channel in a real browser: disk to screen, watchers, clicks, start, page switch.

    python benchmarks/live.py [latency] [watchers] [click] [start] [switch]

Each figure stands beside a baseline of a few lines (`benchmarks/baselines/`) that is served and measured in the same run.
Needs Chromium (CHROMIUM or the system's) and playwright.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.feed import Feed
from benchmarks.servers import FLAGS, app, bare, free_port, wait

PERIOD = 1.0  # seconds between frames
CURVES = '[data-view="curves"]'


# A frame is visible when all views say that they have drawn it and the browser has begun its next frame: what was drawn
# before is then on its way to the screen.
VISIBLE = """(step) => new Promise((done) => {
  const there = () => %s;
  const end = () => requestAnimationFrame(() => done(true));
  const look = new MutationObserver(() => there() && (look.disconnect(), end()));
  look.observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
  if (there()) look.disconnect(), end(); })"""
_OURS = "[...document.querySelectorAll('[data-view]')]"
_THEIRS = "[...document.querySelectorAll('.gtitle')]"
WATCH = VISIBLE % f"{_OURS}.length >= 3 && {_OURS}.every((v) => Number(v.dataset.step) >= step)"
WATCH_PLOTLY = VISIBLE % f"{_THEIRS}.length >= 3 && {_THEIRS}.every((t) => t.textContent === `step ${{step}}`)"


def latency(browser, count: int = 30, warm: int = 5) -> None:
    """Written on disk until visible, ours against `st.plotly_chart` in a fragment, at the same frame period."""
    ours, theirs = [], []
    with tempfile.TemporaryDirectory() as place:
        feed, port = Feed(Path(place)), free_port()
        feed.write()
        with app(Path(place), port) as (url, _):
            page = browser.new_page(viewport={"width": 1280, "height": 720})
            page.goto(f"{url}/runs?v=1&run={feed.folder.name}")
            page.wait_for_selector('[data-view="map"][data-points="2000"]')
            page.evaluate("document.querySelector('[data-view=map]').marked = 1")
            ours = _paced(page, feed, WATCH, count, warm)
            kept = page.evaluate("document.querySelector('[data-view=map]').marked === 1")
            page.close()
        port = free_port()
        with bare("plotly_live.py", port, FEED=str(feed.folder)) as (url, _):
            page = browser.new_page(viewport={"width": 1280, "height": 720})
            page.goto(url)
            page.wait_for_selector(".gtitle", timeout=60_000)
            theirs = _paced(page, feed, WATCH_PLOTLY, count, warm)
            page.close()
    ratio = statistics.median(theirs) / statistics.median(ours)
    print(
        f"disk -> visible: p50 {_ms(ours)}, worst {max(ours) * 1000:.0f} ms; st.plotly_chart p50 {_ms(theirs)}; {ratio:.0f}x; same node after {count + warm} frames: {kept}"
    )


def _paced(page, feed: Feed, watch: str, count: int, warm: int) -> list[float]:
    found = []
    for _ in range(count + warm):
        next_at = time.perf_counter() + PERIOD
        step = feed.write()
        begun = time.perf_counter()
        page.evaluate(watch, step)
        found.append(time.perf_counter() - begun)
        time.sleep(max(0.0, next_at - time.perf_counter()))
    return found[warm:]


def watchers() -> None:
    """CPU of the server for 30 and 100 sockets at a frame a second, and how many frames each one got."""
    with tempfile.TemporaryDirectory() as place:
        feed, port = Feed(Path(place)), free_port()
        feed.write()
        with app(Path(place), port) as (url, process):
            time.sleep(8)  # the workers warm up elsewhere; the server is idle
            for clients in (30, 100):
                before, begun = _cpu(process.pid), time.perf_counter()
                got = asyncio.run(_watch(url, feed, clients, seconds=15))
                cores = (_cpu(process.pid) - before) / (time.perf_counter() - begun)
                frames_sent = sum(got)
                lost = clients * 15 - frames_sent
                each = (_cpu(process.pid) - before) / max(1, frames_sent)
                print(
                    f"{clients} watchers, 1 frame/s: {cores:.3f} cores, {each * 1000:.2f} ms a delivered frame, {lost} of {clients * 15} frames dropped"
                )


async def _watch(url: str, feed: Feed, clients: int, seconds: int) -> list[int]:
    import websockets

    address = f"{url.replace('http', 'ws')}/live/socket?run={feed.folder.name}"

    async def one(counts: list[int], i: int, ready: asyncio.Event) -> None:
        async with websockets.connect(address, max_size=None) as connection:
            async for message in connection:
                if ready.is_set() and isinstance(message, bytes):
                    counts[i] += 1

    counts, ready = [0] * clients, asyncio.Event()
    tasks = [asyncio.create_task(one(counts, i, ready)) for i in range(clients)]
    await asyncio.sleep(1.5)
    ready.set()
    for _ in range(seconds):
        await asyncio.to_thread(feed.write)
        await asyncio.sleep(1)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return counts


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def click(browser, count: int = 7) -> None:
    """Click on Train until the first loss is on the screen, against a bare button's rerun."""
    ours, theirs = [], []
    with tempfile.TemporaryDirectory() as place:
        port = free_port()
        with app(Path(place), port) as (url, _):
            time.sleep(25)  # workers and kernels are warm
            for seed in range(count):
                page = browser.new_page(viewport={"width": 1280, "height": 720})
                page.goto(f"{url}/playground?v=1&set.epochs=2&set.seed={5000 + seed}")
                page.wait_for_selector(CURVES)
                time.sleep(1.5)
                begun = time.perf_counter()
                page.click(".st-key-train button")
                wait(page, f"Number(document.querySelector('{CURVES}').dataset.points) > 0")
                ours.append(time.perf_counter() - begun)
                page.close()
                time.sleep(3)
        port = free_port()
        with bare("button.py", port) as (url, _):
            page = browser.new_page()
            page.goto(url)
            page.wait_for_selector("button")
            for i in range(1, count + 1):
                time.sleep(0.5)
                begun = time.perf_counter()
                page.click('[data-testid="stButton"] button')
                wait(page, f"document.body.innerText.includes('clicks {i}.')")
                theirs.append(time.perf_counter() - begun)
            page.close()
    print(
        f"click -> first loss: p50 {_ms(ours)}; bare button rerun p50 {_ms(theirs)}; {(statistics.median(ours) - statistics.median(theirs)) * 1000:+.0f} ms"
    )


def start(browser, count: int = 5) -> None:
    """Process start until the first moving picture, against a one-line page's first text."""
    ours, theirs = [], []
    for _ in range(count):
        with tempfile.TemporaryDirectory() as place:
            port = free_port()
            begun = time.perf_counter()
            with app(Path(place), port) as (url, _):
                ours.append(
                    _until(browser, url, "document.querySelector('[data-view=map]')?.dataset.points > 0", begun)
                )
        port = free_port()
        begun = time.perf_counter()
        with bare("one_line.py", port) as (url, _):
            theirs.append(_until(browser, url, "document.body.innerText.includes('hello')", begun))
    print(
        f"start -> first picture: p50 {_ms(ours)}; one-line page p50 {_ms(theirs)}; {statistics.median(ours) / statistics.median(theirs):.2f}x"
    )


def switch(browser, count: int = 9) -> None:
    """A page switch, against a bare two-page app."""
    ours, theirs = [], []
    with tempfile.TemporaryDirectory() as place:
        port = free_port()
        with app(Path(place), port) as (url, _):
            page = browser.new_page(viewport={"width": 1280, "height": 720})
            page.goto(url)
            page.wait_for_selector('[data-view="map"]')
            time.sleep(25)
            for i in range(count):
                target, sign = (("runs", "h4:has-text('Runs')"), ("playground", ".st-key-fusion"))[i % 2]
                ours.append(_switch(page, f'a[href*="/{target}"]', sign))
        port = free_port()
        with bare("two_pages.py", port) as (url, _):
            page = browser.new_page(viewport={"width": 1280, "height": 720})
            page.goto(url)
            page.wait_for_selector("text=first page")
            for i in range(count):
                target, sign = (("second", "text=second page"), ("first", "text=first page"))[i % 2]
                theirs.append(
                    _switch(page, f'a[href$="/{target}"]' if target == "second" else "nav a, header a >> nth=0", sign)
                )
    print(
        f"page switch: p50 {_ms(ours)}; bare two-page app p50 {_ms(theirs)}; {statistics.median(ours) / statistics.median(theirs):.2f}x"
    )


def _switch(page, link: str, sign: str) -> float:
    time.sleep(0.7)
    begun = time.perf_counter()
    page.click(link)
    page.wait_for_selector(sign)
    return time.perf_counter() - begun


def _until(browser, url: str, condition: str, begun: float) -> float:
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    page.goto(url)
    wait(page, condition)
    page.close()
    return time.perf_counter() - begun


def _ms(values: list[float]) -> str:
    return f"{statistics.median(values) * 1000:.0f} ms"


def main() -> None:
    """Run the parts that were named, or all."""
    from playwright.sync_api import sync_playwright

    named = sys.argv[1:] or ["latency", "watchers", "click", "start", "switch"]
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if "watchers" in named:
        watchers()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        for name, part in (("latency", latency), ("click", click), ("start", start), ("switch", switch)):
            if name in named:
                part(browser)
        browser.close()


if __name__ == "__main__":
    main()
