"""Every public method says what it takes and gives, itself or where it was first declared.

Modules, classes and functions are held to it by ruff (D100, D101, D103, D104); an override may leave it to its base.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator

import pytest

import core
import dashboard

SCRIPTS = ("dashboard.app", "dashboard.views", "core.__main__", "dashboard.__main__")  # importing them would run them


def modules() -> Iterator[str]:
    for package in (core, dashboard):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.startswith(SCRIPTS):
                yield module.name


@pytest.mark.parametrize("name", list(modules()))
def test_public_methods_are_documented(name: str) -> None:
    module = importlib.import_module(name)
    silent = []
    for _, item in inspect.getmembers(module, inspect.isclass):
        if item.__module__ != name or item.__name__.startswith("_"):
            continue
        for method, value in vars(item).items():
            plain = inspect.unwrap(value.fget if isinstance(value, property) and value.fget else value)
            function = getattr(plain, "__func__", plain)
            if (
                not method.startswith("_")
                and inspect.isfunction(function)
                and not inspect.getdoc(getattr(item, method))
            ):
                silent.append(f"{item.__name__}.{method}")
    assert not silent
