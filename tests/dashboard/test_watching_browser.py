"""What a view says when the server has no room for it, or cannot read the run for a moment: in the browser."""

from __future__ import annotations

import json

import pytest

from dashboard.server.socket import CROWDED
from dashboard.texts import catalogue
from tests.dashboard.test_browser import MAP, Server, data_attribute, until

SAID = f"{MAP} .fus-problem"


@pytest.mark.slow
def test_a_view_says_that_there_is_no_room_and_comes_back_by_itself(page, server: Server) -> None:
    full, streams = [True], []

    def stream(socket) -> None:
        if full[0]:
            socket.close(code=CROWDED, reason="full")
            return
        streams.append(socket)
        socket.connect_to_server()

    page.route_web_socket("**/live/socket?*", stream)
    page.goto(server.url)
    page.wait_for_selector(SAID)
    assert page.inner_text(SAID) == catalogue("en")["live.view.crowded"]
    full[0] = False
    until(lambda: int(data_attribute(page, MAP, "points") or 0) > 0)
    assert page.query_selector(SAID) is None and not page.troubles
    streams[0].send(json.dumps({"type": "trouble", "what": "reading", "reason": "Too many open files"}))
    page.wait_for_selector(SAID)
    assert page.inner_text(SAID) == catalogue("en")["live.view.unreadable"]
    streams[0].send(json.dumps({"type": "trouble", "what": None}))
    until(lambda: page.query_selector(SAID) is None)
