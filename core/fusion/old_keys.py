"""Checkpoints in which a layer still had its earlier name: a module says which, and loads them under today's."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from torch import Tensor, nn


def accept_old_keys(module: nn.Module, new_names: Mapping[str, str]) -> None:
    """Let `module.load_state_dict` read states in which its own layers or parameters had other names: old -> new.

    Only the module's direct children are renamed, so a modality that is called like an old layer keeps its key.
    """
    module.register_load_state_dict_pre_hook(partial(_rename, new_names))


def _rename(new_names: Mapping[str, str], module: nn.Module, state: dict[str, Tensor], prefix: str, *_: Any) -> None:
    """Change `state` in place; torch hands a copy of what it was given."""
    for key in [key for key in state if key.startswith(prefix)]:
        first, *rest = key.removeprefix(prefix).split(".")
        if first in new_names:
            state[prefix + ".".join([new_names[first], *rest])] = state.pop(key)
