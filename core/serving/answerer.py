"""A warm process that answers questions to models of runs and never trains: `python -m core.serving.answerer`.

Standard input carries questions and standard output their answers, one JSON object a line (core/serving/messages.py). It gets
one question at a time; who waits, waits in the server (core/serving/questions.py), where newer questions replace older ones.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import faulthandler
import gc
import json
import sys
import traceback
from pathlib import Path

import torch

from core import catalog
from core.config.device import resolve
from core.errors import FusionariumError, RunError, described
from core.serving.answers import ANSWERS
from core.serving.loaded_run import LoadedRuns
from core.serving.messages import Answer, Message, Question

SLOW = 60.0  # seconds that one answer may take; then the process ends, and the server starts another


def main() -> None:
    """Answer until the input closes. It is started when somebody asks, so it is ready as soon as torch is imported; data and
    models are loaded with the first question to each."""
    torch.set_num_threads(1)
    gc.freeze()
    loaded = LoadedRuns()
    send({"type": "ready", "device": resolve("auto")})
    for line in sys.stdin:
        question = json.loads(line)
        catalog.read_folder(Path(question["folder"]).parent)
        faulthandler.dump_traceback_later(SLOW, exit=True)
        send(answer(question, loaded))
        faulthandler.cancel_dump_traceback_later()


def answer(question: Question, loaded: LoadedRuns) -> Answer:
    """The answer, or why there is none; whatever goes wrong with one question, the process lives on."""
    folder = Path(question["folder"])
    reply = Answer(type="answer", id=question["id"])
    try:
        with torch.no_grad():
            reply["answer"] = dict(ANSWERS[question["kind"]].answer(loaded.get(folder), question["values"]))
    except FusionariumError as error:
        reply["error"] = described(error)
    except Exception as error:  # a model of an older engine, no memory
        traceback.print_exception(error)
        reason = f"{type(error).__name__}: {error}"[:300]
        reply["error"] = described(RunError("no_answer", name=folder.name, reason=reason))
    return reply


def send(message: Message) -> None:
    """One line to the server; without one there is nothing left to do."""
    try:
        print(json.dumps(message, default=str), flush=True)
    except (BrokenPipeError, OSError):
        os._exit(0)


if __name__ == "__main__":
    main()
