"""What a model of a run can be asked: one file per kind, one line in the table. Torch-free to import; answering is not."""

from core.serving.answers.base import AnswerKind
from core.serving.answers.missing import Missing

ANSWERS: dict[str, AnswerKind] = {kind.name: kind for kind in (Missing(),)}
