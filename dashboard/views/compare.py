"""Two to six fusions on the same data, seeds and budget: watched side by side, with a verdict."""

import streamlit as st

from core.compare.comparison import Comparison
from core.errors import ConfigError
from dashboard.controls import compare_form
from dashboard.panels import advice, comparison, cost, training
from dashboard.services import comparisons
from dashboard.state.compare import CompareState
from dashboard.state.experiment import Experiment
from dashboard.state.session import current
from dashboard.texts import sentence

with st.container(key="bench"):
    choices, results = st.columns([1, 2.5], gap="medium")
with choices:
    compare_form.choose()
chosen: Comparison | None = None
problem = ""
try:
    chosen = current(CompareState).comparison(current(Experiment))
except ConfigError as error:
    problem = sentence(error)
comparison.take_click(chosen)
now = comparisons.standing(chosen) if chosen else None
live = now.live if now else []

with results:
    begin, halt, data = st.columns([1.1, 0.8, 3], vertical_alignment="center")
    with begin:
        comparison.begin_button(disabled=bool(problem or live))
    with halt:
        training.stop_button(live)
    with st.container():  # always there, so that what stands below keeps its place
        training.show_problems()
        if problem:
            st.error(problem, icon=":material/block:")
    if chosen is None or now is None:
        st.stop()
    config = chosen.configs()[0]
    with data:
        advice.show(config)
    with st.container():  # always there, as above
        cost.show_all(chosen, now.lacking())
    comparison.show_results(chosen, now, config)

if shown := comparisons.first_runs(chosen):
    comparison.show_maps(chosen, shown)
    comparison.show_curves(chosen, shown, live=bool(live))
