"""Apps: programs that get access tokens by OAuth 2.0. Registered, changed, removed; and what people let them do.

An app belongs to the account that registered it: a user, an organization (its administrator) or the server (an
administrator). A trusted app acts as that account; one with consent as each person who allows it. A secret is shown
once, and of it only the digest is kept: it is random, so there is nothing to guess that a slow hash would slow down.
"""

import hashlib
import hmac
import secrets
import string
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from oauth2_provider.models import AccessToken, Grant, RefreshToken

from caselli.directory import access, api_keys, audit, sign_in
from caselli.directory.app_form import AppKind, Wanted, faults_of, kind_of
from caselli.directory.audit import Actor, Change
from caselli.directory.scopes import WORDS, Scope
from caselli.store.models import App, AuditEntry, Role, User

KIND = "app"
MOST = 100
"""Apps of one person."""
SECRET_LENGTH, ID_LENGTH = 48, 32
_LETTERS = string.ascii_letters + string.digits
"""Alone: clients put an id and a secret into forms and headers without escaping them."""
NO_SECRET = ""


@dataclass(frozen=True, slots=True)
class Made:
    """``secret`` is in nobody's hands but those of whom it is shown to; empty where the app has none."""

    app: App
    secret: str


class NotMade(ValueError):  # noqa: N818 - it names what happened
    """``faults``: by field, what is wrong and what to do."""

    def __init__(self, faults: dict[str, str]) -> None:
        super().__init__(" ".join(faults.values()))
        self.faults = faults


def create(person: User, wanted: Wanted, actor: Actor) -> Made:
    """Raises NotMade."""
    _check(person, wanted)
    if App.objects.filter(user=person).count() >= MOST:
        raise NotMade({"name": f"{person.called} has {MOST} apps already. Remove those that nobody needs."})
    secret = NO_SECRET if wanted.kind is AppKind.PUBLIC else random(SECRET_LENGTH)
    return Made(keep(person, wanted, random(ID_LENGTH), secret, actor), secret)


def keep(person: User, wanted: Wanted, client_id: str, secret: str, actor: Actor) -> App:
    """Write down one whose id and secret are there already (the demo's)."""
    trusted, public = wanted.kind is AppKind.TRUSTED, wanted.kind is AppKind.PUBLIC
    with transaction.atomic():
        app = App.objects.create(
            user=person,
            client_id=client_id,
            client_secret=digest_of(secret),
            hash_client_secret=False,  # it is a digest already
            client_type=App.CLIENT_PUBLIC if public else App.CLIENT_CONFIDENTIAL,
            authorization_grant_type=App.GRANT_CLIENT_CREDENTIALS if trusted else App.GRANT_AUTHORIZATION_CODE,
            **_settings(wanted),
        )
        changes = [Change(label, "", new) for label, new in _in_words(app).items() if new]
        changes.append(Change("Belongs to", "", str(person)))
        audit.note(actor, AuditEntry.Deed.ADDED, KIND, called(app), person.organization, changes)
    return app


def change(app: App, wanted: Wanted, actor: Actor) -> App:
    """Its kind stays. Tokens that are out lose what it may not ask for any more. Raises NotMade."""
    with transaction.atomic():
        locked = App.objects.select_for_update(of=("self",)).select_related("user__organization").get(pk=app.pk)
        _check(owner_of(locked), wanted)
        before = _in_words(locked)
        for name, value in _settings(wanted).items():
            setattr(locked, name, value)
        changes = [
            Change(label, before[label], new) for label, new in _in_words(locked).items() if before[label] != new
        ]
        if changes:
            locked.save()
            _note(locked, AuditEntry.Deed.CHANGED, actor, changes)
    return locked


def renew_secret(app: App, actor: Actor) -> str:
    """The old one opens nothing from now on; tokens that are out stay good for their hour."""
    secret = random(SECRET_LENGTH)
    with transaction.atomic():
        App.objects.filter(pk=app.pk).update(client_secret=digest_of(secret), updated=timezone.now())
        _note(app, AuditEntry.Deed.CHANGED, actor, [Change("Secret", "(secret)", "(another secret)")])
    return secret


def remove(app: App, actor: Actor) -> None:
    """With all its tokens: it can do nothing from the next request on."""
    with transaction.atomic():
        removed, _ = App.objects.filter(pk=app.pk).delete()
        if removed:
            _note(app, AuditEntry.Deed.REMOVED, actor)


