"""The robustness slider in a real browser: the table at once, the model for any share, one sentence where it cannot be asked."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from core.config import RunConfig
from core.runs import store
from dashboard.texts import catalogue
from tests.dashboard.conftest import Server, start_server
from tests.dashboard.test_browser import until

if TYPE_CHECKING:
    from playwright.sync_api import Route

pytestmark = pytest.mark.browser

SLIDER = ".fus-robustness"
SETTINGS = {"epochs": 2, "data.train_size": 256, "width": 8, "seed": 90101}


@pytest.fixture
def run(server: Server, train_to_end) -> Path:
    """A finished run."""
    return train_to_end(RunConfig.make("av_digits", "concat", settings=SETTINGS), server.runs)


def open_playground(page, server: Server, lang: str = "en") -> None:
    link = "&".join(f"set.{name}={value}" for name, value in SETTINGS.items())
    page.goto(f"{server.url}/playground?v=1&lang={lang}&dataset=av_digits&fusion=concat&{link}")
    page.wait_for_selector(f"{SLIDER}[data-asked=false]")


def told(page, name: str) -> str:
    return page.get_attribute(SLIDER, f"data-{name}") or ""


def drag(page, *values: int) -> dict[str, str]:
    """Each a move of its own, in frames of their own; what the slider says a moment after the last."""
    page.locator(f"{SLIDER} label").nth(1).locator("input").evaluate(
        "async (n, values) => { for (const value of values) { n.value = value; n.dispatchEvent(new Event('input'));"
        " await new Promise(requestAnimationFrame); } }",
        list(values),
    )
    return page.evaluate(
        f"new Promise(requestAnimationFrame).then(() => ({{...document.querySelector('{SLIDER}').dataset}}))"
    )


def shown(page) -> tuple[str, str]:
    """What stands beside the slider: the score, and the sentence about it."""
    return page.inner_text(f"{SLIDER} .fus-answer"), page.inner_text(f"{SLIDER} .fus-words .fus-note")


def test_any_share_is_answered_by_the_model_and_the_tables_levels_alike(page, server: Server, run: Path) -> None:
    rows = dict(map(tuple, store.read_result(run)["missing"]["audio"]))
    open_playground(page, server)
    page.select_option(f"{SLIDER} .fus-select", "missing/audio")
    drag(page, *range(1, 38))
    until(lambda: told(page, "asked") == "true" and told(page, "severity") == "37")
    answer, sentence = shown(page)
    assert "at 37 %" in answer and "prediction for" in sentence
    for level in (40, 100):
        at_once = drag(page, level)
        assert at_once["severity"] == str(level) and float(at_once["score"]) == rows[level], "the table does not wait"
        until(lambda: told(page, "asked") == "true")
        assert told(page, "severity") == str(level) and float(told(page, "score")) == rows[level], "nor differ"
    points = page.get_attribute(f"{SLIDER} polyline.fus-measured", "points").split(" ")
    assert len(points) == len(rows) and page.locator(f"{SLIDER} circle.fus-asked").count() == 1
    assert not page.troubles


def test_where_the_model_cannot_be_asked_the_table_stays(page, server: Server, run: Path) -> None:
    (run / store.CHECKPOINT).unlink()
    rows = dict(map(tuple, store.read_result(run)["missing"]["image"]))
    open_playground(page, server, "zh")
    page.select_option(f"{SLIDER} .fus-select", "missing/image")
    drag(page, 33)
    until(lambda: shown(page)[1] == catalogue("zh")["live.robustness_slider.unanswered"])
    assert told(page, "asked") == "false" and float(told(page, "score")) == rows[30] and "30 %" in shown(page)[0]
    shutil.rmtree(run)
    assert not page.troubles


def test_a_slow_and_a_busy_model_say_so_and_the_table_stays(page, server: Server, run: Path) -> None:
    replies: list[Route] = []
    page.route("**/answers/missing?*", lambda route: replies.append(route))  # answered by the test
    open_playground(page, server)
    texts = {word: catalogue("en")[f"live.robustness_slider.{word}"] for word in ("asking", "busy")}
    drag(page, 37, 45, 64)
    until(lambda: shown(page)[1] == texts["asking"])
    assert told(page, "severity") == "60" and len(replies) == 1, "one is on its way, the newest waits"
    replies[0].fulfill(status=409, json={"outcome": "replaced", "answer": None, "problem": None})
    until(lambda: page.evaluate("1") and len(replies) == 2)  # routes are handled while the page is asked something
    assert replies[1].request.url.endswith(".image=64")
    replies[1].fulfill(status=429, json={"outcome": "full", "answer": None, "problem": None})
    until(lambda: shown(page)[1] == texts["busy"])
    assert told(page, "asked") == "false" and told(page, "severity") == "60" and len(replies) == 2
    assert not page.troubles


def test_a_lost_server_leaves_the_table_with_one_sentence(page, tmp_path: Path, train_to_end) -> None:
    train_to_end(RunConfig.make("av_digits", "concat", settings=SETTINGS), tmp_path)
    process, url = start_server(tmp_path)
    try:
        open_playground(page, Server(url, tmp_path, process))
        process.kill()
        process.wait()
        drag(page, 52)
        until(lambda: shown(page)[1] == catalogue("en")["live.robustness_slider.unreached"])
        assert told(page, "asked") == "false" and told(page, "severity") == "50"
    finally:
        process.kill()


@pytest.mark.parametrize(("lang", "scheme"), [pytest.param("en", "light", marks=pytest.mark.slow), ("zh", "dark")])
def test_it_fits_a_phone(chromium, server: Server, run: Path, lang: str, scheme: str) -> None:
    context = chromium.new_context(viewport={"width": 390, "height": 844}, color_scheme=scheme)
    page = context.new_page()
    open_playground(page, server, lang)
    drag(page, 45)
    until(lambda: told(page, "asked") == "true")
    boxes = page.eval_on_selector_all(
        f"{SLIDER} > *",
        "nodes => nodes.map((n) => n.getBoundingClientRect()).filter((b) => b.width).map((b) => [b.left, b.right])",
    )
    assert len(boxes) >= 5 and all(left >= 0 and right <= 390 for left, right in boxes), boxes
    page.locator(SLIDER).scroll_into_view_if_needed()
    context.close()
