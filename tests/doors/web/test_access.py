"""Who may open which address: a stranger signs in first, and what is not one's own does not exist.

One table (access_table.py): each address, each verb, each role. Whoever adds an address adds its line; a test fails
until then. All objects behind the addresses are Alice's (Acme Clinic), or lie on her extension: own to her, shared with
two of her colleagues, foreign to the others.
"""

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
from doors.web.access_table import ADDRESSES, NEVER, NOWHERE, READ, ROLES
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
    Webhook,
    WebhookMessage,
)


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
        "webhook": [_webhook_message(cast).webhook.uid],
        "webhook message": [(message := _webhook_message(cast)).webhook.uid, message.uid],
        "blocked": [BlockedDestination.objects.create(organization=cast.clinic, prefix="+882").pk],
    }


def _app_that_may_act_for(person):
    """Registered by the person, too."""
    app = app_of(person, AppKind.CONSENT).app
    AccessToken.objects.create(
        user=person, application=app, token_checksum="0" * 64, expires=timezone.now() + timedelta(hours=1)
    )
    return app


def _webhook_message(cast):
    """Its address leads nowhere: nothing is sent into the network of this machine here."""
    now = timezone.now()
    fields = {"secret": "whsec_c2VjcmV0", "created_at": now, "url": "https://localhost:1/"}
    hook, _ = Webhook.objects.get_or_create(organization=cast.clinic, name="Orders", defaults=fields)
    return WebhookMessage.objects.create(
        webhook=hook, organization=cast.clinic, kind="fax.sent", body="{}", added_at=now, next_try_at=now
    )


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


@pytest.fixture
def cookies_of(browser_of):
    """After a first page, which notes the session: each further one would note it again, as it is undone."""

    def sign_in(person):
        browser = browser_of(person) if person else Client()
        browser.get("/")
        return browser.cookies

    return sign_in


def as_signed_in(cookies):
    """A new browser with these cookies: whatever the last one was sent, signing in takes long."""
    browser = Client(REMOTE_ADDR="192.0.2.7")
    browser.cookies.update(cookies)
    return browser


def test_each_role_gets_what_the_table_says(people, places, cookies_of):
    """In one test, because all roles look at the same objects, which take long to make."""
    wrong = {}
    for role, person in people.items():
        signed_in = cookies_of(person)
        for name, address in places.items():
            for verb in ("get", "post"):
                got = answer_to(as_signed_in(signed_in), verb, address)
                expected = getattr(ADDRESSES[name], verb).split()[ROLES.index(role)]
                if got != expected:
                    wrong[f"{verb} {name} by the {role}"] = f"{got}, not {expected}"
    assert wrong == {}


def test_who_is_asked_to_approve_a_fax_reads_and_decides_on_that_fax_alone(cast, places, cookies_of):
    cast.desk.approver = cast.bob
    cast.desk.save()
    signed_in = cookies_of(cast.bob)
    got = {
        (verb, name): answer_to(as_signed_in(signed_in), verb, address)
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
            assert answer_to(as_signed_in(signed_in), verb, address) == expected, name


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
