"""The first minute: watch a model learn to combine two senses, train your own, take a sense away."""

import math

import streamlit as st

from core.config import RunConfig
from core.runs import store
from dashboard import live_views, training
from dashboard.services import runs_root
from dashboard.texts import t

REPLAY = "replay-start"
LESSON = RunConfig.make("av_digits", settings={"seed": 1})

replay = store.find_run(runs_root(), REPLAY)
mine = st.session_state.get("start_run") if st.session_state.get("start_run") in training.existing([LESSON]) else None
shown = [mine] if mine else [REPLAY] if replay else []
seconds = store.read_json(replay / "result.json")["seconds"] if replay else None

st.markdown(f"#### {t('start.title')}")
st.caption(t("start.sentence"))
with st.container():  # always there, so that the views keep their place
    if not shown:
        st.info(t("start.no_replay"))
with st.container(key="bench"):
    left, right = st.columns([1.55, 1], gap="medium")
with left:
    live_views.show_map(shown, key="map", height=440)
    live_views.show_transport(shown, key="transport", autoplay=mine is None, loop=mine is None)
with right:
    live_views.show_numbers(shown, key="numbers")
    matrix, curves = st.columns([1.2, 1], gap="small")
    with matrix:
        live_views.show_matrix(shown, key="matrix", height=260)
    with curves:
        live_views.show_curves(shown, key="curves", height=260, charts=("loss",))
    label = t("start.train", seconds=math.ceil(seconds)) if seconds else t("start.train_unknown")
    busy = mine is not None and training.status_of(mine)["status"] in training.LIVE
    if st.button(label, key="train", type="primary", icon=":material/play_arrow:", width="stretch", disabled=busy):
        runs = training.submit([LESSON])
        if runs:
            st.session_state["start_run"] = runs[0]
            st.rerun()
    with st.container():
        training.show_trouble()

    @st.fragment(run_every=1.0 if busy else None)
    def progress() -> None:
        if mine is None:
            st.caption(t("start.replay"))
            return
        training.show_progress([mine])
        if busy and training.status_of(mine)["status"] not in training.LIVE:
            st.rerun()

    progress()
question, onward = st.columns([3.2, 1], gap="medium", vertical_alignment="center")
with question:
    live_views.show_robustness_slider(shown, key="robustness_slider", guess=True, prefer="missing/audio")
with onward:
    st.page_link("views/playground.py", label=t("start.next"), icon=":material/arrow_forward:")
