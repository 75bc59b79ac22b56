"""A page's first answer names the modules that it will need, and every one of them is there."""

from __future__ import annotations

import re
from pathlib import Path

import streamlit
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from dashboard.live import STATIC
from dashboard.server.middleware import middleware
from dashboard.server.preload import CHUNKS, link_header


def test_only_pages_carry_the_header() -> None:
    pages = [
        Route("/", lambda request: HTMLResponse("<p>page</p>")),
        Route("/other", lambda request: PlainTextResponse("text")),
    ]
    with TestClient(Starlette(routes=pages, middleware=middleware())) as client:
        assert client.get("/").headers["link"] == link_header()
        assert "link" not in client.get("/other").headers


def test_every_module_that_is_named_is_there() -> None:
    named = re.findall(r"<([^>]+)>", link_header())
    chunks = [url for url in named if url.startswith("/static/")]
    assert len(chunks) == len(CHUNKS), "Streamlit has other chunks now: look at CHUNKS"
    assert all((Path(streamlit.__file__).parent / "static" / url.lstrip("/")).is_file() for url in chunks)
    assert {Path(url).name for url in named if "/live/" in url} == {path.name for path in STATIC.glob("*.js")}
