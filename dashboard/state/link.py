"""States <-> link, for any dataclasses of `fields`. A link carries every choice of every page, a version and a language.

Opened elsewhere it shows the same experiment (and its runs, where they have been trained: a run is named by its
choices). It never starts a training. An invalid value gets a sentence, and the default takes its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from core.errors import ConfigError, FusionariumError, brief
from dashboard.state.fields import SEPARATOR, LinkField, link_fields
from dashboard.texts import LANGUAGES, Markdown, sentence, t

VERSION = "1"
OWN = ("v", "lang")  # what a link says beside the states
States = dict[type[Any], Any]  # a dataclass -> its instance


def to_link(states: Mapping[type[Any], Any], lang: str) -> dict[str, str]:
    """All fields as text."""
    link: dict[str, str] = {}
    for kind, state in states.items():
        for name, (spec, _) in link_fields(kind).items():
            value = getattr(state, name)
            if spec.prefix:
                link |= {f"{spec.prefix}{key}": spec.write(value[key]) for key in sorted(value)}
            elif value != "" or not spec.blank:
                link[name] = spec.write(value)
    return link | {"v": VERSION, "lang": lang}


def from_link(query: Mapping[str, str], kinds: Iterable[type[Any]]) -> tuple[States, list[Markdown]]:
    """The states of a link, and a sentence for each value that could not be taken."""
    notices = _about_the_link(query)
    states: States = {}
    known = set(OWN)
    for kind in kinds:
        fields = link_fields(kind)
        known |= {name for name in query if _belongs(name, fields)}
        states[kind] = _read_state(kind, fields, query, notices)
    notices += [t("link.unknown", name=brief(name)) for name in sorted(set(query) - known)]
    return states, notices


def _about_the_link(query: Mapping[str, str]) -> list[Markdown]:
    notices = []
    if query.get("v", VERSION) != VERSION:
        notices.append(t("link.version", version=brief(query["v"])))
    if query.get("lang", "en") not in LANGUAGES:
        notices.append(t("link.language", value=brief(query["lang"]), choices=", ".join(LANGUAGES)))
    return notices


def _belongs(name: str, fields: Mapping[str, tuple[LinkField, Any]]) -> bool:
    if name in fields:
        return not fields[name][0].prefix
    return any(spec.prefix and name.startswith(spec.prefix) for spec, _ in fields.values())


def _read_state(
    kind: type[Any], fields: Mapping[str, tuple[LinkField, Any]], query: Mapping[str, str], notices: list[Markdown]
) -> Any:
    """One page's state: each field by itself, then what its fields say of each other (`settled`, where it has that)."""
    values: dict[str, Any] = {}
    for name, (spec, default) in fields.items():
        if spec.prefix:
            values[name] = {n.removeprefix(spec.prefix): v for n, v in query.items() if n.startswith(spec.prefix)}
        elif name in query and (query[name] or not spec.blank):
            values[name] = _read(name, spec, default, query[name], notices)
    state = kind(**values)
    if not hasattr(state, "settled"):
        return state
    state, problems = state.settled()
    notices += map(sentence, problems)
    return state


def _read(name: str, spec: LinkField, default: Any, text: str, notices: list[Markdown]) -> Any:
    if spec.most:
        parts = dict.fromkeys(filter(None, text.split(SEPARATOR)))
        read = [_read_one(name, spec, None, part, notices) for part in parts]
        return tuple(value for value in read if value is not None)[: spec.most]
    return _read_one(name, spec, default, text, notices)


def _read_one(name: str, spec: LinkField, default: Any, text: str, notices: list[Markdown]) -> Any:
    choices = {spec.write(option): option for option in spec.options}
    try:
        if not choices:
            return spec.read(text)
        if text in choices:
            return choices[text]
        raise ConfigError("not_choice", label=name, value=text, choices=", ".join(choices))
    except FusionariumError as error:
        facts = {"value": brief(text), "choices": ", ".join(choices), "taken": default}
        notices.append(t(spec.sentence, **facts) if spec.sentence else sentence(error))
        return default
