"""Which names are this machine's, and which pages may speak to it.

A stranger's page can have its own name point at this machine and then read it like its own (DNS rebinding). An address in
numbers cannot be rebound, and neither can `localhost`, which browsers answer themselves. Every other name, one without a dot
or under `.local` too, can be given out by a neighbour on the network, so it is answered only where it is this machine's own
or the person who started the server named it.
"""

from __future__ import annotations

import ipaddress
import os
import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from core.errors import ConfigError

VARIABLE = "FUSIONARIUM_HOSTS"  # more names, with commas between, as --allow-host takes them
DEFAULT_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"(?:\[([0-9a-fA-F:.]{2,45})\]|([A-Za-z0-9._-]{1,253}))(?::([0-9]{0,5}))?")
_ORIGIN = re.compile(r"(https?)://([^/?#@\\\s]+)")
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")


@dataclass(frozen=True)
class Place:
    """A name or number, and where it was given the port and the scheme ("http" or "https")."""

    name: str
    port: int | None = None
    scheme: str = ""

    def covers(self, other: Place) -> bool:
        """Whether `other` is here, as far as this says where."""
        port = other.port or DEFAULT_PORTS.get(other.scheme)
        return (
            self.name == other.name and self.scheme in ("", other.scheme) and (self.port is None or self.port == port)
        )

    @cached_property
    def numeric(self) -> bool:
        try:
            ipaddress.ip_address(self.name)
        except ValueError:
            return False
        return True


def host(text: str) -> Place | None:
    """What a Host header names; None where it is no host (empty, with a user, in other characters, with a port that is none)."""
    found = _HOST.fullmatch(text)
    if found is None:
        return None
    number, name, port = found.groups()
    if port and not 1 <= int(port) <= 65535:
        return None
    if number is not None:
        try:
            return Place(str(ipaddress.IPv6Address(number)), int(port) if port else None)
        except ValueError:
            return None
    name = name.lower().removesuffix(".")
    if not all(map(_LABEL.fullmatch, name.split("."))):
        return None
    return Place(name, int(port) if port else None)


def origin(text: str) -> Place | None:
    """What an Origin header names; None for "null" and for whatever is not a page of the web."""
    found = _ORIGIN.fullmatch(text)
    place = host(found.group(2)) if found else None
    return None if place is None or found is None else Place(place.name, place.port, found.group(1))


def allowed(text: str) -> Place:
    """What a person names with --allow-host: NAME, NAME:PORT or http(s)://NAME[:PORT][/]; ConfigError for anything else."""
    wanted = text.strip()
    scheme, sign, rest = wanted.partition("://")
    rest = rest.rstrip("/") if sign else wanted
    try:
        rest = rest if rest.isascii() else rest.encode("idna").decode("ascii")  # as browsers send it
    except UnicodeError:
        rest = ""
    place = host(rest if not _bare_v6(rest) else f"[{rest}]")
    if place is None or (sign and scheme.lower() not in DEFAULT_PORTS):
        raise ConfigError("not_host", value=wanted)
    return Place(place.name, place.port, scheme.lower() if sign else "")


def all_allowed(named: Sequence[str]) -> tuple[Place, ...]:
    """What was named and what the environment names; ConfigError for the first that is no host."""
    environment = [text for text in os.environ.get(VARIABLE, "").split(",") if text.strip()]
    return tuple(map(allowed, (*named, *environment)))


def _bare_v6(text: str) -> bool:
    try:
        return ipaddress.ip_address(text).version == 6
    except ValueError:
        return False


class Hosts:
    """The names that are answered, and the pages that are let in.

    `names` are this machine's besides its own; `named` is what a person allows: these names, and pages that say they come
    from there, although what passed them on asked for another name.
    """

    def __init__(self, names: tuple[str, ...] = (), named: tuple[str, ...] = ()) -> None:
        self.named = all_allowed(named)
        self.own = own_names() | {allowed(text.partition("%")[0]).name for text in names}

    def known(self, place: Place | None) -> bool:
        """Whether a Host header names this machine."""
        if place is None:
            return False
        if place.name == "localhost" or place.numeric or place.name in self.own:
            return True
        return any(known.name == place.name for known in self.named)

    def welcome(self, page: str, scheme: str, here: Place) -> bool:
        """Whether a page of the origin `page` may act on what was asked for as `scheme`://`here`."""
        place = origin(page)
        if place is None:
            return False
        return Place(here.name, here.port or DEFAULT_PORTS[scheme], scheme).covers(place) or any(
            known.covers(place) for known in self.named
        )


def own_names() -> frozenset[str]:
    """This machine's name, alone and in its domain. No name server is asked: what it says is a stranger's word."""
    name = socket.gethostname().lower().removesuffix(".")
    short = name.split(".")[0]
    names = {name, short, f"{short}.local"} if short else set()
    return frozenset(names | _from_hosts_file(short))


def _from_hosts_file(short: str) -> set[str]:
    """The full names that this machine's own file of hosts has for it."""
    try:
        with open("/etc/hosts", encoding="utf-8", errors="replace") as file:
            words = [word.lower() for line in file.readlines(100_000) for word in line.partition("#")[0].split()[1:]]
    except OSError:
        return set()
    return {word for word in words if short and word.split(".")[0] == short}
