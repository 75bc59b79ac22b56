"""Our routes beside Streamlit's, on the same port: run folders read-only, a socket that pushes, shared JavaScript.

The server computes nothing: it slices bytes that workers wrote. Everything that comes from a request is checked
against a pattern before it touches the file system.
"""

from __future__ import annotations

from pathlib import Path

from starlette.routing import BaseRoute, Route, WebSocketRoute

from dashboard.server import files, pages, runs
from dashboard.server.answers import Answers, AskModel
from dashboard.server.folder_poller import GetPlace, GetProblem
from dashboard.server.pollers import Pollers
from dashboard.server.socket import Socket

PREFIX = "/live"


def routes(
    root: Path,
    assets: Path,
    position: GetPlace,
    problem: GetProblem = lambda run: None,
    ask: AskModel | None = None,
) -> list[BaseRoute]:
    """`position(run)` tells a queued run's place, `problem(run)` why its pictures do not come; each is asked once a second.
    `ask` puts a question to a run's model; without it there is no such route.
    """
    pollers = Pollers(root, position, problem)
    reader = runs.Reader(root)
    return [
        Route(f"{PREFIX}/static/{{version}}/{{file:path}}", files.static, methods=["GET"]),
        Route(f"{PREFIX}/samples/{{content}}/{{file}}", files.Samples(root, assets), methods=["GET"]),
        Route(f"{PREFIX}/runs/{{run}}/frames", reader.steps, methods=["GET"]),
        Route(f"{PREFIX}/runs/{{run}}/frames/{{step}}", reader.frame, methods=["GET"]),
        *([Route(f"{PREFIX}/runs/{{run}}/answers/{{kind}}", Answers(ask).answer, methods=["GET"])] if ask else []),
        Route(f"{PREFIX}/runs/{{run}}/{{what}}", reader.document, methods=["GET"]),
        WebSocketRoute(f"{PREFIX}/socket", Socket(pollers)),
        *pages.routes(PREFIX),
    ]
