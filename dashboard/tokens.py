"""Who comes in, and as whom: two tokens, and the cookie that a browser gets for one.

The class's token lets a visitor in, the owner's lets in whoever started the server. The cookie says who a browser is (a
random name), as what it came in, and that we said so: a code over both and the token that it came in by, so that a new
token ends the old cookies and nobody can write one. No cookie holds a token.

Tokens last: a class's bookmarks outlive a restart. They are kept in the state folder of the user who starts the server
and not in the runs folder, which people copy, give away and get from others.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import secrets
import time
from base64 import urlsafe_b64encode
from dataclasses import asdict, dataclass, field
from enum import Enum
from pathlib import Path

from core.errors import ConfigError

VARIABLE = "FUSIONARIUM_TOKEN"
BYTES = 24  # 192 bits
TICKET = 300.0  # seconds
_TOKEN = re.compile(r"[A-Za-z0-9_.~-]{8,128}")
_KEPT = 4096  # bytes of the file


class Door(Enum):
    """How the server stands to those who reach it."""

    LOCAL = "local"  # only this machine reaches it: whoever does is its owner
    OPEN = "open"  # everybody may look and train; the owner is whoever has the owner's token
    GUARDED = "guarded"  # nobody comes in without a token


@dataclass(frozen=True)
class Visitor:
    """A browser: a random name that means nothing elsewhere, and whether it came in with the owner's token."""

    name: str
    owner: bool = False


@dataclass(frozen=True)
class Tokens:
    """`guest` lets the class in, `owner` the owner; `secret` signs cookies and hides names in run folders."""

    guest: str = field(default_factory=lambda: secrets.token_urlsafe(BYTES))
    owner: str = field(default_factory=lambda: secrets.token_urlsafe(BYTES))
    secret: str = field(default_factory=lambda: secrets.token_urlsafe(BYTES))


@dataclass(frozen=True)
class Access:
    """The door of one server. `cookie` is its cookie's name: browsers keep those of all ports of a host together."""

    door: Door = Door.LOCAL
    tokens: Tokens = field(default_factory=Tokens)
    cookie: str = "fusionarium"
    _tickets: dict[str, float] = field(default_factory=dict)

    def ticket(self) -> str:
        """Another token of the owner's, for one entry within a few minutes."""
        made = secrets.token_urlsafe(BYTES)
        self._tickets[made] = time.monotonic() + TICKET
        return made

    def role(self, token: str) -> str | None:
        """ "owner", "guest", or None for a token that is neither. Both are compared, in a time that tells nothing."""
        given = token.encode("utf-8", "replace")
        ticket = self._tickets.pop(token, None)
        owner = hmac.compare_digest(given, self.tokens.owner.encode())
        guest = hmac.compare_digest(given, self.tokens.guest.encode())
        owner = owner or (ticket is not None and time.monotonic() < ticket)
        return "owner" if owner else "guest" if guest else None

    def issue(self, visitor: Visitor) -> str:
        """The cookie's value for a visitor."""
        role = "owner" if visitor.owner else "guest"
        return f"{visitor.name}.{role}.{self._sign(visitor.name, role)}"

    def read(self, cookie: str) -> Visitor | None:
        """Who this cookie is; None where it is none of ours (any more)."""
        name, _, rest = cookie.partition(".")
        role, _, signature = rest.partition(".")
        if role not in ("owner", "guest"):
            return None
        right = hmac.compare_digest(signature.encode("latin-1", "replace"), self._sign(name, role).encode())
        return Visitor(name, role == "owner") if right else None

    def mark(self, name: str) -> str:
        """What a run folder keeps of a visitor: it can be recognised here and tells nothing elsewhere."""
        return hmac.new(self.tokens.secret.encode(), f"run of {name}".encode(), hashlib.sha256).hexdigest()[:32]

    def _sign(self, name: str, role: str) -> str:
        by = self.tokens.owner if role == "owner" else self.tokens.guest if self.door is Door.GUARDED else ""
        code = hmac.new(self.tokens.secret.encode(), f"{role} {by} {name}".encode("utf-8", "replace"), hashlib.sha256)
        return urlsafe_b64encode(code.digest()).rstrip(b"=").decode()


def newcomer(owner: bool = False) -> Visitor:
    """A browser that was never here."""
    return Visitor(secrets.token_urlsafe(12), owner)


def given(text: str | None) -> str:
    """The class's token as --token or FUSIONARIUM_TOKEN say, "" where neither does; ConfigError when it cannot be one."""
    token = os.environ.get(VARIABLE, "") if text is None else text
    if token and not _TOKEN.fullmatch(token):
        raise ConfigError("not_token")
    return token


def kept(runs: Path, anew: bool = False) -> tuple[Tokens, Path | None]:
    """The tokens of this runs folder and the file that keeps them; None where none can be kept: new ones each time."""
    path = place(runs)
    found = None if anew else _read(path)
    if found is not None:
        return found, path
    made = Tokens()
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        written = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(written, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(asdict(made), file)
        os.replace(written, path)
    except OSError:
        return made, None
    return made, path


def place(runs: Path) -> Path:
    """Where the tokens of a runs folder are kept."""
    home = os.environ.get("XDG_STATE_HOME") or os.environ.get("LOCALAPPDATA")
    try:
        state = Path(home) if home else Path.home() / ".local" / "state"
    except RuntimeError:  # a user without a home
        state = Path("/nonexistent")
    return state / "fusionarium" / f"access-{hashlib.sha256(str(runs.resolve()).encode()).hexdigest()[:16]}.json"


def _read(path: Path) -> Tokens | None:
    """Only a file of our own that nobody else can read or write, and that holds what we wrote."""
    try:
        with os.fdopen(
            os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
        ) as file:
            stat = os.fstat(file.fileno())
            if os.name != "nt" and (stat.st_mode & 0o077 or stat.st_uid != os.getuid()):
                return None
            found = Tokens(**json.loads(file.read(_KEPT)))
    except (OSError, ValueError, TypeError, RecursionError):
        return None
    return found if all(isinstance(t, str) and _TOKEN.fullmatch(t) for t in asdict(found).values()) else None
