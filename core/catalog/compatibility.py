"""What goes with what. One set of rules over the catalogue's facts; page and command line give the same sentence."""

from __future__ import annotations

from collections.abc import Callable

from core import catalog
from core.catalog import Entry
from core.errors import ConfigError

Goes = dict[str, dict[str, dict[str, list[str]]]]


def goes_with() -> Goes:
    """shelf -> name -> the other shelf -> the names there that it goes with, each pair on its own.

    Computed from the entries' facts: a choice of several may still be refused by `check`.
    """
    known = catalog.catalog()
    names = {
        shelf: {entry["name"]: entry for entry in known[shelf]}
        for shelf in ("datasets", "fusions", "objectives", "strategies")
    }
    table: Goes = {shelf: {name: {} for name in entries} for shelf, entries in names.items()}
    for first, second, fits in _PAIRS:
        for one, entry in names[first].items():
            table[first][one][second] = [two for two, other in names[second].items() if fits(entry, other)]
        for two, other in names[second].items():
            table[second][two][first] = [one for one, entry in names[first].items() if fits(entry, other)]
    return table


def _joins(dataset: Entry, fusion: Entry) -> bool:
    """Whether the fusion can join the modalities that the data set always has."""
    count = sum(1 for modality in dataset["modalities"] if not modality["when"])
    return fusion["fewest"] <= count and (fusion["most"] is None or count <= fusion["most"])


ENCODED = frozenset({"z", "tokens"})  # what encoders give before anything is fused


def check(dataset: Entry, fusion: Entry, terms: list[Entry], modalities: tuple[str, ...]) -> None:
    """ConfigError when the fusion cannot join these modalities or a term of the objective does not fit."""
    check_count(dataset, fusion, len(modalities))
    check_terms(dataset, fusion, terms)


def check_terms(dataset: Entry, fusion: Entry, terms: list[Entry]) -> None:
    """ConfigError when a term does not fit this data or fusion, or the terms do not fit each other."""
    for term in terms:
        problem = data_problem(dataset, term) or fusion_problem(fusion, term)
        if problem:
            facts = {"fusion": fusion["name"], "objective": term["name"], "dataset": dataset["name"]}
            reads, gives = ", ".join(term["reads"]), ", ".join(fusion["gives"])
            raise ConfigError(problem, target=term["target"], reads=reads, gives=gives, **facts)
    predicting = [term["name"] for term in terms if term["target"]]
    if len(predicting) > 1:
        raise ConfigError("two_predictions", first=predicting[0], second=predicting[1])
    if fusion["stage"] == "input" and not any(map(_reads_fused, terms)):
        raise ConfigError("nothing_fused", fusion=fusion["name"], objective=terms[0]["name"])


def check_strategy(strategy: Entry, fusion: Entry, terms: list[Entry]) -> None:
    """ConfigError when the strategy cannot work on this fusion or with this objective."""
    facts = {"strategy": strategy["name"], "fusion": fusion["name"]}
    problem = strategy_problem(strategy, fusion)
    if problem:
        raise ConfigError(problem, stages=", ".join(strategy["stages"]), **facts)
    objective = "+".join(term["name"] for term in terms)
    if len(terms) < strategy["fewest_terms"]:
        raise ConfigError("strategy_terms", objective=objective, fewest=strategy["fewest_terms"], **facts)
    target = next((term["target"] for term in terms if term["target"]), "")
    if (strategy["needs_target"] and not target) or (strategy["targets"] and target not in strategy["targets"]):
        wanted = ", ".join(strategy["targets"] or catalog.names("targets"))
        raise ConfigError("strategy_target", objective=objective, target=wanted, **facts)


def check_learners(parts: list[Entry]) -> None:
    """ConfigError when strategy or objective need an update rule or a sampler that does not exist."""
    for part in parts:
        if part["update_rule"]:
            catalog.update_rule(part["update_rule"])
        if part["sampler"]:
            catalog.sampler(part["sampler"])


