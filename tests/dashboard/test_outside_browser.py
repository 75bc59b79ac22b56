"""Forty texts that would do something if they were read, in every place that takes text from outside, in a browser."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from core.compare import advice
from core.compare.comparison import Comparison
from core.config import RunConfig
from core.serving.task_queue import TaskQueue
from dashboard.markdown import clean
from tests.dashboard.conftest import Server, start_server
from tests.dashboard.payloads import PAYLOADS, UNSHOWABLE
from tests.dashboard.test_browser import MAP, until

pytestmark = pytest.mark.browser
ALL = (
    *PAYLOADS,
    *(text for text in UNSHOWABLE if "\ud83d" not in text),
)  # a file or link with half a character is refused
FIELDS = (
    "dataset",
    "fusion",
    "objective",
    "run",
    "fusions",
    "common",
    "trials",
    "seeds",
    "v",
    "set.batch_size",
    "lang",
)
BOXES = "[data-testid=stAlert]"
MADE = """() => [...document.querySelectorAll(
  "BOX a, BOX img, BOX em, BOX strong, BOX h1, BOX li, BOX blockquote, BOX table, BOX del, BOX hr, BOX .katex, BOX pre," +
  "BOX [class*=badge], BOX .stMarkdownColoredText, [src*='spy.'], [href*='spy.'], [srcdoc], iframe, script:not([src]):not([id])"
)].filter(n => !n.matches("head *")).map(n => n.outerHTML.slice(0, 200))""".replace("BOX", BOXES)


def one_of(values: range) -> list[object]:
    """The first always, the others where there is time."""
    return [values[0], *(pytest.param(value, marks=pytest.mark.slow) for value in values[1:])]


@pytest.fixture(scope="module")
def strange(finished: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server on a runs folder that a stranger wrote: every text that they can choose is a payload."""
    root = tmp_path_factory.mktemp("strange") / "runs"
    for i, text in enumerate(ALL):
        folder = root / f"{i:012x}"
        shutil.copytree(finished, folder, ignore=shutil.ignore_patterns("frames", "*.safetensors"))
        config = json.loads((folder / "config.json").read_text())
        (folder / "config.json").write_text(json.dumps({**config, "id": folder.name, "created": 1.7e9 + i}))
        (folder / "label.json").write_text(json.dumps({"name": text, "star": text}))
        (folder / "status.json").write_text(
            json.dumps({"status": "failed", "message": text, "error": text, "values": [text]})
        )
        probe = json.loads((folder / "probe.json").read_text())
        probe["classes"] = [ALL[(i + j) % len(ALL)] for j in range(len(probe["classes"]))]
        probe["target"]["names"] = probe["classes"]
        (folder / "probe.json").write_text(json.dumps(probe))
    data = RunConfig.make("interactions")
    place = advice.place(root, data.dataset, data.data_settings)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(json.dumps({"problem": {"message": PAYLOADS[0], "error": PAYLOADS[1], "values": {}}}))
    table = TaskQueue(root).open(Comparison.make("interactions", ["concat", "sum"]))
    (table / "problem.json").write_text(json.dumps({"message": PAYLOADS[2], "error": None}))
    process, url = start_server(root, warm=False)
    yield Server(url, root, process)
    process.terminate()
    process.wait(timeout=20)


@pytest.fixture
def watched(page, strange: Server):
    """A page that keeps what was asked of whom."""
    page.asked = []
    page.on("request", lambda request: page.asked.append(request.url))
    page.on("dialog", lambda dialog: page.troubles.append(dialog.message))
    yield page
    ours = (strange.url, strange.url.replace("http", "ws"), "data:", "blob:")
    assert not [url for url in page.asked if not url.startswith(ours)] and not page.troubles
    assert page.title() in ("Fusionarium", "Start", "Playground", "Compare", "Runs")


def one_line(text: str) -> str:
    return " ".join(text.split())


def boxes(page, enough: int = 1) -> str:
    until(lambda: page.locator(BOXES).count() >= enough)
    assert page.evaluate(MADE) == []
    return one_line(" ".join(page.locator(BOXES).all_inner_texts()))


@pytest.mark.parametrize("start", one_of(range(0, len(ALL), len(FIELDS))))
def test_a_link(start: int, watched, strange: Server) -> None:
    texts = {field: ALL[(start + i) % len(ALL)] for i, field in enumerate(FIELDS)}
    watched.goto(f"{strange.url}/playground?{'&'.join(f'{name}={quote(text)}' for name, text in texts.items())}")
    wanted = [
        one_line(clean(part))
        for field, text in texts.items()
        for part in ([text.removeprefix("v")] if field != "fusions" else text.split(","))
        if field != "common"
    ]
    until(lambda: not [part for part in wanted if part not in boxes(watched, 8)])  # a box is there before its words


@pytest.mark.parametrize("i", one_of(range(0, len(ALL), 6)))
def test_a_run_folder(i: int, watched, strange: Server) -> None:
    run = f"{i:012x}"
    watched.goto(f"{strange.url}/runs?v=1&run={run}")
    watched.wait_for_selector(f"{MAP} .fus-key")
    until(lambda: one_line(clean(ALL[i])) in boxes(watched))  # why it failed; a box is there before its words
    keys = watched.locator(f"{MAP} .fus-key")
    for text in (ALL[(i + j) % len(ALL)] for j in range(4)):
        until(lambda text=text: any(one_line(text) in one_line(key) for key in keys.all_inner_texts()))
    name = watched.locator(f"[class*='st-key-name-{run}'] input, [class*='st-key-name_{run}'] input").first
    assert name.input_value().replace("\ufffd", " ") == clean(ALL[i], 60).replace("\ufffd", " ")
    assert watched.evaluate(MADE) == []


def test_a_table_and_an_answer(watched, strange: Server) -> None:
    watched.goto(f"{strange.url}/compare?v=1&dataset=interactions&fusions=concat,sum")
    watched.locator(".st-key-advice button").first.click()
    until(lambda: one_line(PAYLOADS[0]) in boxes(watched))
