"""What a person does, in a real browser: train, watch, zoom, scrub, reload, switch language and theme."""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import time
from contextlib import suppress
from pathlib import Path

import pytest
from PIL import Image

from core.config import RunConfig
from core.runs import frames, store
from dashboard.texts import catalogue
from tests.dashboard.conftest import PATIENCE, Server, start_server

pytestmark = pytest.mark.browser

MAP, CURVES, MATRIX = '[data-view="map"]', '[data-view="curves"]', '[data-view="matrix"]'
QUICK = "set.epochs=8&set.data.train_size=1024"


def until(condition, seconds: float = PATIENCE):
    """Poll until true; its value."""
    begun = time.monotonic()
    while not (found := condition()):
        assert time.monotonic() - begun < seconds, "waited in vain"
        time.sleep(0.1)
    return found


def data_attribute(page, view: str, name: str) -> str:
    return page.get_attribute(view, f"data-{name}") or ""


def address(page) -> str:
    """Asked of the browser: Playwright's own `url` is news only while it waits for something."""
    return page.evaluate("location.href")


def pixels(page, view: str) -> str:
    """A hash of what the canvas shows."""
    data = page.evaluate(f"document.querySelector('{view} canvas').toDataURL()")
    return hashlib.sha256(data.encode()).hexdigest()


def still(page, view: str) -> str:
    """`pixels`, once points have come to rest."""

    def rests() -> str:
        before = pixels(page, view)
        page.wait_for_timeout(300)
        return before if pixels(page, view) == before else ""

    return until(rests)


def open_page(page, server: Server, path: str) -> None:
    page.goto(f"{server.url}/{path}")
    page.wait_for_selector(MAP)


def test_a_live_run_from_click_to_finish(page, server: Server) -> None:
    open_page(page, server, f"playground?v=1&dataset=av_digits&fusion=concat&{QUICK}&set.seed=90001")
    page.evaluate(f"document.querySelector('{MAP}').marked = true")
    assert data_attribute(page, MAP, "run") == ""
    page.click(".st-key-train button")
    first = until(lambda: data_attribute(page, MAP, "points") == "1000" and data_attribute(page, MAP, "step"))
    before = pixels(page, MAP)
    page.locator(f"{MAP} canvas").dispatch_event("wheel", {"deltaY": -400, "clientX": 700, "clientY": 300})
    zoom = until(lambda: page.get_attribute(f"{MAP} canvas", "data-zoom"))
    until(lambda: data_attribute(page, MAP, "status") == "finished")
    until(
        lambda: (
            data_attribute(page, MAP, "step")
            == data_attribute(page, CURVES, "step")
            == data_attribute(page, MATRIX, "step")
        )
    )
    assert int(data_attribute(page, MAP, "step")) > int(first) and pixels(page, MAP) != before
    assert page.evaluate(f"document.querySelector('{MAP}').marked"), "the view was mounted again"
    assert page.get_attribute(f"{MAP} canvas", "data-zoom") == zoom
    run = data_attribute(page, MAP, "run")
    assert store.read_status(server.runs / run)["status"] == "finished"
    ours = {path.read_bytes() for path in (server.runs / run / "projection").iterdir()}
    shipped = {path.read_bytes() for path in store.REPLAYS.rglob("*.bin")}
    assert not ours & shipped and not page.troubles


def test_scrubbing_a_replay(page, server: Server) -> None:
    open_page(page, server, "")
    until(lambda: data_attribute(page, MAP, "run") == "replay-start" and data_attribute(page, MAP, "step"))
    page.click('.fus-button[data-act="play"]')  # pause
    page.locator(".fus-scrub").evaluate("n => { n.value = 0; n.dispatchEvent(new Event('input')) }")
    until(lambda: data_attribute(page, MAP, "step") == "0")
    at_first = still(page, MAP)
    page.locator(".fus-scrub").evaluate("n => { n.value = n.max; n.dispatchEvent(new Event('input')) }")
    last = until(lambda: data_attribute(page, MAP, "step") != "0" and data_attribute(page, MAP, "step"))
    until(lambda: data_attribute(page, MATRIX, "step") == last)
    assert still(page, MAP) != at_first
    page.locator(".fus-transport").press("ArrowLeft")
    until(lambda: data_attribute(page, MAP, "step") != last)
    assert not page.troubles


