"""The shelf of objectives: one file each, one line here."""

from collections.abc import Sequence

from core import catalog
from core.catalog import Entry
from core.catalog.implementation import implementation
from core.catalog.parameters import Value
from core.objectives.base import CompositeLoss, Objective
from core.objectives.classification import Classification
from core.objectives.deep_cca import DeepCCA
from core.objectives.evidential import Evidential
from core.objectives.general import General
from core.objectives.general_printed import GeneralPrinted
from core.objectives.infonce import InfoNCE
from core.objectives.multi_label import MultiLabel
from core.objectives.pair_margin import PairMargin
from core.objectives.regression import Regression
from core.objectives.siglip import SigLIP
from core.objectives.supcon import SupCon
from core.objectives.triplet import Triplet
from core.objectives.triplet_printed import TripletPrinted
from core.objectives.vicreg import VICReg

OBJECTIVES: dict[str, type[Objective]] = {
    objective.name: objective
    for objective in (
        Classification,
        InfoNCE,
        MultiLabel,
        Regression,
        SigLIP,
        Triplet,
        General,
        PairMargin,
        SupCon,
        DeepCCA,
        VICReg,
        Evidential,
        GeneralPrinted,
        TripletPrinted,
    )
}


def build_objective(objective: str | Sequence[Entry], settings: dict[str, Value]) -> CompositeLoss:
    """A sum of terms ("a+b", or their entries) as one module. Settings: "weight.<term>" and "<term>.<parameter>"."""
    terms, weights = {}, {}
    for entry in catalog.terms(objective) if isinstance(objective, str) else objective:
        name = entry["name"]
        own = {k.removeprefix(f"{name}."): v for k, v in settings.items() if k.startswith(f"{name}.")}
        terms[name] = implementation(entry)(**own)
        weights[name] = float(settings.get(f"weight.{name}", 1.0))
    return CompositeLoss(terms, weights)
