"""The frame around all pages: language, style, navigation."""

import streamlit as st

from core.paths import ASSETS
from dashboard.pages import PAGES
from dashboard.state import session
from dashboard.texts import LANGUAGES, t

st.set_page_config(page_title="Fusionarium", page_icon=str(ASSETS / "icon.png"), layout="wide")
session.open_address()
st.html(ASSETS / "style.css")
session.write_address()  # before the navigation: the browser keeps a page's first address, and one without choices says nothing

page = st.navigation(
    [
        st.Page(
            one.file,
            title=t(f"page.{one.name}"),
            icon=f":material/{one.icon}:",
            url_path=one.name,
            default=one is PAGES[0],
        )
        for one in PAGES
    ],
    position="top",
)
with st.container(key="languages"):
    st.segmented_control(
        t("page.language"),
        list(LANGUAGES),
        default=st.session_state["lang"],
        format_func=LANGUAGES.__getitem__,
        key=session.widget("language", st.session_state["lang"]),
        label_visibility="collapsed",
        required=True,
    )
session.show_notices()
page.run()
