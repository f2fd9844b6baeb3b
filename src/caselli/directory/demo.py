"""The demo: one organization to try everything with, whose faxes go to the built-in answering machine."""

import secrets
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction

from caselli.directory import api_keys, apps, sandbox
from caselli.directory.app_form import AppKind, Wanted
from caselli.directory.audit import Actor
from caselli.directory.scopes import Scope
from caselli.store.models import App, AuthorizedAddress, Extension, Organization, Preferences, Role, Trunk, User

ORGANIZATION = "0003"
TRUNK = sandbox.NAME
SANDBOX = sandbox.NUMBERS
FAX_ADDRESS = "fax@caselli.example"
QUICK = 4
"""Seconds between tries, so that a newcomer can watch them."""
LOGIN_FILE = "demo-password"
KEY_FILE = "demo-api-key"
APP_FILE = "demo-app"
_PREFERENCES = {
    "negotiation_limit": 12,
    "recipients_limit": 10,
    "email_accepted": True,
    "fax_address": FAX_ADDRESS,
    "confirmation_interval": 60,
}
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True, slots=True)
class DemoUser:
    login: str
    first: str
    last: str
    role: Role


@dataclass(frozen=True, slots=True)
class DemoExtension:
    number: str
    name: str
    owner: str
    station_id: str


USERS = (
    DemoUser("admin", "Ada", "Administrator", Role.ADMINISTRATOR),
    DemoUser("olivia", "Olivia", "Office", Role.ORGANIZATION_ADMINISTRATOR),
    DemoUser("alice", "Alice", "Front", Role.USER),
    DemoUser("bob", "Bob", "Lab", Role.USER),
)
EXTENSIONS = (
    DemoExtension("210", "Front desk", "alice", "+1 202 555 0210"),
    DemoExtension("211", "Lab", "bob", "+1 202 555 0211"),
)


def password(home: Path) -> str:
    """The demo users' password: made once a home, so that no two installations share one."""
    file = home / LOGIN_FILE
    if file.exists():
        return file.read_text().strip()
    fresh = "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))
    file.touch(mode=0o600)
    file.write_text(fresh + "\n")
    return fresh


def api_key(home: Path) -> str:
    """The demo's API key, kept in the home so that it can be told again: no other key is."""
    file = home / KEY_FILE
    if file.exists():
        return file.read_text().strip()
    fresh = api_keys.LIVE + secrets.token_urlsafe(api_keys.BYTES)
    file.touch(mode=0o600)
    file.write_text(fresh + "\n")
    return fresh


@dataclass(frozen=True, slots=True)
class DemoApp:
    """Its id and its secret."""

    client_id: str
    secret: str


def app(home: Path) -> DemoApp:
    """The demo's app, kept in the home so that it can be told again: no other secret is."""
    file = home / APP_FILE
    if file.exists():
        return DemoApp(*file.read_text().split())
    fresh = DemoApp(apps.random(apps.ID_LENGTH), apps.random(apps.SECRET_LENGTH))
    file.touch(mode=0o600)
    file.write_text(f"{fresh.client_id}\n{fresh.secret}\n")
    return fresh


def furnish(home: Path, machine_host: str, machine_port: int) -> None:
    """Make the demo, once; later calls only lead its trunk to where the answering machine listens now.

    An installation that has anybody or any organization, and no demo, is left alone.
    """
    with transaction.atomic():
        organization = Organization.objects.filter(number=ORGANIZATION).first()
        if organization is None:
            if Organization.objects.exists() or User.objects.exists():
                return
            organization = _make(password(home))
        elif not (home / LOGIN_FILE).exists():  # somebody's own, of the same number
            return
        _lead_trunk(organization, machine_host, machine_port)
        _make_key(api_key(home))
        _make_app(app(home))


def _make(secret: str) -> Organization:
    organization = Organization.objects.create(
        number=ORGANIZATION,
        name="Acme Clinic",
        country="US",
        time_zone="America/New_York",
        busy_wait=QUICK,
        no_answer_wait=QUICK,
        line_wait=QUICK,
        other_wait=QUICK,
        dials_limit=3,
        answered_limit=3,
        ring_limit=12,
    )
    Preferences.objects.update_or_create(id=1, defaults=_PREFERENCES)
    people = {one.login: _make_user(one, organization, secret) for one in USERS}
    for one in EXTENSIONS:
        extension = Extension.objects.create(
            organization=organization,
            number=one.number,
            name=one.name,
            owner=people[one.owner],
            station_id=one.station_id,
            caller_number=one.station_id.replace(" ", ""),
        )
        AuthorizedAddress.objects.create(extension=extension, address=people[one.owner].email)
    return organization


def _make_user(one: DemoUser, organization: Organization, secret: str) -> User:
    return User.objects.create_user(
        username=one.login,
        password=secret,
        email=f"{one.login}@acme.example",
        first_name=one.first,
        last_name=one.last,
        role=one.role,
        organization=organization,
    )


def _make_key(secret: str) -> None:
    """Ada's, with every scope. One that was taken back stays so."""
    person = User.objects.filter(username=USERS[0].login, role=Role.ADMINISTRATOR).first()
    if person is not None and api_keys.find(secret) is None:
        api_keys.keep(person, Actor(name="demo"), secret, name="Demo", scopes=tuple(Scope))


def _make_app(one: DemoApp) -> None:
    """Olivia's, so that it acts for the whole organization."""
    person = User.objects.filter(username=USERS[1].login, role=Role.ORGANIZATION_ADMINISTRATOR).first()
    if person is not None and not App.objects.filter(client_id=one.client_id).exists():
        wanted = Wanted("Demo", AppKind.TRUSTED, frozenset(Scope))
        apps.keep(person, wanted, one.client_id, one.secret, Actor(name="demo"))


def _lead_trunk(organization: Organization, host: str, port: int) -> None:
    trunk = Trunk.objects.filter(organization=organization, name=TRUNK).first()
    if trunk is None:
        Trunk.objects.create(organization=organization, **sandbox.told(host, port), sandbox=True)
    elif (trunk.host, trunk.port) != (host, port):
        trunk.host, trunk.port = host, port
        trunk.save(update_fields=["host", "port"])
