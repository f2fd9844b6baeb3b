"""PostgreSQL keeps no NUL: whoever sends one is told in which field, and nothing breaks."""

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from doors.web.access_table import ADDRESSES

NUL = "a\0b"
QUERY = """
    after before channel client_id code_challenge find key kind newer next older organization redirect_uri scope
    shown since state status text to trunk until was width
"""
BODY = """
    answer appearance back body code content credential deed email enabled expires fax files hold key kind login name
    next number oldpassword password password1 password2 reason recipient recipients redirect_uris remove right
    scopes seen staged step subject typed with
"""


@pytest.fixture
def places(cast, make_fax):
    fax, clinic = make_fax("+12025550100"), cast.clinic.pk
    objects = {
        "": [],
        "extension": [cast.desk.extended],
        "fax": [fax.uid],
        "waiting": [fax.uid],
        "organization": [clinic],
        "mail text": [clinic, "sent"],
        "user": [cast.bob.pk],
        "extension key": [cast.desk.pk],
        "trunk": [cast.trunk.pk],
    }
    return {
        name: reverse(name, args=[*objects[one.of], *one.more]) for name, one in ADDRESSES.items() if one.of in objects
    }


def _ask(browser, verb, address, sent):
    with transaction.atomic():
        answer = getattr(browser, verb)(address, dict.fromkeys(sent, NUL))
        transaction.set_rollback(True)
    return answer


def test_no_page_breaks(cast, places, browser_of):
    for browser in (Client(), browser_of(cast.alice), browser_of(cast.admin)):
        browser.raise_request_exception = False
        for name, address in places.items():
            for verb, sent in (("get", QUERY.split()), ("post", BODY.split())):
                assert _ask(browser, verb, address, sent).status_code < 500, (verb, name)


@pytest.mark.parametrize(
    ("verb", "name", "field"), [("get", "sent", "text"), ("get", "extensions", "find"), ("post", "sent", "recipients")]
)
def test_the_field_is_named(alice, places, verb, name, field):
    answer = _ask(alice, verb, places[name], [field])
    assert answer.status_code == 400
    assert (
        f"The field “{field}” has a character in it that no text can have (NUL). Take it out."
        in answer.content.decode()
    )


def test_an_address_with_one_leads_nowhere(alice):
    assert alice.get("/confirm/a%00b").status_code == 404


def test_the_way_back_is_an_address_of_ours(alice, places):
    for back in ("a", NUL, "//elsewhere.example/"):
        answer = alice.post(places["appearance"], {"back": back, "appearance": "dark"})
        assert (answer.status_code, answer["Location"]) == (302, places["extensions"])
