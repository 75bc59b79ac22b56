"""All runs: open one as a replay, copy the line that makes it again, delete, clear the folder for the next lesson."""

import streamlit as st

from core.errors import FusionariumError
from core.runs import Runs, disk_cap_mb
from dashboard.panels import run_details, run_list, training
from dashboard.services import runs_root
from dashboard.services.run_search import size_mb
from dashboard.state.runs import RunsState
from dashboard.state.session import change, current
from dashboard.texts import sentence, t

try:
    runs = Runs(runs_root())
except FusionariumError as error:
    st.error(sentence(error), icon=":material/folder_off:")
    st.stop()
summaries = runs.summaries(sizes=True)

training.show_problems()
head, tidy, _ = st.columns([1.2, 1, 2.8], vertical_alignment="bottom")
head.markdown(f"#### {t('page.runs')}")
head.caption(t("runs.disk", count=len(summaries), mb=f"{size_mb(summaries):.1f}", cap=f"{disk_cap_mb():g}"))
with tidy:
    run_details.reset_button(summaries)
run_list.show_problems(summaries, current(RunsState).run)
if not summaries:
    st.info(t("runs.empty"), icon=":material/info:")
elif clicked := run_list.show(summaries, tall=not current(RunsState).run):
    change(RunsState, run=clicked)
run = current(RunsState).run
if summaries and not run:
    st.caption(t("runs.open"))
if run:
    run_details.show(run, runs, next((item.problem for item in summaries if item.run == run and item.problem), None))
