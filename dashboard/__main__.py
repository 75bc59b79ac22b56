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
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from core.arguments import OneLineParser
from core.errors import FusionariumError
from core.runs import Runs
from dashboard import port, services

APP = Path(__file__).with_name("app.py")
AHEAD = (
    "PIL.Image",
    "numpy",
    "streamlit.emojis",
    "streamlit.material_icon_names",
    "dashboard.observe",
    "dashboard.training",
)
WARM_UP_AFTER = 3.0  # seconds after the port opens: a person's first picture comes before our workers


def main() -> int:
    """Exit 0 when stopped, 2 with one sentence when it cannot start."""
    options = parser().parse_args()
    listening = take_port(options)
    if isinstance(listening, str):
        print(listening, file=sys.stderr)
        return 2
    services.configure(options.runs)
    announce(options)
    serve(options, listening)
    return 0


def parser() -> argparse.ArgumentParser:
    """The launcher's options."""
    top = OneLineParser(prog="python -m dashboard", description="Open the observatory.")
    top.add_argument("--host", default="127.0.0.1", help="0.0.0.0 opens it to a class; default 127.0.0.1")
    top.add_argument("--port", type=int, default=8501)
    top.add_argument("--runs", type=Path, default=services.runs_root(), metavar="DIR", help="the runs folder")
    top.add_argument("--no-browser", action="store_true", help="do not open a browser")
    return top


def take_port(options: argparse.Namespace) -> socket.socket | str:
    """The port to serve at, or a sentence when the app cannot start like this."""
    if not 1 <= options.port <= 65535:
        return f"port is {options.port}, but it takes a whole number from 1 to 65535."
    try:
        Runs(options.runs)
        return port.open_port(options.host, options.port)
    except FusionariumError as error:
        return str(error)
    except OSError as error:
        return _no_port(options, error)


def _no_port(options: argparse.Namespace, error: OSError) -> str:
    if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
        return f"{options.host} is no address of this machine ({error.strerror}); try --host 127.0.0.1, or 0.0.0.0 for a class."
    return f"Port {options.port} at {options.host} cannot be used ({error.strerror}); try --port {max(8501, options.port + 1)}."


def announce(options: argparse.Namespace) -> None:
    """Where to go. Open to a network: the address for the class, and a code for their telephones."""
    if options.host in ("127.0.0.1", "localhost", "::1"):
        print(f"Fusionarium: http://{_in_address(options.host)}:{options.port}", flush=True)
        return
    import segno

    host = _lan_address() if options.host in ("0.0.0.0", "::") else options.host
    address = f"http://{_in_address(host)}:{options.port}"
    print(f"Fusionarium for the class: {address}", flush=True)
    segno.make(address).terminal(compact=True)
    sys.stdout.flush()


def _in_address(host: str) -> str:
    """As it stands in a link: an IPv6 address in brackets."""
    return f"[{host}]" if ":" in host else host


def serve(options: argparse.Namespace, listening: socket.socket) -> None:
    """Run until stopped. What Streamlit is told besides stands in .streamlit/config.toml."""
    os.chdir(services.REPO)  # where it looks for that file
    sys.path.insert(0, str(services.REPO))
    os.environ |= {"STREAMLIT_SERVER_ADDRESS": options.host, "STREAMLIT_SERVER_PORT": str(options.port)}
    import streamlit as st

    from dashboard.server import routes
    from dashboard.server.middleware import middleware

    app = st.App(
        APP,
        routes=routes(services.runs_root(), services.ASSETS, _position),
        middleware=middleware(options.host),
        lifespan=_lifespan(options),
    )
    port.serve(app, listening)


def _lifespan(options: argparse.Namespace) -> Any:
    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[None]:
        threading.Thread(target=_import_ahead, daemon=True).start()
        host = "127.0.0.1" if options.host in ("0.0.0.0", "::") else options.host
        url = f"http://{_in_address(host)}:{options.port}"
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
    importlib.import_module("pandas")
    gc.collect()
    gc.freeze()


def _position(run: str) -> dict[str, Any] | None:
    place = services.executor().place(run)
    return None if place is None else {"position": place.position, "seconds": place.seconds}


def _lan_address() -> str:
    """The address that this machine uses towards others; no packet is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            return str(probe.getsockname()[0])
        except OSError:
            return socket.gethostbyname(socket.gethostname())


if __name__ == "__main__":
    sys.exit(main())
