"""The live views as Streamlit components. Python gives them a run, sizes and texts, and never handles a picture.

Each component's inline script is one `import()` of a shared module from our own route, so all views of a page share one
stream a run. `data` stays the same as long as the run does, so a page rerun remounts nothing and zoom is kept. It goes as bytes of JSON:
a mapping would be searched for data frames, and pandas be imported for that in the middle of the first page.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from core.paths import PALETTE

STATIC = Path(__file__).with_name("static")
Texts = dict[str, str]

# What each view says; a test looks for "live.<view>.<key>" in both catalogues.
TEXTS: dict[str, tuple[str, ...]] = {
    "map": ("label", "layout", "umap", "pca", "trust", "separable", "relayout", "warming", "few", "broken", "untold", "neighbours", "not_finite", "broken.no_picture", "broken.picture_slow", "broken.picture_crash", "broken.projector_ended", "empty", "gone", "play", "unknown_kind", "right", "wrong", "says", "unsure", "colour", "lost", "save"),
    "curves": ("label", "loss", "train", "test", "chance", "bayes", "epoch", "lost", "fused", "band", "balance.gradient", "balance.weight", "balance.speed", "balance.cosine", "save"),
    "interval_plot": ("label", "score", "waiting", "failed", "save"),
    "comparison_curves": ("label", "loss", "score", "epoch", "save", "lost"),
    "contributions": ("title", "shapley", "shapley.help", "perceptual", "perceptual.help", "gradient", "gradient.help", "probe", "probe.help", "under_trained", "alone", "additive", "additive.help", "ece", "ece.help"),
    "matrix": ("label", "cell", "cosine", "play", "unknown_kind", "lost", "empty", "alone", "save"),
    "transport": ("rewind", "play", "pause", "step", "slow", "live", "scrub", "epoch"),
    "numbers": ("before",),
    "thumbs": ("label", "play", "unknown_kind"),
    "diagram": ("label", "encoder", "expert", "network", "answer", "diagnostic.share", "diagnostic.weight", "diagnostic.gate", "diagnostic.attention", "diagnostic.products", "diagnostic.confidence", "diagnostic.agreement", "word.alone", "word.together", "diagnostic.turned", "diagnostic.wins", "diagnostic.modulation", "diagnostic.factors", "diagnostic.terms", "word.kept", "word.scaled", "word.shifted", "word.product", "word.before", "word.joining", "word.bottleneck", "word.layer", "diagnostic.routing", "word.question", "word.stream", "diagnostic.heard", "diagnostic.uncertainty", "diagnostic.kept"),
    "information": ("title", "bits.test", "bits.clean", "of.test", "of.clean", "rest", "accuracy", "best", "redundant", "unique1", "unique2", "synergy"),
    "method_picker": ("more", "search", "none", "several", "full"),
    "robustness_slider": ("guess", "commit", "modality", "missing", "noise", "question.missing", "question.noise", "later", "answer", "compare", "curve", "changed", "asking", "busy", "unreached", "unanswered"),
}  # fmt: skip


# What any of them says in itself when it cannot load its module, or its stream is refused, blocked or interrupted.
TROUBLE = ("unloaded", "refused", "uninvited", "blocked", "crowded", "unreadable")


@cache
def version() -> str:
    """A hash of all modules and of what they share with Python: a new release is fetched anew, an old one never again."""
    paths = [*sorted(path for path in STATIC.rglob("*") if path.is_file()), PALETTE]
    content = b"".join(path.read_bytes() for path in paths)
    return hashlib.sha256(content).hexdigest()[:10]


# The address is taken from the page's own, as Streamlit's page takes those of its parts: a proxy may have put a path before
# it. All pages lie in one folder, so that holds on each of them; the modules then know from their own address where they are.
# Several lines, since Streamlit takes a string of one line for a file's name. A rerun calls the function again with the
# same element; the module keeps what it built there, and only the end of the element ends it.
SCRIPT = """
export default (args) => {
  let over = false, stop;
  import(new URL("live/static/%s/%s.js", document.baseURI).href).then((module) => {
    if (!over) stop = module.default(args);
  }).catch((error) => {
    console.error(error);
    const root = args.parentElement.querySelector(".fus"), data = JSON.parse(new TextDecoder().decode(args.data));
    root.textContent = data.texts.unloaded;
    root.role = "alert";
    root.dataset.broken = error.message;
  });
  return () => {
    over = true;
    stop?.();
  };
};
"""


def _component(name: str) -> Any:
    return st.components.v2.component(
        f"fusionarium_{name}",
        html='<div class="fus"></div>\n',
        js=SCRIPT % (version(), name),
        isolate_styles=False,
    )


def view(name: str, runs: list[str], *, key: str, texts: Texts, height: int = 0, **options: Any) -> None:
    """Mount one of the views of TEXTS for these runs (the first one is the one that map and matrix show)."""
    data = {"runs": runs, "texts": texts, "height": height, **options}
    _component(name)(key=key, data=json.dumps(data).encode())


def control(name: str, *, key: str, texts: Texts, **options: Any) -> Any:
    """Mount a control; what a person has just chosen with it, in the run that follows, and None in every other."""
    data = {"runs": [], "texts": texts, "height": 0, **options}
    return _component(name)(key=key, data=json.dumps(data).encode(), on_choice_change=_nothing).choice


def _nothing() -> None:
    """Streamlit's result has a value only where there is a callback."""
