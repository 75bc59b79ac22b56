"""Choose data and a fusion, train, watch. Everything on the left is a choice, everything on the right is the run."""

import streamlit as st

from core import catalog
from dashboard import live_views
from dashboard.controls import run_form
from dashboard.panels import cost, method_cards, share, training
from dashboard.services.training import alone, existing, is_finished, is_live, render_missing
from dashboard.state.experiment import Experiment
from dashboard.state.session import current
from dashboard.texts import t

with st.container(key="bench"):
    choices, results = st.columns([1, 2.5], gap="medium")
with choices:
    run_form.choose()
configs = run_form.configs()
problem = "" if configs else run_form.problem()
training.take_click(configs)
runs = existing(configs)
render_missing(runs)
live = [run for run in runs if is_live(run)]
finished = is_finished(configs, runs)

with results:
    train, halt, link, figures = st.columns([1.1, 0.8, 0.8, 2.6], vertical_alignment="center")
    with train:
        training.train_button(t("train.again" if finished else "train"), disabled=bool(problem or live))
    with halt:
        training.stop_button(live)
    with link:
        share.offer(configs)
    with figures:
        live_views.show_numbers(runs, key="numbers")
    with st.container():  # always there: what comes and goes inside must not move the views to another place
        training.show_problems()
        if problem:
            st.error(problem, icon=":material/block:")
    cost.show([] if runs else configs, t("playground.empty"))
    training.follow(runs)
    picture, side = st.columns([1.5, 1], gap="small")
    config, fusion = next(iter(configs), None), catalog.fusion(current(Experiment).fusion)
    with picture:
        live_views.show_map(runs, key="map", height=300)
        live_views.show_transport(runs, key="transport", again=training.times_seen_again(finished))
        live_views.show_curves(runs, key="curves", height=150)
        with st.container():  # always there, as above
            if method_cards.strategy_of(config):
                live_views.show_curves(runs, key="balance", height=130, charts=("balance",))
        live_views.show_robustness_slider(runs, key="robustness_slider", guess=False)
    with side:
        live_views.show_matrix(runs, key="matrix", height=214)
        live_views.show_diagram(runs, "diagram", fusion["name"], run_form.modalities_of_fusion())
        method_cards.show(fusion, config)
        live_views.show_information(runs, key="information")
        live_views.show_contributions(runs, key="contributions", alone=alone(config) if config else {})