def test_three_clicks_on_start(page, server: Server) -> None:
    open_page(page, server, "")
    page.click(".st-key-train button")
    until(lambda: re.fullmatch("[0-9a-f]{12}", data_attribute(page, MAP, "run")))
    until(lambda: data_attribute(page, MAP, "status") == "finished")
    assert page.locator(".fus-before").first.inner_text()
    page.click(".fus-commit")
    page.wait_for_selector(".fus-robustness select:not([hidden])")
    page.locator(".fus-robustness label").nth(1).locator("input").evaluate(
        "n => { n.value = 100; n.dispatchEvent(new Event('input')) }"
    )
    until(lambda: "50 %" in page.inner_text(".fus-answer"))
    result = store.read_json(server.runs / data_attribute(page, MAP, "run") / "result.json")
    told_accuracy = float(page.get_attribute(".fus-robustness", "data-score"))
    assert told_accuracy == pytest.approx(result["missing"]["audio"][-1][1])
    assert page.evaluate("document.querySelector('.stMain').scrollHeight") <= 720
    run = data_attribute(page, MAP, "run")
    page.get_by_text(catalogue("en")["start.next"]).click()
    until(lambda: "/playground" in address(page) and data_attribute(page, MAP, "run") == run)
    assert page.locator(".st-key-train button").inner_text().endswith(catalogue("en")["train.again"])


@pytest.mark.parametrize(
    ("objective", "curve", "numbers"),
    [
        ("regression", "r2", ["r2", "recall@1", "modality_gap"]),
        ("multi_label+siglip", "map", ["map", "recall@1", "modality_gap"]),
        ("siglip", "recall@1", ["recall@1", "modality_gap", "spread"]),
    ],
)
def test_a_run_is_shown_by_what_its_objective_judges(
    page, server: Server, train_to_end, objective: str, curve: str, numbers: list[str]
) -> None:
    small = {"epochs": 2, "width": 8, "data.train_size": 64, "data.test_size": 64, "batch_size": 32}
    run = train_to_end(RunConfig.make("captions", "concat", objective, small), server.runs).name
    open_page(page, server, f"runs?v=1&run={run}")
    until(lambda: data_attribute(page, CURVES, "metric") == curve and data_attribute(page, CURVES, "points"))
    cells = page.locator(".fus-number")
    assert [cells.nth(i).get_attribute("data-metric") for i in range(3)] == [f"test/{name}" for name in numbers]
    values = store.read_json(server.runs / run / "result.json")["metrics"]
    for i, name in enumerate(numbers):
        until(lambda i=i, name=name: cells.nth(i).locator(".fus-value").inner_text() == f"{values[f'test/{name}']:.2f}")
    swap = page.locator(".fus-number[data-metric='test/foil/colour_swap'] .fus-value")  # not every run has one
    until(lambda: swap.inner_text() == f"{values['test/foil/colour_swap']:.2f}")
    assert not page.troubles


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_playground_needs_no_scrolling_on_a_laptop(page, server: Server, lang: str) -> None:
    """1280 x 720: every choice, the button, the numbers and the views."""
    open_page(page, server, f"playground?v=1&lang={lang}&set.seed=90077")
    until(lambda: page.locator(".fus-chip").count() > 0 and page.locator(".fus-diagram svg").count() > 0)
    until(lambda: page.evaluate("document.querySelector('.stMain').scrollHeight") <= 720)
    page.set_viewport_size({"width": 1920, "height": 1080})
    until(lambda: page.locator(MAP).bounding_box()["height"] > 400)  # the room of a projector is used
    assert page.evaluate("document.querySelector('.stMain').scrollHeight") <= 1080


