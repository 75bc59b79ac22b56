"""The page for a browser that may not come in: a sentence, a field for the token, nothing else. No Streamlit."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from html import escape

from core.paths import ASSETS

LANGUAGES = ("en", "zh")
_STYLE = (
    "body{font:1.05rem/1.6 system-ui,sans-serif;max-width:34rem;margin:12vh auto;padding:0 1.2rem;color:#1b1f24;background:#fff}"
    "h1{font-size:1.3rem}form{display:flex;gap:.6rem;margin:1.4rem 0}input{flex:1;font:inherit;padding:.4rem .6rem;min-width:0}"
    "button{font:inherit;padding:.4rem 1rem;color:#fff;background:#0072b2;border:0;border-radius:.3rem}"
    "@media(prefers-color-scheme:dark){body{color:#e6e8eb;background:#0f1216}}"
)


@cache
def _texts(language: str) -> dict[str, str]:
    import json

    return dict(json.loads((ASSETS / "texts" / f"{language}.json").read_text(encoding="utf-8")))


def page(why: str, fields: Iterable[tuple[str, str]] = ()) -> str:
    """`why`: "closed", "wrong" or "crowded". `fields` of the address that was asked for are kept until the token is there."""
    reasons = "".join(f'<p lang="{name}">{escape(_texts(name)[f"door.{why}"])}</p>' for name in LANGUAGES)
    kept = "".join(f'<input type="hidden" name="{escape(n)}" value="{escape(v)}">' for n, v in fields)
    label = " / ".join(escape(_texts(name)["door.token"]) for name in LANGUAGES)
    button = " / ".join(escape(_texts(name)["door.enter"]) for name in LANGUAGES)
    form = (
        f'<form method="get">{kept}<input name="token" aria-label="{label}" placeholder="{label}" autocomplete="off" '
        f'autocapitalize="off" spellcheck="false" required><button>{button}</button></form>'
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Fusionarium</title>'
        '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="referrer" content="no-referrer">'
        f"<style>{_STYLE}</style></head><body><h1>Fusionarium</h1>{reasons}{form}</body></html>"
    )
