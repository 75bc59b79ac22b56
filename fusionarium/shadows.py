"""Whether another package named `core` or `dashboard` is taken for ours. The names are common: others use them too.

Imports nothing of ours, since it runs before `core` can be trusted.
"""

from __future__ import annotations

from importlib.metadata import packages_distributions
from importlib.util import find_spec
from pathlib import Path

DISTRIBUTION = "fusionarium"
PACKAGES = ("core", "dashboard")
OURS = Path(__file__).resolve().parent.parent
ADVICE = "install Fusionarium in an environment of its own (pipx, uvx) and unset PYTHONPATH"


def in_the_way() -> str:
    """Why our packages cannot be imported: what is imported under their names instead, as a sentence; "" when nothing is."""
    parts = []
    for name in PACKAGES:
        place = _origin(name)
        if place is None:
            parts.append(f"the package {name} is missing in {OURS}")
        elif place != OURS / name:
            parts.append(f"another package {name} comes first, {place}")
    return f"Fusionarium cannot start: {' and '.join(parts)}; {ADVICE}." if parts else ""


def neighbours(folder: Path) -> list[str]:
    """Which names `python -m` would take from `folder` instead of from ours."""
    others = (name for name in PACKAGES if folder.resolve() != OURS)
    return [name for name in others if (folder / name).is_dir() or (folder / f"{name}.py").is_file()]


def rivals() -> dict[str, list[str]]:
    """Package -> other installed distributions with one of that name: files of both may lie in one folder."""
    owners = packages_distributions()
    others = {name: sorted({owner for owner in owners.get(name, ()) if owner != DISTRIBUTION}) for name in PACKAGES}
    return {name: found for name, found in others.items() if found}


def _origin(name: str) -> Path | None:
    """The folder or file that an import would take; nothing is imported."""
    try:
        spec = find_spec(name)
    except ValueError:  # a module without a spec, put together by hand
        return None
    if spec is None:
        return None
    folders = list(spec.submodule_search_locations or ())
    origin = folders[0] if folders else spec.origin
    return None if origin is None else Path(origin).resolve()
