"""Samples of every kind, small and of unequal sizes, and how a browser would read what is written of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.renderers import Files


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path, 3)
