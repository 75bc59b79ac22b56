"""Six methods over five seeds on `interactions`, in the app: click on Compare until the first figures, and until all of them.

    python benchmarks/compare.py

A fresh runs folder, warm workers, a real browser.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.servers import FLAGS, app, free_port, wait

LINK = "compare?v=1&dataset=interactions&fusions=input_mlp,concat,tensor,film,late_average,input_linear&trials=5"
INTERVALS = "document.querySelector('[data-view=interval_plot]')"
WARM = 25  # seconds until workers and kernels are warm


def main() -> None:
    """Print one line."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as place:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        port = free_port()
        with app(Path(place), port) as (url, _):
            time.sleep(WARM)
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.goto(f"{url}/{LINK}")
            page.wait_for_selector(".st-key-compare button:enabled")
            time.sleep(2)
            begun = time.perf_counter()
            page.click(".st-key-compare button")
            wait(page, f"{INTERVALS}?.dataset.methods", 120)
            first = time.perf_counter() - begun
            wait(page, f"{INTERVALS}.dataset.done === {INTERVALS}.dataset.runs", 600)
            whole = time.perf_counter() - begun
            runs = page.evaluate(f"{INTERVALS}.dataset.runs")
            page.close()
        browser.close()
    print(
        f"compare, 6 methods x 5 seeds and each sense alone ({runs} runs): first figures {first:.1f} s, all {whole:.1f} s"
    )


if __name__ == "__main__":
    main()
