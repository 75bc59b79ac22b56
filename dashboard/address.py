"""The address of the app: the prefix of its paths, which address people open, and the code for their telephones."""

from __future__ import annotations

import argparse
import ipaddress
import os
import re
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from core.commands import terminal
from core.errors import ConfigError
from dashboard.hosts import all_allowed, allowed

VARIABLE = "STREAMLIT_SERVER_BASE_URL_PATH"  # where people who know Streamlit put the prefix
EVERYWHERE = ("0.0.0.0", "::")
_PATH = re.compile(r"(/[\w.~@+=:,-]+)*")
_QUIET = 4  # modules of white around a code, as its standard asks


@dataclass(frozen=True)
class Address:
    """What --base-url says: `path` is "" or "/a/b", `public` is "" or "https://name[:port]"."""

    path: str = ""
    public: str = ""


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options for a server behind a proxy or with a name of its own."""
    parser.add_argument(
        "--base-url",
        "--server.baseUrlPath",
        metavar="URL",
        help="behind a proxy: the path before ours (/user/ana/proxy/8501), which it may strip or keep, or the whole address "
        "that people open (https://class.example.org/fusion); by default what Streamlit is told (server.baseUrlPath)",
    )
    parser.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        help="answer to this name too, and let pages from it in where a proxy changes the name on the way; NAME or "
        "NAME:PORT, may be given again; FUSIONARIUM_HOSTS=A,B says the same",
    )
    parser.add_argument(
        "--trust-proxy",
        nargs="?",
        const="127.0.0.1,::1",
        default="",
        metavar="ADDRESS",
        help="believe X-Forwarded-Host, -Proto and -For from a proxy at this address (or A,B or 10.0.0.0/8; alone: this machine)",
    )


def read(options: argparse.Namespace) -> Address:
    """The checked address; ConfigError when an option cannot be."""
    all_allowed(options.allow_host)
    _check_proxies(options.trust_proxy)
    text = configured() if options.base_url is None else options.base_url
    try:
        parts = urlsplit(text if "://" in text or text.startswith("/") else f"/{text}")
    except ValueError:
        raise ConfigError("not_base_url", value=text) from None
    path = unquote(parts.path).rstrip("/")
    bad = (
        not _PATH.fullmatch(path)
        or parts.query
        or parts.fragment
        or any(set(part) == {"."} for part in path.split("/")[1:])
    )
    if bad or bool(parts.scheme) != bool(parts.netloc):
        raise ConfigError("not_base_url", value=text)
    if not parts.scheme:
        return Address(path)
    try:
        place = allowed(f"{parts.scheme}://{parts.netloc}")
    except ConfigError:
        raise ConfigError("not_base_url", value=text) from None
    return Address(path, f"{place.scheme}://{in_address(place.name)}" + (f":{place.port}" if place.port else ""))


def _check_proxies(text: str) -> None:
    for part in text.split(",") if text not in ("", "*") else []:
        try:
            ipaddress.ip_network(part.strip())
        except ValueError:
            raise ConfigError("not_proxy", value=text) from None


def configured(home: Path | None = None) -> str:
    """The prefix that Streamlit was told by environment or by the user's own file; "" where there is none."""
    if VARIABLE in os.environ:
        return os.environ[VARIABLE]
    try:
        import tomllib

        text = ((home or Path.home()) / ".streamlit" / "config.toml").read_text(encoding="utf-8")
        found: Any = tomllib.loads(text).get("server", {}).get("baseUrlPath", "")
    except (OSError, ValueError, RuntimeError, AttributeError):  # Streamlit itself says what is wrong with that file
        return ""
    return found if isinstance(found, str) else ""


def local(options: argparse.Namespace, where: Address) -> str:
    """The address in a browser on this machine."""
    host = "127.0.0.1" if options.host in EVERYWHERE else options.host
    return f"http://{in_address(host)}:{options.port}{where.path}" + ("/" if where.path else "")


def public(options: argparse.Namespace, where: Address) -> str:
    """The address for everybody else."""
    if where.public:
        return f"{where.public}{where.path}/"
    if options.host not in EVERYWHERE:
        return local(options, where)
    return f"http://{in_address(lan_address())}:{options.port}{where.path}" + ("/" if where.path else "")


def code(link: str) -> str:
    """A QR code to print: in blocks where standard output has them, else in number signs."""
    import segno

    rows = [[bool(module) for module in row] for row in segno.make(link).matrix_iter(border=_QUIET)]
    if not terminal.can_show("█▀▄"):
        return "\n".join("".join("##" if dark else "  " for dark in row) for row in rows)
    rows += [[False] * len(rows[0])] * (len(rows) % 2)
    blocks = {(False, False): "█", (False, True): "▀", (True, False): "▄", (True, True): " "}  # light on a dark screen
    lines = ["".join(blocks[pair] for pair in zip(*rows[i : i + 2], strict=True)) for i in range(0, len(rows), 2)]
    return "\n".join(f"\033[97;40m{line}\033[0m" for line in lines)


def in_address(host: str) -> str:
    """As it stands in a link: an IPv6 address in brackets."""
    return f"[{host}]" if ":" in host else host


def lan_address() -> str:
    """The address that this machine uses towards others; no packet is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            return str(probe.getsockname()[0])
        except OSError:
            return _by_name()


def _by_name() -> str:
    try:
        return socket.gethostbyname(socket.gethostname())
    except OSError:  # a machine that does not know its own name
        return "127.0.0.1"
