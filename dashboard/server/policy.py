"""What a browser may do on our pages, as headers of every response.

All comes from this server. What Streamlit needs besides: its one inline script (named by its hash), inline styles (it writes
them all the time), blob: for the modules of components and for what is saved, data: for small pictures and fonts, and
WebAssembly without eval (its protocol library makes a few bytes of it for 64-bit numbers when it loads).
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

_INLINE = re.compile(r"<script(?P<attributes>[^>]*)>(?P<text>.*?)</script>", re.DOTALL)


@cache
def index() -> str:
    """Streamlit's page, as it is installed; "" where there is none."""
    found = find_spec("streamlit")
    places = found.submodule_search_locations if found else None
    try:
        return (Path((places or ["."])[0]) / "static" / "index.html").read_text(encoding="utf-8")
    except OSError:
        return ""


def inline_hashes(page: str) -> list[str]:
    """The sources that name each inline script of a page: 'sha256-...'."""
    return [
        f"'sha256-{base64.b64encode(hashlib.sha256(found['text'].encode()).digest()).decode()}'"
        for found in _INLINE.finditer(page)
        if "src=" not in found["attributes"] and "json" not in found["attributes"]
    ]


@cache
def headers() -> dict[str, str]:
    """For every answer, errors too."""
    rules = {
        "default-src": ["'self'"],
        "script-src": ["'self'", *inline_hashes(index()), "blob:", "'wasm-unsafe-eval'"],
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:", "blob:"],
        "font-src": ["'self'", "data:"],
        "media-src": ["'self'", "blob:"],
        "worker-src": ["'self'", "blob:"],
        "connect-src": ["'self'"],  # its sockets too
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'self'"],
    }
    return {
        "Content-Security-Policy": "; ".join(f"{name} {' '.join(sources)}" for name, sources in rules.items()),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "SAMEORIGIN",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
