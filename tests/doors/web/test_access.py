"""Who may open which address: a stranger signs in first, and what is not one's own does not exist.

One table: each address, each verb, each role. Whoever adds an address adds its line to ADDRESSES; a test fails until
then. All objects behind the addresses are Alice's (Acme Clinic), or lie on her extension: own to her, shared with two
of her colleagues, foreign to the others.
"""

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from doors.api.oauth import app_of
from doors.web.things import mail_with_an_attachment, receive_at_the_machine, with_the_pages_of
from oauth2_provider.models import AccessToken

from caselli.approval.confirm import token_of
from caselli.directory import api_keys
from caselli.directory.app_form import AppKind
from caselli.directory.audit import Actor
from caselli.directory.invite import link_for
from caselli.directory.scopes import Scope
from caselli.doors.web.urls import urlpatterns
from caselli.fax.submission import HandedFile
from caselli.intake.stage import stage
from caselli.store.models import (
    BlockedDestination,
    Fax,
    MailSource,
    Organization,
    ReceivedFax,
    Role,
    Share,
    User,
)

ROLES = ("stranger", "foreigner", "colleague", "reader", "actor", "owner", "olivia", "foreign_administrator", "admin")
"""``reader`` and ``actor``: colleagues with whom the extension is shared, to read and to act; ``olivia`` administers
the organization, ``foreign_administrator`` another one, ``admin`` the server."""

# What each role gets, in that order. "login": is led to the login. 405: no such verb, whoever asks.
NEVER = "405 405 405 405 405 405 405 405 405"
PUBLIC = "302 302 302 302 302 302 302 302 302"
OUT = "login login login login login login login login login"
NOWHERE = "404 404 404 404 404 404 404 404 404"
SIGNED_IN = "login 200 200 200 200 200 200 200 200"
READ = "login 404 404 200 200 200 200 404 200"
ASK = "login 404 404 404 200 200 200 404 200"  # a page that asks before it acts
ACT = "login 404 404 404 302 302 302 404 302"
CHOOSE = "login 404 404 302 302 302 302 404 302"
SEND = "login 404 404 404 422 422 422 404 422"  # an empty form, which is refused in words
READ_BY_WHO_ACTS = "login 404 404 404 200 200 200 404 200"
NOTHING_UPLOADED = "login 404 404 404 400 400 400 404 400"
HERS_ALONE = "login 404 404 404 404 200 404 404 404"  # what Alice uploaded, and no administrator may see
REMOVE_HERS = "login 404 404 404 404 204 404 404 404"
OUR_LINES = "login 404 200 200 200 200 200 404 200"
ADMINISTER = "login 404 404 404 404 404 200 200 200"
ADMINISTER_FORM = "login 404 404 404 404 404 422 422 422"
ADMINISTER_OURS = "login 404 404 404 404 404 200 404 200"
ADMINISTER_OURS_FORM = "login 404 404 404 404 404 422 404 422"
ADMINISTER_OURS_DO = "login 404 404 404 404 404 302 404 302"
ADMINISTER_OURS_HELD = "login 404 404 404 404 404 409 404 409"  # its faxes keep it
SERVER = "login 404 404 404 404 404 404 404 200"
SERVER_FORM = "login 404 404 404 404 404 404 404 422"
SERVER_DO = "login 404 404 404 404 404 404 404 302"
SERVER_HELD = "login 404 404 404 404 404 404 404 409"
SET_UP = "login 404 404 404 404 200 200 404 200"
SET_UP_FORM = "login 404 404 404 404 422 422 404 422"
NO_ORGANIZATION_CHOSEN = "login 404 404 404 404 404 422 422 200"  # the form, where there is but one; else the choice
ANYBODY = "200 200 200 200 200 200 200 200 200"
HALFWAY = "login 302 302 302 302 302 302 302 302"  # a step of signing in
GOES_ON = "login 302 302 302 302 302 302 302 302"  # to another page of the account, mostly to *Is it you?*
NONE_SET_UP = "login 404 404 404 404 404 404 404 404"
OWN = "login 404 404 404 404 302 404 404 404"
SET_UP_DO = "login 404 404 404 404 302 302 404 302"
APPROVE = "login 404 404 404 404 404 200 404 200"  # not one's own: the owner reads it in Fax info
APPROVE_DO = "login 404 404 404 404 404 302 404 302"
APPROVE_FORM = "login 404 404 404 404 404 422 404 422"
SIGN_IN = "200 302 302 302 302 302 302 302 302"
SIGN_IN_FORM = "422 302 302 302 302 302 302 302 302"
ANYBODYS_FORM = "422 422 422 422 422 422 422 422 422"
NO_BUTTON = "409 409 409 409 409 409 409 409 409"
NOTHING_ASKED = "400 400 400 400 400 400 400 400 400"
OWN_FORM = "login 422 422 422 422 422 422 422 422"


