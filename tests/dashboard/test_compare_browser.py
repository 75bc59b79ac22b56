"""Comparing in a real browser: from the click to the verdict, all maps on one slider, files to take away."""

from __future__ import annotations

import csv
import io

import pytest

from core.compare.comparison import Comparison
from core.fusion.concat import Concat
from core.runs import Runs, store
from core.training.recorder import record
from tests.dashboard.conftest import Server, watched
from tests.dashboard.test_browser import data_attribute, still, until

pytestmark = pytest.mark.browser

INTERVALS, CURVES = '[data-view="interval_plot"]', '[data-view="comparison_curves"]'
SMALL = "set.epochs=3&set.data.train_size=512&set.data.test_size=128&set.width=16"
LINK = f"compare?v=1&dataset=interactions&fusions=concat,late_average&trials=3&{SMALL}&set.seed=91000"


@pytest.fixture(scope="module")
def compared(server: Server, chromium) -> Server:
    """A comparison that has been watched from the click to its end."""
    page = watched(chromium.new_page(viewport={"width": 1280, "height": 900}))
    page.goto(f"{server.url}/{LINK}")
    page.wait_for_selector(".st-key-compare button:enabled")
    page.click(".st-key-compare button")
    page.wait_for_selector(INTERVALS)
    page.evaluate(f"document.querySelector('{INTERVALS}').marked = true")
    until(lambda: data_attribute(page, INTERVALS, "done") == data_attribute(page, INTERVALS, "runs") == "12")
    assert page.evaluate(f"document.querySelector('{INTERVALS}').marked"), "the dots were mounted again"
    page.close()
    return server


def whole(page) -> None:
    """All of it is drawn, and nothing that comes later moves it."""
    until(lambda: page.query_selector(INTERVALS) and data_attribute(page, INTERVALS, "done") == "12")
    maps = page.locator('[data-view="map"]')
    until(lambda: maps.count() == 2 and all(m.get_attribute("data-step") for m in maps.all()))
    until(lambda: int(data_attribute(page, CURVES, "points") or 0) >= 8)


def test_the_verdict_stands_above_the_dots_of_every_seed(page, compared: Server) -> None:
    page.goto(f"{compared.url}/{LINK}")
    until(lambda: page.query_selector(INTERVALS) and data_attribute(page, INTERVALS, "done") == "12")
    assert page.locator(f"{INTERVALS} circle[r='3']").count() == 12
    until(lambda: any(words in page.inner_text(".stApp") for words in ("3 seeds", "cannot tell")))
    until(lambda: int(data_attribute(page, CURVES, "points") or 0) >= 8)
    assert not page.troubles


def test_the_data_are_asked_and_the_dots_stay_where_they_are(page, compared: Server) -> None:
    page.goto(f"{compared.url}/{LINK}")
    whole(page)
    before = page.locator(INTERVALS).bounding_box()
    page.click(".st-key-advice button")
    page.click(".st-key-ask button")
    until(lambda: "The data" in page.inner_text(".st-key-advice"))
    until(lambda: "Price of adding logits" in page.inner_text("[data-testid=stPopoverBody]"))
    until(lambda: page.locator(INTERVALS).bounding_box() == before)
    assert not page.troubles


def test_one_slider_moves_all_maps_and_one_selection_marks_all(page, compared: Server) -> None:
    page.goto(f"{compared.url}/{LINK}")
    maps = page.locator('[data-view="map"]')
    until(lambda: maps.count() == 2 and all(m.get_attribute("data-step") for m in maps.all()))
    page.locator(".fus-scrub").evaluate("n => { n.value = 0; n.dispatchEvent(new Event('input')) }")
    until(lambda: [m.get_attribute("data-step") for m in maps.all()] == ["0", "0"])
    page.locator(".fus-scrub").evaluate("n => { n.value = n.max; n.dispatchEvent(new Event('input')) }")
    until(lambda: all(m.get_attribute("data-step") == "12" for m in maps.all()))
    still(page, '[data-view="map"]')
    before = page.evaluate("[...document.querySelectorAll('[data-view=map] canvas')].map((c) => c.toDataURL())")
    maps.first.scroll_into_view_if_needed()
    first = maps.first.locator("canvas").bounding_box()
    found = page.evaluate(
        """() => { const c = document.querySelector('[data-view=map] canvas').getContext('2d');
        const { width, height } = c.canvas, data = c.getImageData(0, 0, width, height).data;
        for (let y = 40; y < height - 20; y += 2) for (let x = 40; x < width - 40; x += 2)
          if (data[4 * (y * width + x) + 3] > 220) return [x, y]; }"""
    )
    page.mouse.move(first["x"] + found[0], first["y"] + found[1])
    page.wait_for_selector(".fus-card:not([hidden])")
    page.mouse.down()
    page.mouse.up()
    page.mouse.move(5, 5)
    after = "[...document.querySelectorAll('[data-view=map] canvas')].map((c) => c.toDataURL())"
    until(lambda: all(a != b for a, b in zip(before, page.evaluate(after), strict=True)))


@pytest.mark.slow
def test_a_loss_that_is_no_number_stops_its_method_alone(page, compared: Server, monkeypatch) -> None:
    fields = dict(part.split("=") for part in SMALL.replace("set.", "").split("&"))
    comparison = Comparison.make("interactions", ["concat", "late_average"], "", 3, {**fields, "seed": 92000})
    with monkeypatch.context() as poisoned:
        poisoned.setattr(Concat, "fuse", lambda self, z, tokens, present: sum(z.values()) * float("nan"))
        ends = [list(record(Runs(compared.runs).open(c)[0]))[-1] for c in comparison.methods()["concat"][:1]]
    assert ends[0]["error"] == "not_finite"
    for config in comparison.methods()["late_average"]:
        list(record(Runs(compared.runs).open(config)[0]))
    page.goto(f"{compared.url}/{LINK.replace('91000', '92000')}")
    page.wait_for_selector(INTERVALS)
    said = page.inner_text("[data-testid=stAlert]")
    assert "Concatenation" in said and "nan" in said and page.locator(f"{INTERVALS} circle[r='3']").count() == 3
    assert not page.troubles


def test_the_table_is_taken_away_as_csv(page, compared: Server) -> None:
    page.goto(f"{compared.url}/{LINK}")
    page.wait_for_selector(INTERVALS)
    page.click(".st-key-exports button")
    with page.expect_download() as waiting:
        page.click(".st-key-save_csv button")
    rows = list(csv.DictReader(io.StringIO(waiting.value.path().read_text())))
    assert [row["method"] for row in rows] == ["concat", "late_average", "alone:x1", "alone:x2"]
    run = store.read_json(
        compared.runs / "comparisons" / waiting.value.suggested_filename.split("-")[1][:12] / "table.json"
    )
    assert float(rows[0]["mean"]) == pytest.approx(run["methods"][0]["mean"])


def test_the_dots_are_taken_away_as_a_drawing(page, compared: Server) -> None:
    page.goto(f"{compared.url}/{LINK}")
    whole(page)
    page.hover(INTERVALS)
    with page.expect_download() as waiting:
        page.click(f"{INTERVALS} > .fus-save")
    text = waiting.value.path().read_text()
    assert text.startswith("<svg") and text.count("<circle") >= 12 and "Concatenation" in text