def test_reload_finds_the_run_again(page, server: Server) -> None:
    link = f"playground?v=1&fusion=gated&{QUICK}&set.seed=90002&set.epochs=1000"  # longer than the test
    open_page(page, server, link)
    page.click(".st-key-train button")
    run = until(lambda: data_attribute(page, MAP, "run"))
    until(lambda: data_attribute(page, MAP, "step") not in ("", "0"))
    page.reload()
    until(
        lambda: (
            page.query_selector(MAP) and data_attribute(page, MAP, "run") == run and data_attribute(page, MAP, "step")
        )
    )
    until(lambda: page.is_enabled(".st-key-stop button"))
    page.click(".st-key-stop button")
    until(lambda: store.read_status(server.runs / run)["status"] == "stopped")
    assert int(store.read_status(server.runs / run)["epoch"]) < 1000


def test_a_link_with_a_bad_value(page, server: Server) -> None:
    open_page(page, server, "playground?v=1&fusion=telepathy&set.batch_size=0")
    alerts = page.locator('[data-testid="stAlert"]')
    until(lambda: all(word in " ".join(alerts.all_inner_texts()) for word in ("telepathy", "batch_size")))


LOOKS = [
    ("", "en", "light"),
    ("playground", "zh", "dark"),
    ("runs", "en", "light"),
]  # one each; CI looks at the others too
OTHERS = [("", "zh", "dark"), ("playground", "en", "light"), ("runs", "zh", "dark")]


@pytest.mark.parametrize(
    ("path", "lang", "scheme"), [*LOOKS, *(pytest.param(*other, marks=pytest.mark.slow) for other in OTHERS)]
)
def test_both_languages_light_and_dark(chromium, server: Server, path: str, lang: str, scheme: str) -> None:
    context = chromium.new_context(viewport={"width": 1280, "height": 720}, color_scheme=scheme)
    page = context.new_page()
    outside: list[str] = []
    page.on(
        "request",
        lambda r: outside.append(r.url) if not r.url.startswith((server.url, "data:", "blob:", "ws:")) else None,
    )
    page.goto(f"{server.url}/{path}?v=1&lang={lang}")
    page.wait_for_selector(".st-key-language")
    page.wait_for_selector(MAP if path != "runs" else "h4")
    until(lambda: bool(re.search("[\u4e00-\u9fff]{4,}", page.inner_text(".stApp"))) == (lang == "zh"))
    colour = "getComputedStyle(document.querySelector('.stApp')).backgroundColor"
    until(lambda: (sum(map(int, re.findall(r"\d+", page.evaluate(colour))[:3])) < 200) == (scheme == "dark"))
    assert not outside, outside
    context.close()


def test_the_language_switch(page, server: Server) -> None:
    open_page(page, server, "")
    page.click('.st-key-language button:has-text("中文")')
    page.wait_for_selector("text=两种感官")
    until(lambda: "lang=zh" in address(page))


def test_the_codec_reads_what_python_wrote(page, server: Server) -> None:
    import numpy as np

    from core.runs.frames import decode, encode

    blocks = {
        "a": np.arange(6, dtype=np.int16).reshape(2, 3) - 3,
        "b": np.array([0.5, -2.25, 65504.0], np.float16),
        "c": np.array([1, 255], np.uint8),
        "d": np.array([np.pi], np.float32),
        "e": np.array([300, 65535], np.uint16),
    }
    data = encode({"step": 7, "text": "中"}, blocks)
    page.goto(f"{server.url}/_stcore/health")
    script = """async (bytes) => {
      const { decode } = await import('/live/static/x/codec.js');
      const { header, blocks } = decode(new Uint8Array(bytes).buffer);
      let refused = 0;
      for (const cut of [0, 4, 7, 20, bytes.length - 8])
        try { decode(new Uint8Array(bytes.slice(0, cut)).buffer) } catch { refused += 1 }
      return { header, refused, blocks: Object.fromEntries(Object.entries(blocks).map(([n, b]) => [n, [b.shape, [...b.data]]])) };
    }"""
    found = page.evaluate(script, list(data))
    header, ours = decode(data)
    assert found["header"] == header and found["refused"] == 5
    for name, array in ours.items():
        assert found["blocks"][name] == [list(array.shape), array.astype(float).ravel().tolist()]


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="kill -9 is a signal of POSIX systems")
def test_kill_9_of_the_server_loses_nothing(page, tmp_path: Path) -> None:
    process, url = start_server(tmp_path / "runs")
    own = Server(url, tmp_path / "runs", process)
    open_page(page, own, f"playground?v=1&fusion=concat&{QUICK}&set.seed=90003")
    page.click(".st-key-train button")
    run = until(lambda: data_attribute(page, MAP, "run"))
    until(lambda: data_attribute(page, MAP, "step") not in ("", "0"))
    process.send_signal(signal.SIGKILL)
    process.wait()
    until(lambda: page.get_attribute(MAP, "data-lost"))
    until(lambda: store.read_status(own.runs / run)["status"] == "finished")  # the worker ends what it began
    again, url = start_server(own.runs)
    page.goto(f"{url}/runs?v=1&run={run}")
    until(lambda: page.query_selector(MAP) and data_attribute(page, MAP, "status") == "finished")
    again.terminate()
    again.wait(timeout=20)


