"""A page is a file, a line in the table and its texts: a toy one with a field of its own, without touching another file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import pages, services
from dashboard.pages import Page
from dashboard.state.fields import choice, switch
from dashboard.texts import catalogue

APP = str(pages.VIEWS.with_name("app.py"))
VIEW = """
import streamlit as st
from dashboard.state.session import change, current, widget
from tests.dashboard.test_page_seam import ToyState

zoom = st.segmented_control("Zoom", (1, 2, 4), default=current(ToyState).zoom, key=widget("zoom", current(ToyState).zoom))
if zoom != current(ToyState).zoom:
    change(ToyState, zoom=zoom)
st.write(f"zoomed {current(ToyState).zoom} times")
"""


@dataclass(frozen=True)
class ToyState:
    """What the toy page lets people choose."""

    zoom: int = choice(1, (1, 2, 4))
    grid: bool = switch()


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The page's file, a line in the table, a text in each language."""
    view = tmp_path / "toy.py"
    view.write_text(VIEW)
    monkeypatch.setattr(pages, "PAGES", (*pages.PAGES, Page("toy", "toys", (ToyState,), view)))
    for language in ("en", "zh"):
        monkeypatch.setitem(catalogue(language), "page.toy", "Toy")
    monkeypatch.setattr(services._services, "root", tmp_path / "runs")
    monkeypatch.setattr("core.serving.executor.Executor.start", lambda self: None)
    return str(view)


def opened(view: str, **query: str) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=120)
    for key, value in query.items():
        app.query_params[key] = value
    app.run().switch_page(view).run()
    assert not app.exception, app.exception[0].stack_trace
    return app


def test_its_field_comes_from_the_link_and_goes_back_into_it(toy: str) -> None:
    app = opened(toy, zoom="2", grid="1", fusion="tensor")
    assert any("zoomed 2 times" in item.value for item in app.markdown) and not app.warning
    app.segmented_control(key="zoom").set_value(4).run()
    assert any("zoomed 4 times" in item.value for item in app.markdown)
    link = {key: value if isinstance(value, str) else value[0] for key, value in app.query_params.items()}
    assert (link["zoom"], link["grid"], link["fusion"]) == ("4", "1", "tensor"), "other pages' choices stay"


def test_a_bad_value_of_it_gets_a_sentence(toy: str) -> None:
    app = opened(toy, zoom="7")
    assert any("zoomed 1 times" in item.value for item in app.markdown)
    assert ["zoom is 7, but it takes one of: 1, 2, 4." in item.value for item in app.warning] == [True]


def test_it_has_an_address(toy: str) -> None:
    assert pages.paths()[-1] == "toy"
