"""The shelf of targets, what a model can answer with: one file each, one line here."""

from core.targets.base import Target
from core.targets.classes import ClassTarget
from core.targets.labels import LabelsTarget
from core.targets.value import ValueTarget

TARGETS: dict[str, Target] = {target.name: target for target in (ClassTarget(), LabelsTarget(), ValueTarget())}
