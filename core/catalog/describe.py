"""The entry of a class: its facts and titles as plain data, whichever source the class comes from.

Derived facts (what goes with what) are not among them: they are computed when they are queried, by
core/catalog/compatibility.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.catalog.localized import Localized
from core.targets import Target, target_named

Entry = dict[str, Any]
TargetOf = Callable[[str], Target]  # by name; ConfigError where nobody has it


def describe(item: Any, target_of: TargetOf = target_named) -> Entry:
    """The entry of a class of any shelf (a data set's, a fusion's, ...); of a target, which is an object."""
    own = item if isinstance(item, type) else type(item)
    return {**_FACTS[item.shelf](item, target_of), "class": f"{own.__module__}:{own.__qualname__}"}


def _common(item: Any, parameters: Any, stage: str, family: str) -> Entry:
    return {
        **_texts(item),
        "family": family,
        "stage": stage,
        "paper": item.paper,
        "formula": item.formula,
        "parameters": [parameter.to_json() for parameter in parameters],
    }


def _texts(item: Any) -> Entry:
    title, idea = (Localized.of(text).to_json() for text in (item.title, item.idea))
    return {"name": item.name, "title": title, "idea": idea}


def _dataset(item: Any, target_of: TargetOf) -> Entry:
    return {
        **_common(item, item.parameters, "data", item.family),
        "modalities": [
            {"name": m.name, "kind": m.kind, "when": m.when, "title": m.title.to_json()} for m in item.modalities
        ],
        "titles": {name: title.to_json() for name, title in item.titles.items()},
        "pairs": item.pairs,
        "targets": list(item.targets),
        "labels": any(target_of(name).names_classes for name in item.targets),
        "default_encoders": dict(item.encoders),
        "train_samples": item.train_samples,
        "draws": item.draws,
        "default_objective": item.default_objective,
        "default_fusion": item.default_fusion,
        **{f"default_{name}": value for name, value in item.defaults.items()},
        "content": item.version,
    }


def _fusion(item: Any, _: TargetOf) -> Entry:
    facts = ("common", "fewest", "most", "joint", "revision", "additive", "additive_scale")
    return {
        **_common(item, item.hyperparameters, item.stage, item.family),
        **{name: getattr(item, name) for name in facts},
        "predicts": None if item.predicts is None else list(item.predicts),
        "gives": list(item.gives),
        "prefers": dict(item.prefers),
    }


def _objective(item: Any, target_of: TargetOf) -> Entry:
    facts = ("revision", "needs_labels", "needs_pairs", "target", "joint")
    common = _common(item, item.hyperparameters, "objective", item.family)
    return {
        **common,
        **{name: getattr(item, name) for name in facts},
        "metric": target_of(item.target).metric if item.target else "",
        "reads": list(item.reads),
        **_learners(item),
    }


def _strategy(item: Any, _: TargetOf) -> Entry:
    return {
        **_common(item, item.hyperparameters, "strategy", "strategy"),
        "stages": list(item.stages),
        "joint": item.joint,
        "needs_target": item.needs_target,
        "targets": list(item.targets),
        "fewest_terms": item.fewest_terms,
        **_learners(item),
    }


def _learners(item: Any) -> Entry:
    """The update rule and the sampler that it needs, "" for the ordinary one."""
    return {"update_rule": item.update_rule, "sampler": item.sampler}


def _encoder(item: Any, _: TargetOf) -> Entry:
    return {"kind": item.kind, **_texts(item), "paper": item.paper}


def _target(item: Any, _: TargetOf) -> Entry:
    return {"name": item.name, "metric": item.metric, "share": item.share, "view": item.view}


def _learner(item: Any, _: TargetOf) -> Entry:
    return {"name": item.name}


_FACTS = {
    "datasets": _dataset,
    "fusions": _fusion,
    "objectives": _objective,
    "strategies": _strategy,
    "encoders": _encoder,
    "targets": _target,
    "update_rules": _learner,
    "samplers": _learner,
}