def fitting_objective(dataset: Entry, fusion: Entry) -> str:
    """The data set's default objective without the terms that this fusion cannot take, or what it prefers to them."""
    return "+".join(term["name"] for term in fitting_terms(dataset, fusion))


def fitting_terms(dataset: Entry, fusion: Entry) -> list[Entry]:
    """The entries of `fitting_objective`."""
    known = catalog.shelf("objectives")
    names = [term["name"] for term in catalog.terms_of(dataset["default_objective"], known)]
    terms = catalog.terms_of("+".join(fusion["prefers"].get(name, name) for name in names), known)
    fits = [term for term in terms if _fits(dataset, fusion, term)]
    if fusion["stage"] == "input" and not any(map(_reads_fused, fits)):  # it has no encoders to train alone
        fits = []
    return fits or [term for term in known.values() if _fits(dataset, fusion, term)][:1]


def objectives_for(dataset: Entry, fusion: Entry) -> list[str]:
    """The single terms that fit this data set and fusion."""
    return [name for name, term in catalog.shelf("objectives").items() if _fits(dataset, fusion, term)]


def _fits(dataset: Entry, fusion: Entry, term: Entry) -> bool:
    return not (data_problem(dataset, term) or fusion_problem(fusion, term))


def choices_for(dataset: Entry, fusion: Entry) -> list[str]:
    """What a menu offers: each fitting term that can stand alone, then the first that predicts with each that does not."""
    fits = catalog.terms("+".join(objectives_for(dataset, fusion)))
    predicting = [term["name"] for term in fits if term["target"]]
    others = [term["name"] for term in fits if not term["target"]]
    alone = [t["name"] for t in fits if not t["target"] and (fusion["stage"] != "input" or _reads_fused(t))]
    return [*predicting, *alone, *(f"{predicting[0]}+{name}" for name in others if predicting)]


def data_problem(dataset: Entry, term: Entry) -> str | None:
    """The key of the sentence that says why this data cannot be judged so; None when it can."""
    if term["needs_labels"] and not dataset["labels"]:
        return "no_labels"
    if term["target"] and term["target"] not in dataset["targets"]:
        return "no_target"
    if term["needs_pairs"] and not dataset["pairs"]:
        return "no_pairs"
    return None


def fusion_problem(fusion: Entry, term: Entry) -> str | None:
    """The key of the sentence that says why this fusion cannot be trained so; None when it can."""
    if term["joint"] and not fusion["joint"]:
        return "not_joint"
    if term["target"] and fusion["predicts"] is not None and term["target"] not in fusion["predicts"]:
        return "not_predicted"
    if not set(term["reads"]) <= set(fusion["gives"]):
        return "not_given"
    return None


def strategy_problem(strategy: Entry, fusion: Entry) -> str | None:
    """The key of the sentence that says why this strategy cannot work on this fusion; None when it can."""
    if fusion["stage"] not in strategy["stages"]:
        return "strategy_stage"
    return "strategy_joint" if strategy["joint"] and not fusion["joint"] else None


def check_count(dataset: Entry, fusion: Entry, count: int) -> None:
    """ConfigError when the fusion cannot join so many modalities."""
    named = {"fusion": fusion["name"], "dataset": dataset["name"], "count": count}
    if count < fusion["fewest"]:
        raise ConfigError("too_few_modalities", fewest=fusion["fewest"], **named)
    if fusion["most"] is not None and count > fusion["most"]:
        raise ConfigError("too_many_modalities", most=fusion["most"], **named)


_PAIRS: tuple[tuple[str, str, Callable[[Entry, Entry], bool]], ...] = (
    ("datasets", "fusions", _joins),
    ("datasets", "objectives", lambda dataset, term: not data_problem(dataset, term)),
    ("fusions", "objectives", lambda fusion, term: not fusion_problem(fusion, term)),
    ("strategies", "fusions", lambda strategy, fusion: not strategy_problem(strategy, fusion)),
)


def _reads_fused(term: Entry) -> bool:
    """Whether it reads more than encoders alone give."""
    return not ENCODED.issuperset(term["reads"])
