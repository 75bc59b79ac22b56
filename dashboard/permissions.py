"""Who may do what, decided on the server and in this one place: every page action goes through a function of it.

Everybody may look, and may train as much as the queue takes of one person. A run belongs to all who asked for it while it
was made; what belongs to nobody (a run of the command line, of a lesson before) is the owner's. A maker may stop, name, star
and delete their run; where others asked for it too, deleting lets it go, and the last of them deletes it. The owner of the
server may do everything with every run, is bound by no limit, and alone empties the folder or makes room in it.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field

import streamlit as st

from core.compare.comparison import Comparison
from core.config import RunConfig
from core.errors import RunError
from core.runs import run_id
from dashboard import ownership
from dashboard.services import executor, runs_root
from dashboard.texts import Markdown, sentence
from dashboard.tokens import Access, Door, Visitor

NAMELESS = "at "  # how those begin who have no cookie, before their address


@dataclass
class _State:
    access: Access = field(default_factory=Access)
    address: str = ""  # that others open


_state = _State()


def configure(access: Access, address: str = "") -> None:
    """The server's door, and the address that others open. Without a launcher (AppTest, `streamlit run`) it is this machine's, and whoever comes is its owner."""
    _state.access, _state.address = access, address


def access() -> Access:
    """The server's door."""
    return _state.access


def address() -> str:
    """What others open; "" without a launcher."""
    return _state.address


def person() -> Visitor:
    """Who looks at this page; never an address, since behind a proxy all have the same."""
    door = _state.access.door
    cookie = st.context.cookies.get(_state.access.cookie, "")
    known = _state.access.read(cookie) if isinstance(cookie, str) else None  # AppTest has no cookies
    if known is None:  # no cookie: together with all others of their address, so that nobody gains by it
        address = st.context.ip_address or "here"
        name = st.session_state.setdefault("owner", uuid.uuid4().hex) if door is Door.LOCAL else NAMELESS + address
        known = Visitor(name)
    return Visitor(known.name, owner=known.owner or door is Door.LOCAL)


# ---- may they? -------------------------------------------------------------------------------------------------------


def owner_only() -> RunError | None:
    """None for the owner, else why what concerns everybody's runs cannot be done."""
    return None if person().owner else RunError("owner_only")


def change_refused(run: str) -> RunError | None:
    """None where this person may stop, name, star and delete this run, else why not."""
    visitor = person()
    if visitor.owner or _state.access.mark(visitor.name) in ownership.makers(runs_root(), run):
        return None
    return RunError("not_your_run", name=run)


def why(refusal: RunError | None) -> Markdown | None:
    """The sentence beside what is disabled."""
    return sentence(refusal) if refusal else None


def stop_refused(runs: Iterable[str]) -> RunError | None:
    """None where this person may stop one of these, else why none."""
    refusals = [change_refused(run) for run in runs]
    return None if None in refusals else next(iter(refusals), None)


def shared(run: str) -> bool:
    """Whether somebody else's wish keeps this person from deleting the run for good."""
    return not person().owner and len(ownership.makers(runs_root(), run)) > 1


# ---- what pages do ---------------------------------------------------------------------------------------------------


def submit(configs: list[RunConfig]) -> list[str]:
    """Train these, one click's runs; their names. RunError when the person, or the folder, has too many."""
    visitor = person()
    wanted = ownership.claimable(runs_root(), map(run_id, configs))
    names = executor().submit_all(configs, visitor.name, unlimited=visitor.owner)
    _claim(wanted, visitor)
    return names


def compare(comparison: Comparison) -> None:
    """Train what a comparison lacks."""
    visitor = person()
    wanted = ownership.claimable(runs_root(), comparison.runs)
    executor().compare(comparison, visitor.name, unlimited=visitor.owner)
    _claim(wanted, visitor)


def stop(run: str) -> None:
    """This person no longer needs the run; the owner of a server that others reach ends it for everybody."""
    _allow(change_refused(run))
    visitor = person()
    everybody = visitor.owner and _state.access.door is not Door.LOCAL
    for name in (executor().owners(run) if everybody else set()) | {visitor.name}:
        executor().stop(run, name)


def label(run: str, **changes: object) -> None:
    """Name or star a run."""
    _allow(change_refused(run))
    executor().runs.set_label(run, **changes)


def delete(run: str) -> bool:
    """Delete a run; one that others asked for too is only let go, and False comes back."""
    _allow(change_refused(run))
    if shared(run):
        ownership.let_go(runs_root(), run, _state.access.mark(person().name))
        return False
    executor().runs.delete(run)
    ownership.forget(runs_root(), run)
    return True


def reset(run: str) -> None:
    """Delete one of all the runs that nobody starred, whoever made it."""
    _allow(owner_only())
    executor().runs.delete(run)
    ownership.forget(runs_root(), run)


def make_room(keep: set[str]) -> None:
    """Delete the oldest unstarred runs until there is room."""
    _allow(owner_only())
    executor().runs.make_room(keep)


def _allow(refusal: RunError | None) -> None:
    if refusal is not None:
        raise refusal


def _claim(runs: Iterable[str], visitor: Visitor) -> None:
    nameless = visitor.name.startswith(NAMELESS)  # any other of the address could be taken for them
    if _state.access.door is not Door.LOCAL and not nameless:  # on this machine alone all is the owner's
        ownership.claim(runs_root(), runs, _state.access.mark(visitor.name))
