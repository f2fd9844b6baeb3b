"""The tests of a trunk in the browser: three ways to ask, progress, words, messages."""

import pytest
from django.urls import reverse

from caselli.directory import trunk_test
from caselli.directory.trunk_test import Kind
from caselli.fax import trunk_words
from caselli.fax.outcome import Direction, LadderEntry, LadderProtocol
from caselli.fax.trunk_words import Told
from caselli.store.models import Trunk, TrunkTest

ALIVE = Told(
    True, "The host answered.", "Try a call next.", ("Answer: 200 OK", "Round trip: 12 ms", "It names no T.38")
)
LADDER = (LadderEntry(0.0, LadderProtocol.SIP, Direction.SENT, "OPTIONS", "OPTIONS sip:a <b> SIP/2.0"),)


@pytest.fixture
def trunk(cast):
    """Of Acme Clinic, so that Olivia may test it."""
    Trunk.objects.filter(pk=cast.trunk.pk).update(organization=cast.clinic)
    return Trunk.objects.get(pk=cast.trunk.pk)


@pytest.fixture
def tests(trunk):
    return reverse("trunk-tests", args=[trunk.pk])


@pytest.fixture
def olivia(cast, browser_of):
    return browser_of(cast.olivia)


def place_of(test):
    return reverse("trunk-test", args=[test.trunk_id, test.pk])


def test_a_button_asks_and_the_page_shows_that_it_is_under_way(cast, olivia, tests):
    answer = olivia.post(tests, {"kind": "options"}, follow=True)
    assert answer.redirect_chain == [(f"{tests}#tests", 302)]
    page = answer.content.decode()
    assert "Under way" in page
    assert "Waits for a dialer." in page
    assert 'hx-trigger="every 1s"' in page
    test = TrunkTest.objects.get()
    assert (test.kind, test.asked_by) == ("options", cast.olivia)


def test_the_trunks_own_page_has_the_tests_too(olivia, trunk, browser_of, cast):
    for browser in (olivia, browser_of(cast.admin)):
        page = browser.get(reverse("trunk", args=[trunk.pk])).content.decode()
        assert "Test this trunk" in page
        assert "Not tested yet." in page


def test_the_trunks_own_page_shows_the_newest_and_leads_to_the_rest(olivia, trunk, tests):
    for _ in range(4):
        trunk_test.end(trunk_test.ask(trunk, Kind.OPTIONS).pk, ALIVE)
    page = olivia.get(reverse("trunk", args=[trunk.pk])).content.decode()
    assert page.count('<li class="test"') == 3
    assert f'<a href="{tests}">Earlier tests</a>' in page
    page = olivia.get(tests).content.decode()
    assert page.count('<li class="test"') == 4
    assert "Earlier tests" not in page


def test_htmx_gets_the_part_alone(olivia, tests, htmx):
    answer = olivia.post(tests, {"kind": "registration"}, headers=htmx(tests))
    assert answer.status_code == 200
    page = answer.content.decode()
    assert page.lstrip().startswith("<section")
    assert "Does it know us?" in page


def test_a_number_is_read_and_said_again_when_it_is_wrong(olivia, tests):
    answer = olivia.post(tests, {"kind": "call", "number": "12 pizza"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'aria-invalid="true"' in page
    assert 'value="12 pizza"' in page
    assert "“12 pizza” is not a phone number." in page
    assert not TrunkTest.objects.exists()
    olivia.post(tests, {"kind": "call", "number": "(202) 555-0100"})
    assert TrunkTest.objects.get().number == "+12025550100"
    assert 'value="+1 202-555-0100"' in olivia.get(tests).content.decode()


def test_two_clicks_at_once_are_one_test_and_a_sentence(olivia, tests):
    olivia.post(tests, {"kind": "options"})
    answer = olivia.post(tests, {"kind": "options"})
    assert answer.status_code == 422
    assert "A test of this trunk is going on. Wait until it has ended." in answer.content.decode()
    assert TrunkTest.objects.count() == 1


def test_a_kind_that_does_not_exist_is_said(olivia, tests):
    assert "Choose one of the three." in olivia.post(tests, {"kind": "smoke"}).content.decode()


def test_a_test_moves_by_itself_and_ends_with_words_that_are_said_once(olivia, trunk, tests, htmx):
    test = trunk_test.ask(trunk, Kind.OPTIONS)
    trunk_test.take()
    trunk_test.going_on(test.pk, "Asks, and waits for the answer.")
    moving = olivia.get(place_of(test), headers=htmx(tests)).content.decode()
    assert "Asks, and waits for the answer." in moving
    assert 'hx-trigger="every 1s"' in moving
    assert "#news" not in moving
    trunk_test.end(test.pk, ALIVE, LADDER)
    ended = olivia.get(place_of(test), headers=htmx(tests)).content.decode()
    assert "every 1s" not in ended
    assert "Passed" in ended
    assert 'hx-swap-oob="innerHTML:#news"' in ended
    assert "<dt>Round trip</dt><dd>12 ms</dd>" in ended
    assert "It names no T.38." in ended
    assert "#news" not in olivia.get(tests).content.decode()


def test_messages_unfold_and_have_a_page(olivia, trunk, tests, htmx):
    test = trunk_test.ask(trunk, Kind.OPTIONS)
    trunk_test.end(test.pk, ALIVE, LADDER)
    messages = olivia.get(place_of(test) + "?messages", headers=htmx(tests)).content.decode()
    assert "OPTIONS sip:a &lt;b&gt; SIP/2.0" in messages
    assert "<html" not in messages
    page = olivia.get(place_of(test)).content.decode()
    assert "OPTIONS sip:a &lt;b&gt; SIP/2.0" in page
    assert "<html" in page


def test_what_nobody_took_says_that_no_dialer_runs(olivia, trunk, tests, htmx):
    test = trunk_test.ask(trunk, Kind.OPTIONS)
    TrunkTest.objects.update(asked_at=test.asked_at - trunk_test.TAKEN_WITHIN)
    said = trunk_words.UNTAKEN.sentence
    assert said in olivia.get(place_of(test), headers=htmx(tests)).content.decode()
    assert said in olivia.get(tests).content.decode()


def test_the_test_of_another_trunk_does_not_stand_here(olivia, trunk):
    other = Trunk.objects.create(name="Other", host="192.0.2.1")
    test = trunk_test.ask(other, Kind.OPTIONS)
    assert olivia.get(reverse("trunk-test", args=[trunk.pk, test.pk])).status_code == 404
    assert olivia.get(place_of(test)).status_code == 404
