"""The picker in a real browser: rows, explanations, the search, several methods, and the keyboard."""

from __future__ import annotations

import pytest

from core import catalog
from dashboard.controls.method_picker import STAGES
from dashboard.texts import catalogue
from tests.dashboard.conftest import Server
from tests.dashboard.test_browser import until

pytestmark = pytest.mark.browser
CHIPS = ".st-key-fusion .fus-chip[data-method]"
NOTE = ".st-key-fusion .fus-pickernote"


@pytest.fixture
def playground(page, server: Server):
    page.goto(f"{server.url}/playground?v=1&lang=en")
    page.wait_for_selector(CHIPS)
    return page


def chosen(page, key: str = "fusion") -> list[str]:
    return page.locator(f'.st-key-{key} .fus-chip[aria-checked="true"]').evaluate_all(
        "all => all.map(n => n.dataset.method)"
    )


def note_over(page, place: str) -> str:
    """What is said while the pointer is there; it goes there again, since the page may still have moved under it."""
    page.hover(place)
    return page.inner_text(NOTE)


def idea(name: str) -> str:
    return catalog.text(catalog.fusion(name), "idea")


def test_a_row_per_stage_with_its_picture_and_the_common_methods(playground) -> None:
    pictures = playground.locator(".st-key-fusion .fus-stagepicture").evaluate_all(
        "all => all.map(n => getComputedStyle(n).maskImage)"
    )
    assert len(set(pictures)) == len(STAGES) and all(picture.startswith("url") for picture in pictures)
    shown = playground.locator(CHIPS).evaluate_all("all => all.map(n => n.dataset.method)")
    assert set(shown) == {name for name in catalog.names("fusions") if catalog.fusion(name)["common"]}
    assert playground.locator(".st-key-fusion .fus-pickerrows").evaluate("n => n.scrollHeight <= n.clientHeight")


def test_pointing_at_a_method_explains_it(playground) -> None:
    assert playground.inner_text(NOTE) == idea("concat")
    until(lambda: note_over(playground, f'{CHIPS}[data-method="tensor"]') == idea("tensor"))
    until(lambda: note_over(playground, ".st-key-dataset") == idea("concat"))


def test_a_method_that_is_not_common_is_found_by_a_word_and_stays_in_its_row(playground) -> None:
    playground.click('.st-key-fusion .fus-more[data-stage="feature"]')
    playground.keyboard.type("tucker")
    until(lambda: playground.locator(".fus-methodline").count() == 1)
    playground.keyboard.press("Enter")
    until(lambda: chosen(playground) == ["mutan"] and "fusion=mutan" in playground.evaluate("location.href"))
    assert playground.locator(".fus-allmethods[open]").count() == 0
    playground.click('.st-key-fusion .fus-more[data-stage="decision"]')
    playground.keyboard.press("Escape")
    assert playground.locator(".fus-allmethods[open]").count() == 0
    assert not playground.troubles


def test_one_stop_of_the_tab_key_and_arrows_between(playground) -> None:
    stops = '.st-key-fusion .fus-pickerrows button[tabindex="0"]'
    assert playground.locator(stops).count() == 1
    playground.focus(stops)
    playground.keyboard.press("ArrowRight")
    assert playground.evaluate("document.activeElement.dataset.method") == "sum"
    assert playground.inner_text(NOTE) == idea("sum")
    playground.keyboard.press("Enter")
    until(lambda: chosen(playground) == ["sum"] and "fusion=sum" in playground.evaluate("location.href"))
    assert playground.locator(stops).count() == 1


def test_several_come_and_go_and_a_seventh_says_why_not(page, server: Server) -> None:
    page.goto(f"{server.url}/compare?v=1&lang=en&fusions=concat,sum,gated,film,tensor")
    chip = '.st-key-fusions .fus-chip[data-method="{}"]'.format
    page.wait_for_selector(chip("concat"))
    page.click(chip("late_average"))
    until(lambda: len(chosen(page, "fusions")) == 6 and "late_average" in page.evaluate("location.href"))
    assert page.get_attribute(chip("only"), "aria-disabled") == "true"
    full = catalogue("en")["live.method_picker.full"].format(most=6)
    until(lambda: (page.hover(chip("only")), page.inner_text(".st-key-fusions .fus-pickernote"))[1] == full)
    page.click(chip("sum"))
    until(lambda: "sum" not in chosen(page, "fusions") and "%2Csum" not in page.evaluate("location.href"))
    assert page.get_attribute(chip("only"), "aria-disabled") is None
    assert not page.troubles
