"""The first minute: watch a model learn to combine two modalities, train your own, take a modality away."""

import math

import streamlit as st

from core.runs import store
from dashboard import live_views
from dashboard.panels import training
from dashboard.services import runs_root
from dashboard.services.training import existing, is_live
from dashboard.state.experiment import Experiment
from dashboard.state.session import change
from dashboard.texts import t

REPLAY = "replay-start"
LESSON = Experiment()

replay = store.find_run(runs_root(), REPLAY)
lesson = LESSON.configs(seeds=1)
mine = st.session_state.get("start_run") if st.session_state.get("start_run") in existing(lesson) else None
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
    training.train_button(label, disabled=mine is not None and is_live(mine))
    if st.session_state.get("train") and (submitted := training.submit(lesson)):
        st.session_state["start_run"] = submitted[0]
        change(Experiment, **vars(LESSON))  # so the playground goes on with this run
        st.rerun()
    with st.container():
        training.show_problems()
    if mine:
        training.follow([mine])
    else:
        st.caption(t("start.replay"))
question, onward = st.columns([3.2, 1], gap="medium", vertical_alignment="center")
with question:
    live_views.show_robustness_slider(shown, key="robustness_slider", guess=True, prefer="missing/audio")
with onward:
    st.page_link("views/playground.py", label=t("start.next"), icon=":material/arrow_forward:")
