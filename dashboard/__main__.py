"""`python -m dashboard`: checks what can go wrong, then serves the app and our routes on one port."""

from __future__ import annotations

import argparse
import asyncio
import errno
import gc
import importlib
import mimetypes
import os
import socket
import sys
import threading
import webbrowser
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from fusionarium import shadows

if __name__ == "__main__" and (
    problem := shadows.in_the_way()
):  # before anything of a `core` that is another's is imported
    print(problem, file=sys.stderr)
    sys.exit(2)

import core
from core.commands import terminal
from core.commands.arguments import PORTS, OneLineParser, whole, whole_number
from core.errors import FusionariumError, Problem, brief
from core.paths import ASSETS, LAYOUT
from core.runs import Runs
from core.runs.types import QueuePlace
from core.serving.questions import ModelQuestion, Reply
from dashboard import address, invitation, port, services, tokens

APP = Path(__file__).with_name("app.py")
ENGINE = "The engine has a command line of its own: fusionarium train|compare|catalog|runs|show|advise|doctor, or python -m core."
AHEAD = (
    "PIL.Image",
    "numpy",
    "streamlit.emojis",
    "streamlit.material_icon_names",
    "dashboard.live_views",
    "dashboard.panels.training",
)
WARM_UP_AFTER = 3.0  # seconds after the port opens: a person's first picture comes before our workers


def main(argv: Sequence[str] | None = None, prog: str = "python -m dashboard") -> int:
    """Exit 0 when stopped, 2 with one sentence when it cannot start. `prog` is what people typed, for the usage."""
    options = parser(prog).parse_args(argv)
    listening = take_port(options)
    if isinstance(listening, str):
        print(listening, file=sys.stderr)
        return 2
    services.configure(options.runs)
    where = address.read(options)
    access, kept = invitation.make(options)
    terminal.try_to(lambda: invitation.announce(options, where, access, kept))  # a server goes on unread
    from dashboard import permissions  # brings Streamlit: the port is taken and the address said before

    permissions.configure(access, address.public(options, where))
    serve(options, where, access, listening)
    return 0


def parser(prog: str = "python -m dashboard") -> argparse.ArgumentParser:
    """The launcher's options."""
    top = OneLineParser(prog=prog, description="Open the observatory.", epilog=ENGINE)
    top.add_argument("--version", action="version", version=f"Fusionarium {core.__version__}")
    top.add_argument("--host", default="127.0.0.1", help="0.0.0.0 opens it to a class; default 127.0.0.1")
    top.add_argument("--port", type=whole_number("port"), default=8501, help="default 8501")
    top.add_argument("--runs", type=Path, default=services.runs_root(), metavar="DIR", help="the runs folder")
    top.add_argument("--no-browser", action="store_true", help="do not open a browser")
    address.arguments(top)
    invitation.arguments(top)
    return top


def take_port(options: argparse.Namespace) -> socket.socket | str:
    """The port to serve at, or a sentence when the app cannot start like this."""
    try:
        whole(options.port, "port", *PORTS)
        address.read(options)
        invitation.door(options, tokens.given(options.token))
        Runs(options.runs)
        return port.open_port(options.host, options.port)
    except FusionariumError as error:
        return str(error)
    except (OSError, UnicodeError) as error:
        return _no_port(options, error)


def _no_port(options: argparse.Namespace, error: OSError | UnicodeError) -> str:
    if isinstance(error, (socket.gaierror, UnicodeError)) or error.errno == errno.EADDRNOTAVAIL:
        reason = "it cannot be one" if isinstance(error, UnicodeError) else error.strerror
        return f"{brief(options.host)} is no address of this machine ({reason}); try --host 127.0.0.1, or 0.0.0.0 for a class."
    return f"Port {options.port} at {options.host} cannot be used ({error.strerror}); try --port {max(8501, options.port + 1)}."


def serve(options: argparse.Namespace, where: address.Address, access: tokens.Access, listening: socket.socket) -> None:
    """Run until stopped. What Streamlit is told besides stands in .streamlit/config.toml."""
    os.chdir(LAYOUT.config)  # where it looks for that file
    import streamlit as st
    from streamlit import config

    from dashboard.server import access as doorkeeper
    from dashboard.server import routes
    from dashboard.server.middleware import middleware

    config.set_option("server.baseUrlPath", "", "python -m dashboard")  # our door takes the prefix off for all
    app = st.App(
        APP,
        routes=routes(services.runs_root(), ASSETS, _position, _picture_problem, _ask_model),
        middleware=[
            *middleware(
                *filter(None, [options.host]),
                allow=(*options.allow_host, *filter(None, [where.public])),
                base=where.path,
                trusted=options.trust_proxy,
            ),
            doorkeeper.middleware(access, where.path),
        ],
        lifespan=_lifespan(options, invitation.own_link(options, where, access)),
    )
    port.serve(app, listening)


def _lifespan(options: argparse.Namespace, url: str) -> Any:
    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[None]:
        threading.Thread(target=_import_ahead, daemon=True).start()
        if not options.no_browser:
            threading.Timer(0.5, webbrowser.open, [url]).start()
        warming = asyncio.get_running_loop().call_later(
            WARM_UP_AFTER, lambda: threading.Thread(target=_warm_up, daemon=True).start()
        )
        yield
        warming.cancel()
        services.close()

    return lifespan


def _import_ahead() -> None:
    """While the browser starts: what Streamlit would otherwise import in the middle of the first page."""
    for name in AHEAD:
        with suppress(ImportError):  # another Streamlit may need others
            importlib.import_module(name)
    mimetypes.init()
    gc.collect()
    gc.freeze()  # Streamlit collects after each rerun; what was imported need not be looked at again


def _warm_up() -> None:
    """When the first picture is there: the workers, and what other pages import."""
    services.executor().start()
    runs = services.executor().runs
    runs.sweep()
    runs.used_mb()  # adds up all folders once, so that no page has to wait for it
    importlib.import_module("pandas")
    gc.collect()
    gc.freeze()


def _position(run: str) -> QueuePlace | None:
    place = services.executor().place(run)
    return None if place is None else {"position": place.position, "seconds": place.seconds}


def _ask_model(run: str, question: ModelQuestion, visitor: str, reply: Reply) -> None:
    services.executor().ask_model(run, question, visitor, reply)


def _picture_problem(run: str) -> Problem | None:
    return services.executor().picture_problem(run)


if __name__ == "__main__":
    sys.exit(terminal.run(main))
