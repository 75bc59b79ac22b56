"""What the choice of a modality's encoder is called: `encoder.<modality>`, or by its kind where it is the only one of it.

Kinds came first, so links and runs of before say `encoder.text` of the one text that a data set has; that name stays theirs.
Any of the names can be given: a modality's own, or its kind's, which then means all modalities of the kind that are not named
themselves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Mapping
from typing import Any

PREFIX = "encoder."


def setting_names(entry: Mapping[str, Any]) -> dict[str, str]:
    """modality -> the name of its encoder's setting, without the prefix, of all modalities that a data set may have."""
    kinds = {modality["name"]: modality["kind"] for modality in entry["modalities"]}
    alone = {kind for kind, count in Counter(kinds.values()).items() if count == 1}
    return {
        name: kind if kind in alone and (kind == name or kind not in kinds) else name for name, kind in kinds.items()
    }


def by_setting(
    entry: Mapping[str, Any], settings: Mapping[str, Any], known: Container[str] | None = None
) -> dict[str, Any]:
    """The settings with each encoder under its setting's name; names that belong to no modality stay as they are.

    `known` are the settings that there are: a kind's name means no modality that is switched off.
    """
    names = setting_names(entry)
    kinds = {modality["name"]: modality["kind"] for modality in entry["modalities"]}
    settled: dict[str, Any] = {}
    by_kind: dict[str, Any] = {}
    for label, value in settings.items():
        name = label.removeprefix(PREFIX)
        if not label.startswith(PREFIX) or name in names.values():
            settled[label] = value
        elif name in names:
            settled[PREFIX + names[name]] = value
        elif name in kinds.values():
            meant = (PREFIX + names[modality] for modality, kind in kinds.items() if kind == name)
            by_kind |= {one: value for one in meant if known is None or one in known}
        else:
            settled[label] = value
    return by_kind | settled
