"""Finding a fax again by number, day, status, channel and document, and leafing through all of them."""

from collections.abc import Callable
from datetime import date
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from caselli.fax.status import ShownStatus
from caselli.history.search import Asked, Found, Search, narrow, read, turn
from caselli.store.grams import Kind, grams
from caselli.store.models import Channel, Extension, Fax

Added = Callable[..., Fax]
Find = Callable[..., set[Fax]]
NEW_YORK = ZoneInfo("America/New_York")


@pytest.fixture(params=[5_000, 0], ids=["read on for the words", "asked the index of letters"])
def find(request: pytest.FixtureRequest, desk: Extension) -> Callable[..., set[Fax]]:
    """All that match, by both ways of finding them."""
    desk.organization.country = "GB"

    def found(**fields: str) -> set[Fax]:
        asked = read(fields)
        assert not asked.errors
        return set(turn(narrow(Fax.objects.all(), asked.search, desk, NEW_YORK), stretch=request.param).faxes)

    return found


@pytest.mark.parametrize("text", ["2026-2-3", "20.11.2026", "tomorrow", "2026-11-20T10:00", "20261120"])
def test_a_day_must_be_written_year_month_day(text: str):
    assert read({"since": text}).errors == {"since": f"“{text}” is not a date: write it like 2026-11-20."}


def test_a_day_must_be_in_the_calendar():
    assert read({"until": "2026-02-30"}).errors == {"until": "“2026-02-30” is not a day of the calendar."}


def test_a_search_may_not_start_after_it_ends():
    errors = read({"since": "2026-11-21", "until": "2026-11-20"}).errors
    assert errors == {"since": "The search starts after it ends: 2026-11-21 is later than 2026-11-20."}


def test_all_errors_are_told_at_once():
    errors = read({"to": "Bob", "since": "x", "until": "y", "status": "Lost", "channel": "pigeon"}).errors
    assert set(errors) == {"to", "since", "until", "status", "channel"}


def test_empty_fields_ask_for_nothing():
    assert read({"to": " ", "since": "", "status": ""}) == Asked(Search())
    assert read({}).search == Search()
    assert read({"since": "2026-11-20"}).search.since == date(2026, 11, 20)


@pytest.mark.parametrize("text", ["+1 202-555-0100", "(202) 555-0100", "5550100", "1 202", "0100"])
def test_a_number_is_found_by_any_part_in_any_writing(added: Added, find: Find, text: str):
    wanted = added("2026-11-20T12:00Z", "+12025550100", "+12025550199")
    added("2026-11-20T12:01Z", "+442079460958")
    assert find(to=text) == {wanted}


def test_a_national_number_is_read_with_the_country(added: Added, find: Find):
    wanted = added("2026-11-20T12:00Z", "+442079460958")
    added("2026-11-20T12:01Z", "+12025550100")
    assert find(to="020 7946 0958") == {wanted}


@pytest.mark.parametrize("text", ["211", "0003*211", "0003*"])
def test_an_extension_is_found_short_and_extended(added: Added, find: Find, text: str):
    wanted = added("2026-11-20T12:00Z", "0003*211")
    added("2026-11-20T12:01Z", "+12025550100")
    assert find(to=text) == {wanted}


def test_days_are_inclusive_and_begin_in_the_extensions_zone(added: Added, find: Find):
    # New York is five hours behind: its 20th lasts from 05:00 on the 20th to 05:00 on the 21st, UTC.
    added("2026-11-20T04:59:59Z")
    first = added("2026-11-20T05:00:00Z")
    last = added("2026-11-21T04:59:59Z")
    added("2026-11-21T05:00:00Z")
    assert find(since="2026-11-20", until="2026-11-20") == {first, last}


def test_a_day_on_which_the_clocks_change_is_searched_whole(added: Added, find: Find):
    # 1 November 2026: daylight saving ends in New York, the day has 25 hours.
    first, last = added("2026-11-01T04:00:00Z"), added("2026-11-02T04:59:00Z")
    added("2026-11-02T05:00:00Z")
    assert find(since="2026-11-01", until="2026-11-01") == {first, last}


