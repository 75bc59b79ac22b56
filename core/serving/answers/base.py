"""The interface of a kind of question: read on the server, answered in the process that has torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from core.serving.loaded_run import LoadedRun

Query = Mapping[str, Sequence[str]]  # name -> its values, as an address has them


class AnswerKind:
    """Subclass, write both methods, add it to the table in `core/serving/answers/__init__.py`."""

    name: ClassVar[str]  # in the address of the question

    def read(self, query: Query) -> dict[str, Any]:
        """The question's arguments as plain data, their kinds and ranges checked. RunError "bad_question" for anything else."""
        raise NotImplementedError

    def answer(self, loaded: LoadedRun, values: dict[str, Any]) -> Mapping[str, Any]:
        """The answer as plain data, within some tens of milliseconds. RunError where this run has none."""
        raise NotImplementedError
