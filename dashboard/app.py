"""The frame around all pages: language, style, navigation."""

import streamlit as st

from core.paths import ASSETS
from dashboard import state
from dashboard.texts import LANGUAGES, t

st.set_page_config(page_title="Fusionarium", page_icon=str(ASSETS / "icon.png"), layout="wide")
state.language_from_link()
if st.session_state.get("language"):
    st.session_state["lang"] = st.session_state["language"]
st.html(ASSETS / "style.css")

pages = [
    st.Page("views/start.py", title=t("page.start"), icon=":material/play_circle:", default=True),
    st.Page("views/playground.py", title=t("page.playground"), icon=":material/tune:", url_path="playground"),
    st.Page("views/compare.py", title=t("page.compare"), icon=":material/compare_arrows:", url_path="compare"),
    st.Page("views/runs.py", title=t("page.runs"), icon=":material/history:", url_path="runs"),
]
page = st.navigation(pages, position="top")
state.write_link(state.current())
with st.container(key="languages"):
    st.segmented_control(
        t("page.language"),
        list(LANGUAGES),
        default=st.session_state["lang"],
        format_func=LANGUAGES.__getitem__,
        key="language",
        label_visibility="collapsed",
        required=True,
    )
state.show_notices()
page.run()
