"""What everybody writes first: st.plotly_chart in a fragment that looks once a second."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from core.runs import frames, store

folder = Path(os.environ["FEED"])


@st.fragment(run_every=1.0)
def live() -> None:
    step = store.steps(folder, "projection")[-1]
    header, blocks = frames.decode(store.frame_path(folder, "projection", step).read_bytes())
    xy = blocks["xy/umap"].reshape(-1, 2)
    side = np.zeros((256, 256), np.uint8)
    side[np.triu_indices(256)] = blocks["similarity"]
    records = store.read_records(folder)
    title = f"step {header['step']}"
    points = go.Scattergl(x=xy[:, 0], y=xy[:, 1], mode="markers")
    curve = go.Scatter(x=[r["step"] for r in records], y=[r["train/loss"] for r in records])
    for key, trace in (("map", points), ("matrix", go.Heatmap(z=side)), ("curves", curve)):
        st.plotly_chart(go.Figure(trace, layout={"title": title}), key=key)


live()
