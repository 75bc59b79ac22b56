"""What is installed is what was locked: every version pinned, every file but torch's checked against a hash."""

from __future__ import annotations

import ast
import json
import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests import image

REPO = Path(__file__).resolve().parents[1]
LOCKS = ("requirements/locked.txt", "requirements/locked-dev.txt")
DIRECT = ("requirements.txt", "requirements-dev.txt")
PARTS = "requirements/torch-parts.txt"
PACKAGES = ("core", "dashboard", "fusionarium")
PROJECT = tomllib.loads((REPO / "pyproject.toml").read_text(encoding="utf-8"))
TORCH = re.compile(r"torch|triton|(cuda|nvidia)-")


def test_every_direct_requirement_is_locked_at_its_version() -> None:
    for direct, lock in zip(DIRECT, LOCKS, strict=True):
        locked = _locked(lock)
        for requirement in _requirements(direct):
            if requirement.name != "torch":
                assert _version(requirement) in locked[canonicalize_name(requirement.name)], requirement


def test_what_is_declared_is_pinned_within_its_range() -> None:
    """pyproject.toml says what is needed, requirements.txt which version of it README's commands install."""
    declared = {canonicalize_name(need.name): need for need in _declared()}
    pinned = {canonicalize_name(requirement.name): _version(requirement) for requirement in _requirements(DIRECT[0])}
    assert pinned.keys() == declared.keys()
    for name, version in pinned.items():
        assert declared[name].specifier.contains(version), f"{declared[name]}, pinned to {version}"


def test_what_is_imported_is_declared_and_nothing_else() -> None:
    names = {name for package in PACKAGES for path in (REPO / package).rglob("*.py") for name in _imports(path)}
    owners = metadata.packages_distributions()
    foreign = names - sys.stdlib_module_names - {*PACKAGES}
    assert {canonicalize_name(owners[name][0]) for name in foreign} == {
        canonicalize_name(need.name) for need in _declared()
    }


def test_the_version_stands_once() -> None:
    """Runs record it, so it is the code's; the build and the bill of materials read it there."""
    assert "version" in PROJECT["project"]["dynamic"] and "version" not in PROJECT["project"]
    (stated,) = re.findall(r'^__version__ = "(.+)"$', (REPO / "core/__init__.py").read_text(), re.MULTILINE)
    bill = json.loads((REPO / "docs/sbom.cdx.json").read_text())["metadata"]["component"]
    (cited,) = re.findall(r"^version: (.+)$", (REPO / "CITATION.cff").read_text(), re.MULTILINE)
    assert stated == bill["version"] == cited
    assert f"## [{stated}]" in (REPO / "CHANGELOG.md").read_text()


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
    listed = set()
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name in listed:
            continue
        listed.add(name)
        found = metadata.distribution(name)
        if not TORCH.match(name):
            assert found.version in locked.get(name, ()), (
                f"{name} {found.version} is installed, locked: {locked.get(name)}"
            )
        needs = map(Requirement, found.requires or ())
        waiting += [need.name for need in needs if need.marker is None or need.marker.evaluate({"extra": ""})]
    assert len(listed) > 20


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


def test_the_image_installs_what_the_readme_does() -> None:
    downloads = [step.split("pip install --no-cache-dir ")[1] for step in image.steps("RUN") if image.is_download(step)]
    (torch,) = (str(requirement) for requirement in _requirements("requirements.txt") if requirement.name == "torch")
    cpu = f"{torch} --index-url https://download.pytorch.org/whl/cpu"
    assert downloads == [f"--require-hashes -r {LOCKS[0]}", cpu, f"-r {DIRECT[0]}"]
    assert cpu in (REPO / "README.md").read_text()
    allowed = {line[1:] for line in (REPO / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert {word for step in image.steps("COPY") for word in step.split()[:-1]} == allowed


def test_the_hooks_check_with_the_tests_versions() -> None:
    hooks = (REPO / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    (ruff,) = {*re.findall(r"ruff==[\d.]+", hooks)}
    assert ruff in {str(requirement) for requirement in _requirements(DIRECT[1])}


def _declared() -> list[Requirement]:
    return [Requirement(text) for text in PROJECT["project"]["dependencies"]]


def _imports(path: Path) -> set[str]:
    """The first part of every name that a file imports, wherever and however it does."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            names |= {arg.value for arg in node.args if isinstance(arg, ast.Constant)}
    return {name.split(".")[0] for name in names}


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