def apps_seen_by(user: User) -> QuerySet[App]:
    """One's own, and those of the people one administers."""
    apps = App.objects.select_related("user__organization")
    if not user.is_active:
        return apps.none()
    return apps.filter(Q(user=user) | Q(user__in=access.users_administered_by(user).values("pk")))


def owner_of(app: App) -> User:
    """Who registered it; an app of nobody cannot be: it goes with its person."""
    assert isinstance(app.user, User)
    return app.user


def is_good(app: App) -> bool:
    """Whether the account behind it is."""
    return has_power(owner_of(app))


def has_power(person: User) -> bool:
    """A program has as much power as a person at the browser: none without the second factor that is asked for."""
    return sign_in.may_sign_in(person) and not sign_in.lacks_second_factor(person)


def reaches(app: App, person: User) -> bool:
    """Whom it may ask for consent: the people of its account's organization; an administrator's app, everybody."""
    owner = owner_of(app)
    return owner.role == Role.ADMINISTRATOR or owner.organization_id == person.organization_id


def scopes_of(app: App, person: User) -> tuple[Scope, ...]:
    """The most it gets from this person."""
    return tuple(one for one in api_keys.scopes_for(person) if one.value in app.scopes)


def granted_by(person: User) -> list[App]:
    """The apps that may act for the person until this is taken back, or nobody uses it any more."""
    now = timezone.now()
    with_access = AccessToken.objects.filter(user=person, expires__gt=now).values("application")
    with_refresh = RefreshToken.objects.filter(user=person, revoked=None).values("application")
    apps = App.objects.select_related("user__organization")
    return list(apps.filter(Q(pk__in=with_access) | Q(pk__in=with_refresh)))


def scopes_granted(app: App, person: User) -> tuple[Scope, ...]:
    """What the person allowed it last, as far as there is still something to allow."""
    newest = AccessToken.objects.filter(application=app, user=person).order_by("-expires").first()
    allowed = newest.scope.split() if newest else []
    return tuple(one for one in scopes_of(app, person) if one.value in allowed)


def note_granted(app: App, person: User, scopes: str, actor: Actor) -> None:
    """That the person allowed it, in the transaction in which the code is kept."""
    change = Change(f"May act for {person}", "", scopes.replace(" ", ", "))
    audit.note(actor, AuditEntry.Deed.CHANGED, KIND, called(app), person.organization, [change])


def take_back(app: App, person: User, actor: Actor) -> bool:
    """The app can do nothing for the person any more; False where it was so already."""
    with transaction.atomic():
        theirs = [one.objects.filter(application=app, user=person) for one in (Grant, RefreshToken, AccessToken)]
        taken = sum(one.delete()[0] for one in theirs)
        if taken:
            change = Change(f"May act for {person}", "yes", "no")
            audit.note(actor, AuditEntry.Deed.CHANGED, KIND, called(app), person.organization, [change])
    return bool(taken)


def note_use(app: App, ip: str | None) -> None:
    App.objects.filter(pk=app.pk).update(last_used_at=timezone.now(), last_used_ip=ip)


def called(app: App) -> str:
    return f"{app.name} ({app.client_id[:6]}…)"


def digest_of(secret: str) -> str:
    """Empty for no secret: nothing has this digest."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest() if secret else ""


def is_secret(given: str, app: App) -> bool:
    """How long it takes says nothing about secrets that are near."""
    return bool(given) and hmac.compare_digest(digest_of(given), app.client_secret)


def _check(person: User, wanted: Wanted) -> None:
    faults = faults_of(wanted)
    beyond = [one.value for one in wanted.scopes if one not in api_keys.scopes_for(person)]
    if beyond and wanted.kind is AppKind.TRUSTED:
        faults["scopes"] = f"{person.called} administers nothing. Leave out the scope {', '.join(beyond)}."
    if faults:
        raise NotMade(faults)


def _settings(wanted: Wanted) -> dict[str, object]:
    return {
        "name": wanted.name,
        "redirect_uris": " ".join(wanted.redirect_uris),
        "scopes": [one.value for one in WORDS if one in wanted.scopes],
    }


def _in_words(app: App) -> dict[str, str]:
    return {
        "Name": app.name,
        "Kind": kind_of(app).words,
        "Redirect addresses": app.redirect_uris.replace(" ", ", "),
        "Scopes": ", ".join(app.scopes),
    }


def _note(app: App, deed: AuditEntry.Deed, actor: Actor, changes: list[Change] | None = None) -> None:
    audit.note(actor, deed, KIND, called(app), owner_of(app).organization, changes or ())


def random(length: int) -> str:
    """For an id or a secret."""
    return "".join(secrets.choice(_LETTERS) for _ in range(length))
