"""``caselli demo``: what the banner said, again; with --json for scripts."""

import argparse
import json
import sys
from dataclasses import asdict, dataclass

from caselli.project.configuration import Configuration

DESCRIPTION_FILE = "demo.json"


@dataclass(frozen=True, slots=True)
class UserShown:
    login: str
    password: str
    role: str
    email: str


@dataclass(frozen=True, slots=True)
class ExtensionShown:
    number: str
    extended: str
    name: str
    owner: str
    sent_faxes_url: str
    authorized: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AppShown:
    """Of the UnifiedAPI-compatible service."""

    client_id: str
    client_secret: str


@dataclass(frozen=True, slots=True)
class Demonstration:
    web: str
    web_tls: str
    smtp: str
    mail: str
    fax_address: str
    home: str
    organization: str
    users: tuple[UserShown, ...]
    extensions: tuple[ExtensionShown, ...]
    api: str = ""
    api_key: str = ""
    uapi: AppShown = AppShown("", "")
    relay: str = ""
    """The mail server that mails go to; without one they are files in ``mail``."""


def banner(shown: Demonstration) -> str:
    """The one thing to read after a start."""
    rows = [(one.login, one.password, one.role.replace("_", " ")) for one in shown.users]
    wide = max(len(login) for login, _, _ in rows)
    logins = "\n".join(f"    {login:<{wide}}  {secret}  {role}" for login, secret, role in rows)
    first = shown.extensions[0]
    return f"""
  Caselli is ready.

  Web       {shown.web}   (TLS: {shown.web_tls}, with a certificate of its own)
  Mail in   {shown.smtp}   (faxes to {shown.fax_address})
  Mail out  {shown.relay or shown.mail}   (see {shown.web}/mail)
  API       {shown.api}   (described at {shown.web}/docs/api; a key: caselli demo --json)
  Data      {shown.home}

  Log in as one of
{logins}

  Try first: log in as {first.owner}, open extension {first.number}, Send Fax, and send any PDF to
    +1 202 555 0100   the built-in answering machine receives it: see {shown.web}/machine/
    +1 202 555 0101   is busy;  0102 never answers;  0104 drops in mid-page;  0107 does not exist
  or in a terminal:
    caselli send --from {first.number} --to +12025550100 letter.pdf --wait

  Ctrl-C stops everything. This text again: caselli demo
"""


def read(configuration: Configuration) -> Demonstration | None:
    """As it was written down at the last start; None where there is no demo."""
    try:
        kept = json.loads((configuration.home / DESCRIPTION_FILE).read_text())
    except FileNotFoundError:
        return None
    kept["users"] = tuple(UserShown(**one) for one in kept["users"])
    kept["extensions"] = tuple(
        ExtensionShown(**one | {"authorized": tuple(one["authorized"])}) for one in kept["extensions"]
    )
    if "uapi" in kept:
        kept["uapi"] = AppShown(**kept["uapi"])
    return Demonstration(**kept)


def show(arguments: argparse.Namespace) -> int:
    shown = read(arguments.configuration)
    if shown is None:
        print("There is no demo here. A fresh CASELLI_HOME gets one from: caselli serve", file=sys.stderr)
        return 1
    print(json.dumps(asdict(shown), indent=2) if arguments.json else banner(shown))
    return 0
