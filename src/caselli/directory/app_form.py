"""What can be said of an app, and what is wrong with it. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address
from typing import Protocol
from urllib.parse import urlsplit

from caselli.directory.rules import wrong_with_name
from caselli.directory.scopes import Scope

LONGEST_NAME, LONGEST_ADDRESS, MOST_ADDRESSES = 60, 500, 10


class AppKind(StrEnum):
    """``trusted``: acts as the account that registered it and asks nobody (client credentials); ``consent``: asks each
    person (authorization code) and keeps a secret; ``public``: asks too, but runs where a secret could be read (PKCE).
    """

    TRUSTED = "trusted"
    CONSENT = "consent"
    PUBLIC = "public"

    @property
    def words(self) -> str:
        return {"trusted": "trusted", "consent": "with consent", "public": "with consent, without a secret"}[self]


class _Registered(Protocol):
    """An app's row."""

    authorization_grant_type: str
    client_type: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """An app as it is to be. ``redirect_uris``: where the browser goes after the consent; a trusted app has none."""

    name: str
    kind: AppKind
    scopes: frozenset[Scope]
    redirect_uris: tuple[str, ...] = ()


def kind_of(app: _Registered) -> AppKind:
    if app.authorization_grant_type == "client-credentials":
        return AppKind.TRUSTED
    return AppKind.PUBLIC if app.client_type == "public" else AppKind.CONSENT


def faults_of(wanted: Wanted) -> dict[str, str]:
    """By field, what is wrong and what to do; empty: nothing."""
    faults = {}
    if not wanted.name.strip():
        faults["name"] = "The app has no name. Give it one by which people know what it is."
    elif len(wanted.name) > LONGEST_NAME:
        faults["name"] = f"Write at most {LONGEST_NAME} characters; these are {len(wanted.name)}."
    elif wrong := wrong_with_name(wanted.name):
        faults["name"] = wrong
    if not wanted.scopes:
        faults["scopes"] = "The app may do nothing. Choose at least one."
    if wrong := _wrong_addresses(wanted):
        faults["redirect_uris"] = wrong
    return faults


def _wrong_addresses(wanted: Wanted) -> str:
    if wanted.kind is AppKind.TRUSTED:
        return "A trusted app asks nobody and needs no address. Leave this empty." if wanted.redirect_uris else ""
    if not wanted.redirect_uris:
        return "Write where the browser goes after the consent, like https://app.example.com/done."
    if len(wanted.redirect_uris) > MOST_ADDRESSES:
        return f"Write at most {MOST_ADDRESSES} addresses."
    return next((wrong for wrong in map(wrong_with, wanted.redirect_uris) if wrong), "")


def wrong_with(address: str) -> str:
    """What is wrong with a redirect address, or nothing. https anywhere, http on this very machine (RFC 8252, 7.3); no
    wildcard, no fragment, no login in it (RFC 6749, 3.1.2).
    """
    like = f"“{address[:80]}” cannot be used. Write the whole address, like https://app.example.com/done"
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return f"{like}."
    plain = address.isascii() and address.isprintable() and not set(address) & set(" \"'<>\\^`{|}")
    if not plain or len(address) > LONGEST_ADDRESS or not host or port == 0:
        return f"{like}."
    if "*" in address or "#" in address or "@" in parts.netloc:
        return f"{like}, without *, # and @: it is compared letter by letter."
    if parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host)):
        return ""
    return f"{like}. It begins with https://; http:// is possible for 127.0.0.1, [::1] and localhost alone."


def is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