@dataclass(frozen=True)
class Address:
    """``of``: what stands in the address, a name of the fixture ``objects``; ``more`` stands behind it."""

    of: str = ""
    more: tuple = ()
    get: str = NEVER
    post: str = NEVER


ADDRESSES = {
    "home": Address(get=PUBLIC),
    "login": Address(get=SIGN_IN, post=SIGN_IN_FORM),
    "logout": Address(post=OUT),
    "appearance": Address(post=PUBLIC),
    "api-keys": Address(get=SIGNED_IN),
    "api-key-add": Address(get=GOES_ON, post=GOES_ON),
    "api-key-end": Address("api key", get=SET_UP, post=SET_UP_DO),
    "docs-api": Address(get=ANYBODY),
    "docs-problems": Address(get=ANYBODY),
    "apps": Address(get=SIGNED_IN),
    "app-add": Address(get=SIGNED_IN, post=OWN_FORM),
    "app": Address("app", get=SET_UP, post=SET_UP_FORM),
    "app-secret": Address("app", get=SET_UP, post=SET_UP),
    "app-remove": Address("app", get=SET_UP, post=SET_UP_DO),
    "app-take-back": Address("app", post=OWN),
    "authorize": Address(get=NOTHING_ASKED, post=NOTHING_ASKED),
    "account_login": Address(get=SIGN_IN, post=SIGN_IN_FORM),
    "account_logout": Address(post=OUT),
    "account_inactive": Address(get=ANYBODY),
    "account_reset_password": Address(get=ANYBODY, post=ANYBODYS_FORM),
    "account_reset_password_done": Address(get=ANYBODY),
    "account_reset_password_from_key": Address("link", get=PUBLIC, post=PUBLIC),
    "account_reset_password_from_key_done": Address(get=ANYBODY),
    "account_reauthenticate": Address(get=SIGNED_IN, post=OWN_FORM),
    "account_change_password": Address(get=SIGNED_IN, post=OWN_FORM),
    "account_set_password": Address(get=GOES_ON, post=GOES_ON),
    "mfa_authenticate": Address(get=HALFWAY, post=HALFWAY),
    "mfa_login_webauthn": Address(get=HALFWAY, post=HALFWAY),
    "mfa_index": Address(get=SIGNED_IN),
    "mfa_reauthenticate": Address(get=GOES_ON, post=GOES_ON),
    "mfa_reauthenticate_webauthn": Address(get=GOES_ON, post=GOES_ON),
    "mfa_activate_totp": Address(get=GOES_ON, post=GOES_ON),
    "mfa_deactivate_totp": Address(get=NONE_SET_UP, post=NONE_SET_UP),
    "mfa_view_recovery_codes": Address(get=NONE_SET_UP),
    "mfa_generate_recovery_codes": Address(get=GOES_ON, post=GOES_ON),
    "mfa_download_recovery_codes": Address(get=NONE_SET_UP),
    "mfa_list_webauthn": Address(get=SIGNED_IN),
    "mfa_add_webauthn": Address(get=GOES_ON, post=GOES_ON),
    "mfa_edit_webauthn": Address("passkey", get=GOES_ON, post=GOES_ON),
    "mfa_remove_webauthn": Address("passkey", get=GOES_ON, post=GOES_ON),
    "usersessions_list": Address(get=SIGNED_IN, post=GOES_ON),
    "session-end": Address("session", post=OWN),
    "second-factor-first": Address(get=GOES_ON),
    "set-up": Address(get=NOWHERE, post=NOWHERE),  # over, or never begun: tests/doors/web/test_set_up.py
    "set-up-leave": Address(post=NONE_SET_UP),
    "without-slash": Address("nowhere", get=NOWHERE, post=NOWHERE),
    "extensions": Address(get=SIGNED_IN),
    "extension": Address("extension", get=READ),
    "sent": Address("extension", get=READ, post=SEND),
    "sent-several": Address("extension", post=CHOOSE),  # nothing is chosen: told so, whoever may read
    "received": Address("extension", get=READ),
    "recipients": Address("extension", post=READ_BY_WHO_ACTS),
    "stage": Address("extension", post=NOTHING_UPLOADED),
    "staged-picture": Address("staged", (1,), get=HERS_ALONE),
    "staged-remove": Address("staged", post=REMOVE_HERS),
    "fax": Address("fax", get=READ),
    "fax-report": Address("fax", get=READ),
    "fax-report-pdf": Address("fax", get=READ),
    "fax-told": Address("fax", get=READ),
    "fax-row": Address("fax", get=READ),
    "fax-attempt": Address("fax", (1, 1), get=READ),
    "fax-page": Address("fax", (1,), get=READ),
    "fax-page-picture": Address("fax", (1,), get=READ),
    "fax-pages": Address("fax", get=READ),
    "fax-document": Address("fax", (1,), get=READ),
    "fax-send": Address("fax", post=ACT),
    "fax-resend": Address("fax", post=ACT),
    "fax-cancel": Address("fax", post=ACT),
    "recipient-arrived": Address("fax", (1,), post=ACT),
    "recipient-again": Address("fax", (1,), post=ACT),
    "fax-recipients": Address("waiting", get=ASK, post=SEND),
    "approvals": Address(get=SIGNED_IN),
    "approval": Address("waiting", get=APPROVE),
    "approval-line": Address("waiting", get=APPROVE),
    "approval-approve": Address("waiting", post=APPROVE_DO),
    "approval-refuse": Address("waiting", post=APPROVE_FORM),
    "sharing": Address("extension", get=SET_UP, post=SET_UP_FORM),
    "sharing-stop": Address("share", post=SET_UP_DO),
    "received-fax": Address("received", get=READ),
    "received-page": Address("received", (1,), get=READ),
    "received-page-picture": Address("received", (1,), get=READ),
    "received-pages": Address("received", get=READ),
    "received-read": Address("received", post=ACT),
    "received-unread": Address("received", post=ACT),
    "received-delete": Address("received", get=ASK, post=ACT),
    "administration": Address(get=ADMINISTER),
    "preferences": Address(get=SERVER, post=SERVER_FORM),
    "organizations": Address(get=SERVER),
    "organization-add": Address(get=SERVER, post=SERVER_FORM),
    "organization": Address("organization", get=ADMINISTER_OURS, post=ADMINISTER_OURS_FORM),
    "organization-remove": Address("organization", get=SERVER, post=SERVER_HELD),
    "mail-templates": Address("organization", get=ADMINISTER_OURS),
    "mail-template": Address("mail text", get=ADMINISTER_OURS, post=ADMINISTER_OURS_FORM),
    "mail-template-preview": Address("mail text", post=ADMINISTER_OURS),
    "mail-template-ours": Address("mail text", get=ADMINISTER_OURS, post=ADMINISTER_OURS_DO),
    "users": Address(get=ADMINISTER),
    "user-add": Address(get=ADMINISTER, post=ADMINISTER_FORM),
    "user": Address("user", get=ADMINISTER_OURS, post=ADMINISTER_OURS_FORM),
    "user-link": Address("user", post=ADMINISTER_OURS_DO),
    "user-second-factor": Address("user", post=ADMINISTER_OURS_DO),
    "user-remove": Address("user", get=ADMINISTER_OURS, post=ADMINISTER_OURS_HELD),
    "administered-extensions": Address(get=ADMINISTER),
    "extension-add": Address(get=ADMINISTER, post=NO_ORGANIZATION_CHOSEN),
    "administered-extension": Address("extension key", get=ADMINISTER_OURS, post=ADMINISTER_OURS_FORM),
    "administered-extension-remove": Address("extension key", get=ADMINISTER_OURS, post=ADMINISTER_OURS_HELD),
    "extension-settings": Address("extension", get=SET_UP, post=SET_UP_FORM),
    "trunks": Address(get=ADMINISTER),
    "trunk-add": Address(get=SERVER, post=SERVER_FORM),
    "trunk": Address("trunk", get=ADMINISTER_OURS, post=SERVER_FORM),
    "trunk-switch": Address("trunk", post=SERVER_DO),
    "trunk-remove": Address("trunk", get=SERVER, post=SERVER_DO),
    "trunk-tests": Address("trunk", get=ADMINISTER_OURS, post=ADMINISTER_OURS_FORM),
    "trunk-test": Address("trunk test", get=ADMINISTER_OURS),
    "mailboxes": Address(get=SERVER),
    "mailbox-add": Address(get=SERVER, post=SERVER_FORM),
    "mailbox": Address("mailbox", get=SERVER, post=SERVER_FORM),
    "mailbox-switch": Address("mailbox", post=SERVER_DO),
    "mailbox-test": Address("mailbox", post=SERVER_DO),
    "mailbox-remove": Address("mailbox", get=SERVER, post=SERVER_DO),
    "blocked": Address(get=ADMINISTER),
    "blocked-add": Address(get=ADMINISTER, post=ADMINISTER_FORM),
    "blocked-remove": Address("blocked", get=ADMINISTER_OURS, post=ADMINISTER_OURS_DO),
    "audit": Address(get=ADMINISTER),
    "mails": Address(get=SERVER),
    "confirm": Address("mail link", get=ANYBODY, post=NO_BUTTON),
    "confirm-told": Address("mail link", get=ANYBODY),
    "confirm-picture": Address("mail link", (1,), get=ANYBODY),
    "incoming-mails": Address(get=ADMINISTER),
    "mail": Address("mail", get=SERVER),
    "mail-attachment": Address("mail", (1,), get=SERVER),
    "mail-source": Address("mail", get=SERVER),
    "machine": Address(get=OUR_LINES),
    "machine-call": Address("call", get=OUR_LINES),
    "machine-page": Address("call", (1,), get=OUR_LINES),
    "machine-page-picture": Address("call", (1,), get=OUR_LINES),
    "machine-pages": Address("call", get=OUR_LINES),
}


