"""What is installed is what was locked: every version pinned, every file but torch's checked against a hash."""

from __future__ import annotations

import json
import re
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

REPO = Path(__file__).resolve().parents[1]
LOCKS = ("requirements/locked.txt", "requirements/locked-dev.txt")
DIRECT = ("requirements.txt", "requirements-dev.txt")
PARTS = "requirements/torch-parts.txt"
TORCH = re.compile(r"torch|triton|(cuda|nvidia)-")


def test_every_direct_requirement_is_locked_at_its_version() -> None:
    for direct, lock in zip(DIRECT, LOCKS, strict=True):
        locked = _locked(lock)
        for requirement in _requirements(direct):
            if requirement.name != "torch":
                assert _version(requirement) in locked[canonicalize_name(requirement.name)], requirement


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_file_has_a_hash_and_torch_has_none(lock: str) -> None:
    entries = re.split(r"\n(?=\S)", (REPO / lock).read_text())
    pinned = [entry for entry in entries if "==" in entry.splitlines()[0] and not entry.startswith("#")]
    assert len(pinned) > 40
    for entry in pinned:
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry
        assert not TORCH.match(entry), entry


def test_the_tests_run_on_the_versions_that_people_get() -> None:
    people, tests = map(_locked, LOCKS)
    assert {name: tests[name] for name in people} == people


@pytest.mark.parametrize(("direct", "lock"), list(zip(DIRECT, LOCKS, strict=True)))
def test_nothing_is_needed_that_is_not_locked(direct: str, lock: str) -> None:
    """Walk what the direct requirements need, on this machine; each must be pinned, and installed at that version."""
    locked = _locked(lock)
    waiting = [requirement.name for requirement in _requirements(direct)]
    seen = set()
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name in seen:
            continue
        seen.add(name)
        found = metadata.distribution(name)
        if not TORCH.match(name):
            assert found.version in locked.get(name, ()), (
                f"{name} {found.version} is installed, locked: {locked.get(name)}"
            )
        needs = map(Requirement, found.requires or ())
        waiting += [need.name for need in needs if need.marker is None or need.marker.evaluate({"extra": ""})]
    assert len(seen) > 20


def test_what_torch_brings_is_pinned_by_version() -> None:
    """What torch's own metadata say, wherever they are of the build with the parts for a card."""
    parts = {canonicalize_name(requirement.name) for requirement in _requirements(PARTS)}
    needs = [Requirement(text) for text in metadata.distribution("torch").requires or ()]
    assert {canonicalize_name(need.name) for need in needs if TORCH.match(need.name)} <= parts
    assert all(_version(requirement) for requirement in _requirements(PARTS))
    assert f"-c {PARTS}" in (REPO / "requirements.txt").read_text().splitlines()


def test_licences_and_bill_of_materials_name_every_part() -> None:
    licences = {
        canonicalize_name(row[1].strip()): row[2].strip()
        for line in (REPO / "docs/licences.md").read_text().splitlines()
        if len(row := line.split("|")) == 6
    }
    bill = json.loads((REPO / "docs/sbom.cdx.json").read_text())
    components = {canonicalize_name(item["name"]): item["version"] for item in bill["components"]}
    for requirement in _requirements(LOCKS[0]):
        name = canonicalize_name(requirement.name)
        if requirement.marker is None:
            assert licences[name] == components[name] == _version(requirement)
    assert licences["torch"].startswith("2.") and components["torch"].startswith("2.")
    assert "UNKNOWN" not in (REPO / "docs/licences.md").read_text()


def test_readme_and_ci_install_from_the_lock() -> None:
    readme, ci = (REPO / "README.md").read_text(), (REPO / ".ci/run").read_text()
    assert f"--require-hashes -r {LOCKS[0]} && .venv/bin/pip install -r requirements.txt && " in readme
    for text in (readme, ci):
        assert f"--require-hashes -r {LOCKS[1]}" in text


def _requirements(file: str) -> list[Requirement]:
    text = (REPO / file).read_text().replace("\\\n", " ")
    lines = [re.sub(r"\s*(--hash=\S+|#.*)", "", line).strip() for line in text.splitlines()]
    return [Requirement(line) for line in lines if line and not line.startswith("-")]


def _locked(file: str) -> dict[str, set[str]]:
    """name -> versions: more than one where they differ by Python."""
    locked: dict[str, set[str]] = {}
    for requirement in _requirements(file):
        locked.setdefault(canonicalize_name(requirement.name), set()).add(_version(requirement))
    return locked


def _version(requirement: Requirement) -> str:
    (only,) = requirement.specifier
    assert only.operator == "=="
    return only.version
