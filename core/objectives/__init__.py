"""The shelf of objectives: one file each, one line here."""

from core.objectives.base import Objective, Sum
from core.objectives.classification import Classification
from core.objectives.infonce import InfoNCE
from core.parameters import Value

OBJECTIVES: dict[str, type[Objective]] = {objective.name: objective for objective in (Classification, InfoNCE)}


def build_objective(objective: str, settings: dict[str, Value]) -> Sum:
    """ "a+b" as one module. Settings: "weight.<term>" and "<term>.<parameter>"."""
    terms, weights = {}, {}
    for name in (part.strip() for part in objective.split("+")):
        own = {k.removeprefix(f"{name}."): v for k, v in settings.items() if k.startswith(f"{name}.")}
        terms[name] = OBJECTIVES[name](**own)
        weights[name] = float(settings.get(f"weight.{name}", 1.0))
    return Sum(terms, weights)