def test_every_address_has_its_line_here():
    assert {one.name for one in urlpatterns} == ADDRESSES.keys()


@pytest.fixture
def people(cast):
    """A person for each role; the stranger is nobody."""

    def user(name, organization, role=Role.USER):
        return User.objects.create_user(name, password="secret", organization=organization, role=role)

    reader, actor = user("reader", cast.clinic), user("actor", cast.clinic)
    Share.objects.create(extension=cast.desk, user=reader)
    Share.objects.create(extension=cast.desk, user=actor, may_act=True)
    return {
        "stranger": None,
        "foreigner": cast.charlie,
        "colleague": cast.bob,
        "reader": reader,
        "actor": actor,
        "owner": cast.alice,
        "olivia": cast.olivia,
        "foreign_administrator": user("fred", cast.rival, Role.ORGANIZATION_ADMINISTRATOR),
        "admin": cast.admin,
    }


@pytest.fixture
def objects(cast, people, hand_in, run_calls, browser_of, letter, settings, mailed):
    """What may stand in an address: by its name, the arguments of the address."""
    fax = hand_in("+12025550100")
    run_calls()
    lab = reverse("sent", args=[cast.lab.extended])
    browser_of(cast.bob).post(lab, {"recipients": "210", "files": [letter()]})
    receive_at_the_machine(cast, fax, settings.CONFIGURATION)
    keeper = User.objects.create_user("keeper", organization=cast.clinic)
    return {
        "": [],
        "nowhere": ["nowhere"],
        "extension": [cast.desk.extended],
        "staged": [stage(cast.desk, cast.alice, HandedFile("note.txt", b"Dear clinic")).uid],
        "fax": [fax.uid],
        "waiting": [_fax_that_needs_a_yes(cast, hand_in).uid],
        "share": [cast.desk.extended, cast.desk.shares.get(may_act=True).pk],
        "received": [ReceivedFax.objects.get(extension=cast.desk).pk],
        "call": ["call"],
        "mail": [mail_with_an_attachment().uid],
        "mail link": [token_of(with_the_pages_of(fax, mailed("+12025550107").fax))],
        "organization": [cast.clinic.pk],
        "mail text": [cast.clinic.pk, cast.clinic.mail_templates.create(happening="sent", subject="Gone").happening],
        "user": [cast.alice.pk],
        "extension key": [cast.desk.pk],
        "trunk": [cast.trunk.pk],
        "trunk test": [cast.trunk.pk, cast.trunk.tests.create(kind="options", asked_at=timezone.now()).pk],
        "link": urlsplit(link_for(keeper)).path.rpartition("/")[2].split("-", 1),
        "passkey": [Authenticator.objects.create(user=keeper, type="webauthn", data={"name": "Key"}).pk],
        "api key": [api_keys.make(cast.alice, Actor(), name="Key", scopes=[Scope.FAX_READ])[0].uid],
        "app": [_app_that_may_act_for(cast.alice).pk],
        "session": [UserSession.objects.get(user=cast.alice).pk],
        "mailbox": [MailSource.objects.create(name="Provider", host="127.0.0.1", port=1).pk],
        "blocked": [BlockedDestination.objects.create(organization=cast.clinic, prefix="+882").pk],
    }


