"""What a page will need, said in its first answer, so that the browser fetches it while it still starts Streamlit.

Without this a live view waits for a chain: the page's script, Streamlit's chunk for components, our view's module, the
modules that it imports. Chunks carry a hash in their name; one that a later Streamlit no longer has is left out.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import streamlit

from dashboard.live import STATIC, version

CHUNKS = ("Html", "ButtonGroup", "BidiComponent", "purify.es", "recordbatch", "serialization", "WidgetLabel", "Button")


@cache
def link_header() -> str:
    """The value of an HTTP `Link` header: modules to preload."""
    ours = [f"/live/static/{version()}/{path.name}" for path in sorted(STATIC.glob("*.js"))]
    return ", ".join(f'<{url}>; rel="modulepreload"' for url in [*_chunks(), *ours])


def _chunks() -> list[str]:
    folder = Path(streamlit.__file__).parent / "static" / "static" / "js"
    found = [next(iter(sorted(folder.glob(f"{name}.*.js"))), None) for name in CHUNKS]
    return [f"/static/js/{path.name}" for path in found if path]
