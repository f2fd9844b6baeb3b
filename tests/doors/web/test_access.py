"""Who may open which address: a stranger signs in first, and what is not one's own does not exist."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from caselli.doors.web.urls import urlpatterns
from caselli.store.models import ReceivedFax

OPEN_TO_ALL = {"home", "login", "logout", "appearance", "without-slash"}
FOR_EVERYBODY_SIGNED_IN = {"extensions"}
OF_AN_EXTENSION = {"extension", "sent", "received"}
OF_A_FAX = {
    "fax": [],
    "fax-told": [],
    "fax-row": [],
    "fax-attempt": [1, 1],
    "fax-page": [1],
    "fax-page-picture": [1],
    "fax-pages": [],
    "fax-document": [1],
}
CHANGING_A_FAX = {
    "fax-send": [],
    "fax-resend": [],
    "fax-cancel": [],
    "recipient-arrived": [1],
    "recipient-again": [1],
}
OF_A_RECEIVED_FAX = {
    "received-fax": [],
    "received-page": [1],
    "received-page-picture": [1],
    "received-pages": [],
    "received-delete": [],
}
CHANGING_A_RECEIVED_FAX = {"received-read": [], "received-unread": [], "received-delete": []}
OF_THE_MACHINE = {
    "machine": [],
    "machine-call": ["call"],
    "machine-page": ["call", 1],
    "machine-page-picture": ["call", 1],
    "machine-pages": ["call"],
}


def test_every_address_is_in_a_table_here():
    tables = OPEN_TO_ALL | FOR_EVERYBODY_SIGNED_IN | OF_AN_EXTENSION
    tables |= OF_A_FAX.keys() | CHANGING_A_FAX.keys() | OF_A_RECEIVED_FAX.keys() | CHANGING_A_RECEIVED_FAX.keys()
    assert {one.name for one in urlpatterns} == tables | OF_THE_MACHINE.keys()


@pytest.fixture
def places(cast, hand_in, run_calls, settings):
    """Every address with an object of Alice's or Bob's (Acme Clinic) behind it: (name, changes something) -> it."""
    fax = hand_in("+12025550100, 211")
    run_calls()
    received = ReceivedFax.objects.get(extension=cast.lab)
    cast.trunk.organization = cast.clinic
    cast.trunk.port = settings.CONFIGURATION.machine_sip.port
    cast.trunk.save()
    folder = settings.CONFIGURATION.machine_folder
    folder.mkdir(exist_ok=True)
    pages = settings.CONFIGURATION.blobs / fax.pages_blob[:2] / fax.pages_blob
    (folder / "call.tiff").write_bytes(pages.read_bytes())
    told = {"called": "+12025550100", "started_at": "2026-11-20T14:31:00Z", "seconds": 1, "pages": 1}
    (folder / "call.json").write_text(json.dumps(told))
    found = {(name, False): reverse(name) for name in FOR_EVERYBODY_SIGNED_IN}
    found |= {(name, False): reverse(name, args=[cast.desk.extended]) for name in OF_AN_EXTENSION}
    for table, changes in ((OF_A_FAX, False), (CHANGING_A_FAX, True)):
        found |= {(name, changes): reverse(name, args=[fax.uid, *more]) for name, more in table.items()}
    for table, changes in ((OF_A_RECEIVED_FAX, False), (CHANGING_A_RECEIVED_FAX, True)):
        found |= {(name, changes): reverse(name, args=[received.pk, *more]) for name, more in table.items()}
    return found | {(name, False): reverse(name, args=more) for name, more in OF_THE_MACHINE.items()}


def code_of(answer):
    answer.getvalue()  # a download holds its file open until it was read
    return answer.status_code


def answers(browser, places):
    return {key: code_of(browser.post(address) if key[1] else browser.get(address)) for key, address in places.items()}


def test_without_signing_in_every_address_leads_to_the_login(places):
    browser = Client()
    for (name, changes), address in places.items():
        answer = browser.post(address) if changes else browser.get(address)
        assert (answer.status_code, answer.url.partition("?")[0]) == (302, "/login"), name


def test_what_is_foreign_does_not_exist(cast, places, browser_of):
    got = answers(browser_of(cast.charlie), places)
    assert {key: code for key, code in got.items() if code != 404} == {("extensions", False): 200}


def test_bob_sees_what_he_received_and_nothing_of_alices(cast, places, browser_of):
    got = answers(browser_of(cast.bob), places)
    his = {*OF_A_RECEIVED_FAX, *CHANGING_A_RECEIVED_FAX, *OF_THE_MACHINE, "extensions"}
    assert {name for (name, _), code in got.items() if code in {200, 302}} >= his - {"received-delete"}
    assert {code for (name, _), code in got.items() if name not in his} == {404}


@pytest.mark.parametrize("who", ["admin", "olivia"])
def test_administrators_see_all_of_it(cast, places, browser_of, who):
    got = answers(browser_of(getattr(cast, who)), places)
    assert {key: code for key, code in got.items() if code not in {200, 302}} == {}


def test_nothing_changes_without_a_token_of_the_page(cast, places):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(cast.admin)
    changing = [address for (_, changes), address in places.items() if changes]
    sent = reverse("sent", args=[cast.desk.extended])
    for address in [*changing, sent, reverse("logout"), reverse("appearance")]:
        assert browser.post(address).status_code == 403, address


def test_nothing_changes_by_a_link(cast, places, browser_of):
    browser = browser_of(cast.admin)
    asking_first = "received-delete"
    for (name, changes), address in places.items():
        if changes and name != asking_first:
            assert browser.get(address).status_code == 405, name


def test_a_part_of_a_page_fetched_after_signing_out_loads_the_whole_page(places, htmx):
    answer = Client().get(places["fax-row", False], headers=htmx())
    assert answer.headers["HX-Refresh"] == "true"


def test_pages_are_kept_by_nobody_else_and_framed_by_nobody(places, alice):
    answer = alice.get(places["fax", False])
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