@pytest.mark.slow
def test_a_killed_worker_is_shown_and_replaced(page, server: Server) -> None:
    open_page(page, server, f"playground?v=1&fusion=concat&{QUICK}&set.seed=90004&set.epochs=1000")
    page.click(".st-key-train button")
    run = until(lambda: data_attribute(page, MAP, "run"))
    until(lambda: data_attribute(page, MAP, "step") not in ("", "0"))
    os.kill(_writer(store.find_run(server.runs, run)), signal.SIGKILL)
    until(lambda: data_attribute(page, MAP, "status") == "stopped")
    assert store.find_run(server.runs, run)


def _writer(folder: Path) -> int:
    """The process that trains a run: the one that holds its lock file open. A server has several workers."""
    lock = str(folder / "lock")
    for handle in Path("/proc").glob("[0-9]*/fd/*"):
        with suppress(OSError):
            if os.readlink(handle) == lock and "core.serving.worker" in (handle.parents[1] / "cmdline").read_text():
                return int(handle.parents[1].name)
    raise AssertionError("no worker")


@pytest.mark.slow
def test_a_run_on_the_list_opens_as_a_replay(page, server: Server, finished: Path) -> None:
    import shutil

    from core.serving.projector import project_run

    folder = server.runs / finished.name
    if not folder.exists():
        shutil.copytree(finished, folder)
        project_run(folder)
    page.goto(f"{server.url}/runs?v=1&run={finished.name}")
    until(lambda: page.query_selector(MAP) and data_attribute(page, MAP, "points") == "128")
    assert json.loads((folder / "config.json").read_text())["id"] == data_attribute(page, MAP, "run")
    assert "python -m core train" in page.inner_text(".stCode")


def hovered_card(page):
    """The card of some point of the map."""
    box, card = page.locator(f"{MAP} canvas").bounding_box(), page.locator(f"{MAP} .fus-card").first

    def hovered() -> bool:
        for x in range(30, 72, 2):
            for y in range(30, 72, 4):
                page.mouse.move(box["x"] + box["width"] * x / 100, box["y"] + box["height"] * y / 100)
                page.wait_for_timeout(20)
                if card.is_visible():
                    return True
        return False

    until(hovered)
    return card


@pytest.mark.slow
def test_a_card_says_how_unsure_a_method_is_that_knows_it(page, server: Server) -> None:
    open_page(page, server, f"playground?v=1&fusion=late_evidential&{QUICK}")
    page.click(".st-key-train button")
    until(
        lambda: (
            data_attribute(page, MAP, "status") == "finished" and data_attribute(page, MAP, "points") not in ("", "0")
        )
    )
    until(
        lambda: (
            data_attribute(page, MAP, "step")
            == data_attribute(page, CURVES, "step")
            == data_attribute(page, MATRIX, "step")
        )
    )  # the last picture
    folder = store.find_run(server.runs, data_attribute(page, MAP, "run"))
    assert json.loads((folder / "config.json").read_text())["objective"] == "evidential"
    said = hovered_card(page).locator(".fus-unsure").inner_text()
    _, blocks = frames.decode(
        store.frame_path(folder, "projection", int(data_attribute(page, MAP, "step"))).read_bytes()
    )
    shares = {f"unsure {share / 255:.2f}" for share in blocks["uncertainty"]}
    assert said in shares and len(shares) > 5
    assert page.locator('.fus-diagnostic[data-diagnostic="uncertainty"] .fus-bar').count() == 3
    assert not page.troubles


