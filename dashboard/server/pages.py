"""Streamlit's page with one small script of ours, and a door to knock at.

Streamlit says nothing when its own socket is refused or held up by a proxy: its page stays empty. The script finds out why,
by knocking as a socket would (a POST and a socket carry the page's origin, a plain GET does not), and says it.
"""

from __future__ import annotations

import json
from functools import cache

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket

from dashboard.pages import paths
from dashboard.server import policy


def routes(prefix: str) -> list[BaseRoute]:
    """The pages, and POST and WS {prefix}/knock."""
    return [
        Route(f"{prefix}/knock", knock, methods=["POST"]),
        WebSocketRoute(f"{prefix}/knock", hear),
        *(Route(f"/{name}", page, methods=["GET"]) for name in paths() if policy.index()),
    ]


async def knock(request: Request) -> Response:
    """204: who gets this far is let in."""
    return Response(status_code=204)


async def hear(socket: WebSocket) -> None:
    """Opened and closed at once: sockets come through."""
    await socket.accept()
    await socket.close()


async def page(request: Request) -> Response:
    """Streamlit's page."""
    return HTMLResponse(with_door(), headers={"Cache-Control": "no-cache"})


@cache
def with_door() -> str:
    """The page's text. Its addresses stay relative to the page's own, as Streamlit's are."""
    from dashboard.live import TROUBLE, version
    from dashboard.texts import LANGUAGES, catalogue

    catalogues = {name: {key: catalogue(name)[f"live.view.{key}"] for key in TROUBLE} for name in LANGUAGES}
    texts = json.dumps(catalogues).replace("<", "\\u003c")
    ours = (
        f'<script type="application/json" id="fusionarium-door">{texts}</script>'
        f'<script type="module" src="./live/static/{version()}/door.js"></script>'
    )
    return policy.index().replace("</head>", f"{ours}</head>", 1)