def _app_that_may_act_for(person):
    """Registered by the person, too."""
    app = app_of(person, AppKind.CONSENT).app
    AccessToken.objects.create(
        user=person, application=app, token_checksum="0" * 64, expires=timezone.now() + timedelta(hours=1)
    )
    return app


def _fax_that_needs_a_yes(cast, hand_in):
    Organization.objects.filter(pk=cast.clinic.pk).update(approve_all=True)
    fax = hand_in("+12025550100")
    Organization.objects.filter(pk=cast.clinic.pk).update(approve_all=False)
    return fax


@pytest.fixture
def places(objects):
    return {name: reverse(name, args=[*objects[one.of], *one.more]) for name, one in ADDRESSES.items()}


def answer_to(browser, verb, address):
    """What came back, in the words of the table; what it changed is undone."""
    with transaction.atomic():
        answer = browser.get(address) if verb == "get" else browser.post(address)
        answer.getvalue()  # a download holds its file open until it was read
        transaction.set_rollback(True)
    to_login = answer.status_code == 302 and answer.url.partition("?")[0] == "/login"
    return "login" if to_login else str(answer.status_code)


def as_signed_in(cookies):
    """A new browser with these cookies: whatever the last one was sent, signing in takes long."""
    browser = Client(REMOTE_ADDR="192.0.2.7")
    browser.cookies.update(cookies)
    return browser


