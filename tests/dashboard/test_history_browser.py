"""Back and Forward in a real browser go to the earlier choice: address, widgets and pictures agree, across pages too."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest

from dashboard.texts import catalogue
from tests.dashboard.conftest import Server
from tests.dashboard.test_browser import MAP, address, until

pytestmark = pytest.mark.browser
CHOSEN = '.st-key-fusion button[aria-checked="true"]'


def choose(page, title: str) -> None:
    page.locator(".st-key-fusion").get_by_text(title, exact=True).click()


def stands(page, field: str, value: str, widget: str, shown: str) -> Callable[[], bool]:
    """Whether the address says `value` and the widget shows it."""

    def check() -> bool:
        text = parse_qs(urlsplit(address(page)).query).get(field) == [value]
        widgets = page.locator(widget)
        return text and widgets.count() == 1 and widgets.inner_text().split("\n")[-1] == shown

    return check


def fusion(page, name: str, title: str) -> Callable[[], bool]:
    """Address, choice and diagram agree."""
    agree = stands(page, "fusion", name, CHOSEN, title)
    return lambda: agree() and title in (page.locator(".fus-diagram svg").first.text_content() or "")


THREE = [("sum", "Sum"), ("gated", "Gate"), ("tensor", "Tensor product")]


def test_back_twice_and_forward_once_among_three_fusions(page, server: Server) -> None:
    page.goto(f"{server.url}/playground?v=1&lang=en")
    page.wait_for_selector(MAP)
    for name, title in THREE:
        choose(page, title)
        until(fusion(page, name, title))
    page.go_back()
    page.go_back()
    until(fusion(page, *THREE[0]))
    page.go_forward()
    until(fusion(page, *THREE[1]))
    page.wait_for_timeout(1500)
    assert fusion(page, *THREE[1])(), "it stays"
    page.go_forward()
    until(fusion(page, *THREE[2]))
    page.go_back()
    until(fusion(page, *THREE[1]))
    choose(page, "Sum")  # a new way forward
    until(fusion(page, *THREE[0]))
    page.go_back()
    until(fusion(page, *THREE[1]))
    assert not page.troubles


def test_back_across_pages_and_settings_and_languages(page, server: Server) -> None:
    page.goto(f"{server.url}/playground?v=1&lang=en")
    page.wait_for_selector(MAP)
    choose(page, "Gate")
    until(fusion(page, "gated", "Gate"))
    page.click('.st-key-seeds button:has-text("3")')
    three = stands(page, "seeds", "3", '.st-key-seeds button[aria-checked="true"]', "3")
    until(three)
    page.click(f'a:has-text("{catalogue("en")["page.compare"]}")')
    page.wait_for_selector(".st-key-trials")
    page.click('.st-key-trials button:has-text("5")')
    until(stands(page, "trials", "5", '.st-key-trials button[aria-checked="true"]', "5"))
    page.click('.st-key-language button:has-text("中文")')
    until(lambda: "lang=zh" in address(page) and catalogue("zh")["compare.begin"] in page.inner_text(".st-key-compare"))
    page.go_back()
    until(lambda: "lang=en" in address(page) and catalogue("en")["compare.begin"] in page.inner_text(".st-key-compare"))
    page.go_back()
    until(stands(page, "trials", "3", '.st-key-trials button[aria-checked="true"]', "3"))
    page.go_back()
    until(lambda: "/playground?" in address(page) and three() and fusion(page, "gated", "Gate")())
    page.go_back()
    until(stands(page, "seeds", "1", '.st-key-seeds button[aria-checked="true"]', "1"))
    page.go_forward()
    page.go_forward()
    until(lambda: "/compare?" in address(page))
    until(stands(page, "trials", "3", '.st-key-trials button[aria-checked="true"]', "3"))
    assert not page.troubles
