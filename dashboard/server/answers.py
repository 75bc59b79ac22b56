"""Questions to the models of runs: GET /live/runs/<run>/answers/<kind>?... (core/serving/answers lists the kinds).

Everybody who may look may ask: it costs a place in a line that has one for each visitor. The answer is an `Outcome` as JSON; its
status tells as much: 200 answered, 409 replaced by the visitor's newer question, 422 no answer and why, 429 too many people ask,
400 no question, 404 no such run or kind, 504 not in time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Scope

from core.errors import RunError, described
from core.runs import store
from core.serving.answers import ANSWERS
from core.serving.questions import ModelQuestion, Outcome, Reply
from dashboard.server.files import missing

PATIENCE = 20.0  # seconds: the first question may have to wait until the answering process is warm
STATUS = {"answered": 200, "replaced": 409, "full": 429, "failed": 422}
NO_STORE = {"Cache-Control": "no-store"}
AskModel = Callable[[str, ModelQuestion, str, Reply], None]  # run, question, visitor, who gets the outcome


class Answers:
    """The route's handler."""

    def __init__(self, ask: AskModel) -> None:
        self.ask = ask

    async def answer(self, request: Request) -> Response:
        """One question, one outcome."""
        run, kind = request.path_params["run"], ANSWERS.get(request.path_params["kind"])
        if kind is None or not store.is_run_id(run):
            return missing()
        query = {name: request.query_params.getlist(name) for name in request.query_params}
        try:
            question = ModelQuestion(kind.name, kind.read(query))
        except RunError as error:
            return _failed(error, 400)
        try:
            outcome = await self._outcome(run, question, visitor(request.scope))
        except RunError:  # no such run; the sentence names a path of this machine
            return missing()
        except TimeoutError:
            return _failed(RunError("no_answer_in_time"), 504)
        return JSONResponse(outcome, STATUS[outcome["outcome"]], NO_STORE)

    async def _outcome(self, run: str, question: ModelQuestion, asker: str) -> Outcome:
        loop = asyncio.get_running_loop()
        outcome: asyncio.Future[Outcome] = loop.create_future()

        def settle(value: Outcome) -> None:
            if not outcome.done():  # whoever asked may have left
                outcome.set_result(value)

        def reply(value: Outcome) -> None:
            with suppress(RuntimeError):  # the server has ended
                loop.call_soon_threadsafe(settle, value)

        await run_in_threadpool(self.ask, run, question, asker, reply)
        async with asyncio.timeout(PATIENCE):
            return await outcome


def visitor(scope: Scope) -> str:
    """By whom questions are counted: the browser that was let in, else its address."""
    known = (scope.get("state") or {}).get("visitor")
    client = scope.get("client")
    return f"visitor {known}" if known is not None else f"address {client[0] if client else ''}"


def _failed(error: RunError, status: int) -> Response:
    return JSONResponse(Outcome(outcome="failed", answer=None, problem=described(error)), status, NO_STORE)