def test_the_ends_of_the_calendar_do_no_harm(added: Added, find: Find):
    fax = added("2026-11-20T12:00Z")
    assert find(since="0001-01-01", until="9999-12-31") == {fax}


def test_status_channel_and_document_filter_too(added: Added, find: Find):
    failed = added("2026-11-20T12:00Z", status=ShownStatus.SEND_FAILED)
    by_api = added("2026-11-20T12:01Z", channel=Channel.API)
    order = added("2026-11-20T12:02Z", name="Order 17.pdf")
    assert find(status="Send Failed") == {failed}
    assert find(channel="api") == {by_api}
    assert find(text="order") == {order}
    assert find(text="order", status="Send Failed") == set()


def test_the_faxes_of_another_extension_are_never_found(desk: Extension, added: Added, find: Find):
    added("2026-11-20T12:00Z", "+12025550100", name="order.pdf")
    Fax.objects.update(extension=Extension.objects.create(organization=desk.organization, number="9", owner=desk.owner))
    assert find(to="5550100", text="order") == set()


@given(number=st.text("+0123456789*\n", max_size=30), name=st.text(max_size=30).filter(lambda one: "\0" not in one))
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.django_db
def test_we_and_the_database_read_the_same_letters(number: str, name: str):
    with connection.cursor() as cursor:
        cursor.execute("SELECT caselli_grams(%s, %s, %s)", [7, number, name])
        read_by_database = cursor.fetchone()[0]
    assert sorted(read_by_database) == sorted(grams(7, Kind.NUMBER, number) + grams(7, Kind.NAME, name))


def test_leafing_there_and_back_shows_each_fax_once(desk: Extension, added: Added):
    faxes = [added("2026-11-20T12:00Z") for _ in range(3)] + [added(f"2026-11-20T12:{n:02}Z") for n in range(1, 5)]
    newest_first = faxes[:2:-1] + faxes[2::-1]
    everything = Found(Fax.objects.all())
    first = turn(everything, size=3)
    second = turn(everything, older_than=first.older, size=3)
    third = turn(everything, older_than=second.older, size=3)
    assert [*first.faxes, *second.faxes, *third.faxes] == newest_first
    assert (first.newer, third.older) == (None, None)
    assert turn(everything, newer_than=third.newer, size=3).faxes == second.faxes
    assert turn(everything, newer_than=second.newer, size=3) == first


@pytest.mark.parametrize("stretch", [0, 5, 8, 12, 100])
@pytest.mark.parametrize("every", [1, 2, 9])
def test_however_far_is_read_for_the_words_the_same_faxes_are_found(
    desk: Extension, added: Added, stretch: int, every: int
):
    names = ["form.pdf" if n % every == 0 else "letter.pdf" for n in range(36)]
    faxes = [added(f"2026-11-20T12:{n:02}Z", name=name) for n, name in enumerate(names)]
    forms = narrow(Fax.objects.all(), Search(text="form"), desk, NEW_YORK)
    of_forms = [fax for fax, name in zip(faxes, names, strict=True) if name == "form.pdf"][::-1]
    first = turn(forms, size=6, stretch=stretch)
    assert first.faxes == of_forms[:6]
    second = turn(forms, older_than=first.faxes[-1].uid, size=6, stretch=stretch)
    assert second.faxes == of_forms[6:12]
    assert turn(forms, newer_than=second.newer, size=6, stretch=stretch).faxes == first.faxes or not second.faxes


def test_a_page_beside_a_fax_that_is_not_ours_is_the_newest(added: Added):
    fax = added("2026-11-20T12:00Z")
    assert turn(Found(Fax.objects.all()), older_than=uuid4()).faxes == [fax]
    assert turn(Found(Fax.objects.all()), newer_than=uuid4()).faxes == [fax]


def test_turning_beyond_the_oldest_page_is_empty_and_leads_back(added: Added):
    fax = added("2026-11-20T12:00Z")
    beyond = turn(Found(Fax.objects.all()), older_than=fax.uid)
    assert (beyond.faxes, beyond.older) == ([], None)
    assert turn(Found(Fax.objects.all()), newer_than=beyond.newer).faxes == [fax]
