"""Apps of the cast, and requests for tokens as programs send them."""

from urllib.parse import urlencode

from django.test import Client

from caselli.directory import apps
from caselli.directory.app_form import AppKind, Wanted
from caselli.directory.audit import Actor
from caselli.directory.scopes import Scope

DONE = "https://app.example.com/done"
STATE = "0123456789abcdef"
FORM = "application/x-www-form-urlencoded"


def app_of(person, kind=AppKind.TRUSTED, *scopes, name="Billing", redirect_uris=(DONE,)):
    """The app and its secret."""
    addresses = () if kind is AppKind.TRUSTED else tuple(redirect_uris)
    wanted = Wanted(name, kind, frozenset(scopes or (Scope.FAX_READ, Scope.FAX_SEND)), addresses)
    return apps.create(person, wanted, Actor(person))


def ask(made, *, path="/oauth/token.php", content_type=FORM, before="", headers=None, ip="192.0.2.80", **said):
    """A request for a token: id and secret in the form, unless ``said`` otherwise (None leaves one out)."""
    form = {"grant_type": "client_credentials", "client_id": made.app.client_id, "client_secret": made.secret} | said
    body = before + urlencode({name: one for name, one in form.items() if one is not None})
    return Client(REMOTE_ADDR=ip).post(path, body, content_type=content_type, headers=headers or {})


def token_of(made, **said):
    answer = ask(made, **said)
    assert answer.status_code == 200, answer.content
    return answer.json()["access_token"]
