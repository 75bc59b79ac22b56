"""The shelf of targets, what a model can answer with: one file each, one line here."""

from core import catalog
from core.catalog.implementation import implementation
from core.errors import ConfigError
from core.targets.base import Target
from core.targets.classes import ClassTarget
from core.targets.labels import LabelsTarget
from core.targets.value import ValueTarget

__all__ = ["TARGETS", "ClassTarget", "LabelsTarget", "Target", "ValueTarget"]
TARGETS: dict[str, Target] = {target.name: target for target in (ClassTarget(), LabelsTarget(), ValueTarget())}


def target_named(name: str) -> Target:
    """The target of a name: of the table, or one that the catalogue has from elsewhere. ConfigError where there is none."""
    if name in TARGETS:
        return TARGETS[name]
    known = catalog.shelf("targets")
    if name not in known:
        raise ConfigError("unknown_target", name=name, choices=", ".join(known))
    found = implementation(known[name])
    target = found() if isinstance(found, type) else found
    assert isinstance(target, Target)
    return target
