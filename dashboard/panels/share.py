"""How a person gives away what they see: the link, as text and as a code for telephones. It never holds the owner's token."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

import streamlit as st

from core.config import RunConfig
from dashboard import permissions
from dashboard.pages import paths
from dashboard.services.training import command_line
from dashboard.texts import t
from dashboard.tokens import Door

NEAR = ("127.0.0.1", "localhost", "::1", "")  # means another machine to everybody else


def offer(configs: list[RunConfig]) -> None:
    """A button behind which link, code and command line lie."""
    with st.popover(t("share"), icon=":material/link:", width="stretch"):
        show()
        if configs:
            st.code(command_line(configs), language="bash", wrap_lines=True)


def show() -> None:
    """That the page's address is the experiment; where others can come in, their link to it."""
    if permissions.access().door is Door.LOCAL:
        st.caption(t("share.help"))
        return
    import segno

    address = link()
    st.caption(t("share.link"))
    st.code(address, language=None, wrap_lines=True)
    st.image(segno.make(address, micro=False).svg_data_uri(scale=4, border=3, dark="#000", light="#fff"), width=200)
    st.caption(t("share.code") + " · " + t("share.terminal"))


def link() -> str:
    """This page as the class opens it: through the name that this browser used, or this machine's where that is its own."""
    access = permissions.access()
    query = st.query_params.to_dict()
    if access.door is Door.GUARDED:
        query["token"] = access.tokens.guest
    return f"{_page(st.context.url or '', permissions.address())}?{urlencode(query)}"


def _page(browser_address: str, address: str) -> str:
    """The page's address without its query. `seen` is what this browser has, `address` what the server printed."""
    parts, base = urlsplit(browser_address), address.rstrip("/")
    if parts.hostname and parts.hostname not in NEAR:
        return f"{parts.scheme}://{parts.netloc}{parts.path}"
    page = parts.path.rstrip("/").rsplit("/", 1)[-1]
    return f"{base}/{page if page in paths() else ''}"
