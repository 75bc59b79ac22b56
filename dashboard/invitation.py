"""Who may connect, and how they learn the address: the launcher's options for it, what it prints, and the link that pages share."""

from __future__ import annotations

import argparse
import ipaddress
import os
from pathlib import Path
from urllib.parse import urlencode

from core.errors import ConfigError
from dashboard import address, hosts, tokens
from dashboard.tokens import Access, Door, Tokens


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options about who may come in."""
    parser.add_argument(
        "--open",
        action="store_true",
        help="open to a network without a token: everybody who reaches it may look and train",
    )
    parser.add_argument(
        "--token",
        metavar="VALUE",
        help="the class's token, on this machine alone too; FUSIONARIUM_TOKEN says the same and shows in no list of processes",
    )
    parser.add_argument(
        "--mine",
        action="store_true",
        help="behind a hub that lets only you in: whoever reaches this machine's own address is the owner, as without a proxy",
    )
    parser.add_argument(
        "--new-tokens", action="store_true", help="forget the tokens of before: their links and cookies end"
    )


def door(options: argparse.Namespace, token: str) -> Door:
    """Only this machine's own address, with no proxy in front, is reached by nobody else.

    A proxy that is not trusted to say whom it serves decides itself who may come in, but it makes nobody the owner.
    """
    here = _loopback(options.host)
    if options.mine and not here:
        raise ConfigError("not_mine", host=options.host)
    if options.mine:
        return Door.GUARDED if token else Door.LOCAL
    if token and not options.open:
        return Door.GUARDED
    if here and not options.trust_proxy:
        proxied = options.base_url or options.allow_host or os.environ.get(hosts.VARIABLE, "").strip(", ")
        return Door.OPEN if proxied else Door.LOCAL
    return Door.OPEN if options.open else Door.GUARDED


def make(options: argparse.Namespace) -> tuple[Access, Path | None]:
    """The door, and the file that keeps its tokens (None where there is none); ConfigError for a token that cannot be."""
    token = tokens.given(options.token)
    stands, file = door(options, token), None
    made = Tokens()
    if stands is not Door.LOCAL:
        made, file = tokens.kept(options.runs, options.new_tokens)
    if token:
        made = Tokens(token, made.owner, made.secret)
    return Access(stands, made, f"fusionarium-{options.port}"), file


def invited(link: str, token: str, **query: str) -> str:
    """An address with a token."""
    return f"{link if link.endswith('/') else link + '/'}?{urlencode({**query, 'token': token})}"


def announce(options: argparse.Namespace, where: address.Address, access: Access, kept: Path | None) -> None:
    """Where to go. Open to others: the address for the class, a code for their telephones, and once the owner's address."""
    here = address.local(options, where)
    if access.door is Door.LOCAL or (_loopback(options.host) and access.door is Door.OPEN and not where.public):
        print(f"Fusionarium: {here}", flush=True)
        _for_the_owner(options, here, access, kept)
        return
    link = address.public(options, where)
    link = invited(link, access.tokens.guest) if access.door is Door.GUARDED else link
    print(f"Fusionarium for the class: {link}", flush=True)
    print(address.code(link), flush=True)
    _for_the_owner(options, here, access, kept)


def _for_the_owner(options: argparse.Namespace, here: str, access: Access, kept: Path | None) -> None:
    if access.door is Door.LOCAL:
        return
    if access.door is Door.OPEN:
        print("Open without a token: everybody who reaches this address may look and train.", flush=True)
    print(f"For you alone, who may stop and delete everything: {invited(here, access.tokens.owner)}", flush=True)
    if kept is None:
        print(f"These tokens end with this server: {tokens.place(options.runs).parent} cannot be written.", flush=True)


def own_link(options: argparse.Namespace, where: address.Address, access: Access) -> str:
    """What the launcher opens in a browser here: a ticket for one entry, since other users may see what is opened."""
    here = address.local(options, where)
    return here if access.door is Door.LOCAL else invited(here, access.ticket())


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