@pytest.mark.slow
def test_new_data_can_be_seen_without_a_reload(page, server: Server) -> None:
    """Data that nobody has used before are drawn at a run's end; thumbnails and hover cards find them then."""
    open_page(page, server, "playground?v=1&fusion=concat&set.epochs=3&set.data.train_size=512&set.data.text=true")
    assert page.locator(".fus-thumb").count() == 0
    page.click(".st-key-train button")
    until(
        lambda: (
            data_attribute(page, MAP, "status") == "finished" and data_attribute(page, MAP, "points") not in ("", "0")
        )
    )
    until(lambda: page.locator(".fus-thumb .fus-quote").count() == 5)
    card = hovered_card(page)
    until(lambda: card.locator(".fus-picture").count() == card.locator(".fus-quote").count() == 1)
    assert not page.troubles


def test_the_bits_of_the_data_and_what_a_method_hears_of_them(page, server: Server) -> None:
    page.goto(f"{server.url}/playground?v=1&dataset=interactions&fusion=late_average&set.epochs=3")
    page.wait_for_selector(MAP)
    page.click(".st-key-train button")

    def heard(part: str) -> float:
        found = page.locator(f'.fus-information [data-part="{part}"]')
        return float(found.get_attribute("data-accuracy") or 0) if found.count() else 0.0

    until(lambda: min(heard(part) for part in ("redundant", "unique1", "unique2")) > 0.9)
    assert 0.4 < heard("synergy") < 0.6, "who adds up what each side says alone cannot see it"
    assert page.locator(".fus-information .fus-bits").first.inner_text() == "0.71"
    assert page.locator(".fus-information th").nth(1).inner_text() == "bits, test data"


@pytest.mark.parametrize("view", [MATRIX, CURVES])
def test_what_is_drawn_can_be_taken_away(page, server: Server, view: str) -> None:
    open_page(page, server, "")
    until(lambda: int(data_attribute(page, view, "points") or 0) > 0)
    page.hover(view)
    with page.expect_download() as waiting:
        page.click(f"{view} > .fus-save")
    picture = Image.open(waiting.value.path())
    assert len(picture.convert("RGB").getcolors(1 << 20)) > 8  # something was drawn on it


def test_a_click_on_the_second_page_of_runs_opens_that_run(page, server: Server, finished: Path) -> None:
    """The number of a row is counted on the page that is shown; the keyboard searches and turns it too."""
    import shutil

    config = json.loads((finished / "config.json").read_text())
    folders = [server.runs / f"{i:012x}" for i in range(60)]
    for i, folder in enumerate(folders):
        shutil.copytree(finished, folder)
        (folder / "config.json").write_text(json.dumps({**config, "seed": i, "created": 1.7e9 + i}))
    try:
        page.goto(f"{server.url}/runs?v=1")
        page.locator(".st-key-find input").fill("0000000000")
        page.keyboard.press("Enter")
        page.get_by_text("1–50 of 60").wait_for()
        page.locator(".st-key-page_on button").focus()
        page.keyboard.press("Enter")
        page.get_by_text("51–60 of 60").wait_for()
        tables = page.locator('[data-testid="stDataFrame"]')
        until(lambda: tables.count() == 1 and tables.locator("canvas").count() > 0)  # the page before's is gone
        box = tables.bounding_box()
        until(lambda: _opened(page, box))
        assert f"run={9:012x}" in address(page), "the first row of the second page"
    finally:
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)


def _opened(page, box) -> bool:
    """Click on the first row. The table may not listen yet; a second click would take the first one back."""
    page.mouse.click(box["x"] + 300, box["y"] + 38 + 17)
    with suppress(AssertionError):
        return until(lambda: "run=" in address(page), 10)
    return False