def test_each_role_gets_what_the_table_says(people, places, browser_of):
    """In one test, because all roles look at the same objects, which take long to make."""
    wrong = {}
    for role, person in people.items():
        signed_in = (browser_of(person) if person else Client()).cookies
        for name, address in places.items():
            for verb in ("get", "post"):
                got = answer_to(as_signed_in(signed_in), verb, address)
                expected = getattr(ADDRESSES[name], verb).split()[ROLES.index(role)]
                if got != expected:
                    wrong[f"{verb} {name} by the {role}"] = f"{got}, not {expected}"
    assert wrong == {}


def test_who_is_asked_to_approve_a_fax_reads_and_decides_on_that_fax_alone(cast, places, browser_of):
    cast.desk.approver = cast.bob
    cast.desk.save()
    got = {
        (verb, name): answer_to(browser_of(cast.bob), verb, address)
        for verb in ("get", "post")
        for name, address in places.items()
    }
    opened = {key for key, code in got.items() if code not in {"404", "405", "login"}}
    as_colleague = {
        (verb, name)
        for name, one in ADDRESSES.items()
        for verb in ("get", "post")
        if getattr(one, verb).split()[ROLES.index("colleague")] not in {"404", "405", "login"}
    }
    decides = {("get", "approval"), ("get", "approval-line"), ("post", "approval-approve"), ("post", "approval-refuse")}
    assert opened - as_colleague == decides
    waiting = Fax.objects.get(status="awaiting_approval", channel="web").uid
    for name, one in ADDRESSES.items():
        if one.of == "fax" and name != "fax-attempt":
            address = reverse(name, args=[waiting, *one.more])
            verb, expected = ("get", "200") if one.get == READ else ("post", "404")
            assert answer_to(browser_of(cast.bob), verb, address) == expected, name


def test_nothing_changes_without_a_token_of_the_page(cast, places):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(cast.admin)
    for name, address in places.items():
        if ADDRESSES[name].post not in {NEVER, NOWHERE}:
            assert browser.post(address).status_code == 403, name


def test_a_part_of_a_page_fetched_after_signing_out_loads_the_whole_page(places, htmx):
    answer = Client().get(places["fax-row"], headers=htmx())
    assert answer.headers["HX-Refresh"] == "true"


def test_pages_are_kept_by_nobody_else_and_framed_by_nobody(places, alice):
    answer = alice.get(places["fax"])
    assert "no-store" in answer["Cache-Control"]
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    policy = answer["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


def test_a_user_who_is_switched_off_is_out(cast, alice, sent_page):
    cast.alice.is_active = False
    cast.alice.save()
    assert alice.get(sent_page).url.startswith("/login")
