"""A program looks at faxes: lists, one, its calls, pages and documents."""

from datetime import timedelta

import pytest
from django.utils import timezone
from doors.api.things import with_pages

from caselli.directory.scopes import Scope
from caselli.doors.api import shapes
from caselli.doors.api.shapes_told import RECIPIENTS_IN_LISTS
from caselli.fax.status import DeliveryStatus, ShownStatus
from caselli.store import journey
from caselli.store.models import Attempt, Channel, Delivery, Fax, Ladder, Share

FAXES = "/api/v1/faxes"


@pytest.fixture
def alice(cast, program_of):
    return program_of(cast.alice)


def _ids(answer):
    assert answer.status_code == 200, answer.content
    return [one["id"] for one in answer.json()["items"]]


def _uids(*faxes):
    return [str(one.uid) for one in faxes]


def _call(fax, **more):
    return Attempt.objects.create(
        delivery=fax.deliveries.get(), started_at=timezone.now(), **({"number": 1, "trunk_name": "Provider"} | more)
    )


def test_the_slugs_are_those_of_the_tables():
    told = shapes.Fax.model_json_schema()["properties"]
    assert told["status"]["enum"] == [one.slug for one in ShownStatus]
    assert told["channel"]["enum"] == Channel.values
    assert shapes.Delivery.model_json_schema()["properties"]["status"]["enum"] == list(DeliveryStatus)


def test_a_fax_is_told_with_its_recipients(cast, alice, make_fax):
    fax = make_fax("+12025550100", "0003*211", pages=3)
    told = alice.get(f"{FAXES}/{fax.uid}").json()
    assert (told["extension"], told["status"], told["status_name"]) == (
        "0003*210",
        "scheduled",
        "Scheduled For Sending",
    )
    assert (told["recipients"], told["added_by"], told["approved_how"]) == (2, "alice", "web")
    assert told["added_at"].endswith("Z")
    queued, delivered = told["deliveries"]
    assert (queued["to"], queued["kind"], queued["status"], queued["cause"]) == (
        "+12025550100",
        "number",
        "queued",
        None,
    )
    assert (delivered["to"], delivered["kind"], delivered["pages_confirmed"]) == ("0003*211", "extension", 3)
    assert told["can"] == ["cancel"]


def test_what_waits_tells_why_and_until_when(alice, make_fax):
    fax = make_fax("+12025550100")
    delivery = fax.deliveries.get()
    at = timezone.now() + timedelta(minutes=3)
    by = journey.By(timezone.now())
    journey.advance_delivery(delivery, DeliveryStatus.SENDING, by)
    journey.advance_delivery(delivery, DeliveryStatus.RETRY_WAIT, by, next_try_at=at, cause="busy")
    told = alice.get(f"{FAXES}/{fax.uid}").json()["deliveries"][0]
    assert (told["status"], told["cause"], told["reason"]) == ("retry_wait", "busy", "The line was busy.")
    assert told["next_try_at"][:19] == f"{at:%Y-%m-%dT%H:%M:%S}"


def test_what_can_be_done_depends_on_state_scope_and_rights(cast, program_of, make_fax):
    held = make_fax("+12025550100", hold=True)
    failed = make_fax("+12025550101")
    by = journey.By(timezone.now())
    journey.advance_delivery(failed.deliveries.get(), DeliveryStatus.FAILED, by, cause="busy")

    def can(person, fax, *scopes):
        return program_of(person, *scopes).get(f"{FAXES}/{fax.uid}").json()["can"]

    assert can(cast.alice, held) == ["cancel", "send"]
    assert can(cast.alice, held, Scope.FAX_READ, Scope.FAX_CANCEL) == ["cancel"]
    assert can(cast.alice, failed) == ["cancel", "resend"]
    Share.objects.create(extension=cast.desk, user=cast.bob)
    assert can(cast.bob, failed) == []


def test_lists_show_what_the_person_sees_newest_first(cast, program_of, make_fax):
    desk, lab = make_fax("+12025550100"), make_fax("+12025550101", extension=cast.lab)
    theirs = make_fax("+4930901820", extension=cast.foreign)
    assert _ids(program_of(cast.alice).get(FAXES)) == _uids(desk)
    assert _ids(program_of(cast.olivia).get(FAXES)) == _uids(lab, desk)
    assert _ids(program_of(cast.admin).get(FAXES)) == _uids(theirs, lab, desk)
    assert _ids(program_of(cast.olivia).get(f"{FAXES}?status=scheduled")) == _uids(lab, desk)
    assert _ids(program_of(cast.admin).get(f"{FAXES}?channel=web&limit=1")) == _uids(theirs)


@pytest.mark.parametrize("who", ["alice", "olivia", "admin"])
@pytest.mark.parametrize("of", ["", "&extension=0003*210", "&status=scheduled"])
def test_a_list_is_followed_to_its_end_and_each_fax_comes_once(cast, program_of, make_fax, who, of):
    faxes = [make_fax(f"+1202555010{number}") for number in range(5)]
    program, found, cursor = program_of(getattr(cast, who)), [], ""
    for _ in range(3):
        answer = program.get(f"{FAXES}?limit=2{of}{cursor}").json()
        found += [one["id"] for one in answer["items"]]
        cursor = f"&cursor={answer['next']}"
    assert found == _uids(*reversed(faxes))
    assert answer["next"] is None


def test_a_list_goes_on_behind_a_fax_that_does_not_match_any_more(alice, make_fax):
    first, second = make_fax("+12025550100"), make_fax("+12025550101")
    begun = alice.get(f"{FAXES}?status=scheduled&limit=1").json()
    assert begun["next"] == str(second.uid)
    Fax.objects.filter(pk=second.pk).update(shown_status="Canceled")
    assert _ids(alice.get(f"{FAXES}?status=scheduled&cursor={begun['next']}")) == _uids(first)


def test_the_filters_of_the_page(cast, alice, make_fax):
    old, new = make_fax("+12025550100"), make_fax("+12025550101", "0003*211")
    Fax.objects.filter(pk=old.pk).update(added_at="2026-01-02T03:00:00Z", names="referral.pdf")
    for query, found in {
        "extension=210&to=0101": [new],
        "extension=210&text=referral": [old],
        "to=0101&extension=0003*210&text=referral": [],
        "until=2026-01-01": [old],  # in New York it was still the first
        "since=2026-01-02": [new],
        "since=2026-01-02T03:00:00Z": [new, old],
        "until=2026-01-02T03:00:00Z": [],
        "since=2026-01-02T04:00:00%2B01:00&until=2026-02-01": [old],
    }.items():
        assert _ids(alice.get(f"{FAXES}?{query}")) == _uids(*found), query


@pytest.mark.parametrize(
    ("query", "field", "slug"),
    [
        ("status=Sent", "status", "field_invalid"),
        ("channel=fax", "channel", "field_invalid"),
        ("since=yesterday", "since", "field_invalid"),
        ("since=2026-02-30", "since", "field_invalid"),
        ("until=2026-01-02T03:00:00", "until", "field_invalid"),  # of which zone?
        ("since=2026-02-02&until=2026-02-01", "since", "field_invalid"),
        ("extension=210&to=abc", "to", "field_invalid"),
        ("to=0100", "extension", "field_missing"),
        ("limit=0", "limit", "field_invalid"),
        ("limit=101", "limit", "field_invalid"),
        ("cursor=x", "cursor", "field_invalid"),
        ("cursor=00000000-0000-0000-0000-000000000001", "cursor", "field_invalid"),
    ],
)
def test_a_wrong_filter_is_named(alice, query, field, slug):
    answer = alice.get(f"{FAXES}?{query}")
    assert answer.status_code == 422
    assert (answer.json()["field"], answer.json()["slug"]) == (field, slug)


def test_what_waits_for_ones_own_yes_is_found(cast, program_of, make_fax):
    fax = make_fax("+12025550100")
    Fax.objects.filter(pk=fax.pk).update(status="awaiting_approval", shown_status="Not approved")
    assert _ids(program_of(cast.olivia).get(f"{FAXES}?waits_for_me=true")) == _uids(fax)
    assert _ids(program_of(cast.alice).get(f"{FAXES}?waits_for_me=true")) == []
    told = program_of(cast.olivia).get(f"{FAXES}/{fax.uid}").json()
    assert (told["can"], len(told["content"])) == (["approve", "cancel", "decline"], 64)


def test_a_list_costs_as_many_queries_for_thirty_as_for_one(cast, program_of, make_fax, django_assert_max_num_queries):
    make_fax("+12025550100")
    program = program_of(cast.olivia)
    program.get(FAXES)
    with django_assert_max_num_queries(20) as one:
        assert len(_ids(program.get(FAXES))) == 1
    for number in range(5):
        make_fax(f"+1202555020{number}", "0003*211")
    with django_assert_max_num_queries(len(one)):
        assert len(_ids(program.get(FAXES))) == 6


def test_a_list_shows_the_first_recipients_and_one_fax_all_of_them(alice, make_fax):
    fax = make_fax("+12025550100")
    more = RECIPIENTS_IN_LISTS + 2
    first = fax.deliveries.get()
    Delivery.objects.bulk_create(
        Delivery(
            fax=fax,
            organization_id=first.organization_id,
            extension_id=first.extension_id,
            position=number,
            given="x",
            destination=f"+120255502{number}",
        )
        for number in range(2, more + 1)
    )
    listed = alice.get(FAXES).json()["items"][0]
    assert (len(listed["deliveries"]), listed["recipients"]) == (RECIPIENTS_IN_LISTS, more)
    assert len(alice.get(f"{FAXES}/{fax.uid}").json()["deliveries"]) == more


def test_every_call_is_told_with_its_ladder(alice, make_fax):
    fax = make_fax("+12025550100")
    page = {"number": 1, "confirmed": True, "rate": 14400}
    first = _call(fax, ended_at=timezone.now(), cause="busy", sip_code=486, sip_phrase="Busy Here", pages=[page])
    rung = {"at": 0.1, "protocol": "SIP", "direction": "received", "name": "486 Busy Here", "detail": "SIP/2.0 486"}
    Ladder.objects.create(attempt=first, entries=[rung])
    _call(fax, number=2)
    answer = alice.get(f"{FAXES}/{fax.uid}/attempts").json()
    one, two = answer["items"]
    assert (one["recipient"], one["number"], one["to"], one["trunk"]) == (1, 1, "+12025550100", "Provider")
    assert (one["cause"], one["reason"], one["sip_code"]) == ("busy", "The line was busy.", 486)
    assert one["ladder"] == [rung]
    assert one["pages"][0] | page == one["pages"][0]
    assert (two["ended_at"], two["ladder"], answer["next"]) == (None, [], None)
    half = alice.get(f"{FAXES}/{fax.uid}/attempts?limit=1&ladder=false&recipient=1").json()
    assert half["items"][0]["ladder"] is None
    rest = alice.get(f"{FAXES}/{fax.uid}/attempts?cursor={half['next']}").json()
    assert [one["number"] for one in rest["items"]] == [2]
    assert alice.get(f"{FAXES}/{fax.uid}/attempts?recipient=2").json()["items"] == []


def test_pages_are_pictures_that_are_fetched_once(alice, make_fax):
    fax = with_pages(make_fax("+12025550100"))
    whole = alice.get(f"{FAXES}/{fax.uid}/pages/2.png")
    small = alice.get(f"{FAXES}/{fax.uid}/pages/2.png?width=96")
    assert whole.content.startswith(b"\x89PNG")
    assert len(small.content) < len(whole.content)
    assert whole["ETag"] != small["ETag"]
    again = alice.get(f"{FAXES}/{fax.uid}/pages/2.png", headers={"If-None-Match": f'"x", {whole["ETag"]}'})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", whole["ETag"])
    assert alice.get(f"{FAXES}/{fax.uid}/pages/3.png").status_code == 404
    assert alice.get(f"{FAXES}/{fax.uid}/pages/1.png?width=97").json()["field"] == "width"


def test_files_are_never_what_a_browser_runs(alice, make_fax):
    fax = with_pages(make_fax("+12025550100"))
    for path, kind in (
        ("documents/1", "application/octet-stream"),  # it was HTML
        ("document.pdf", "application/pdf"),
        ("pages/1.png", "image/png"),
    ):
        answer = alice.get(f"{FAXES}/{fax.uid}/{path}")
        body = b"".join(answer) if answer.streaming else answer.content
        assert (answer.status_code, answer["Content-Type"], bool(body)) == (200, kind, True)
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert answer.get("Content-Disposition", "").startswith("attachment") is (kind != "image/png")
        known = alice.get(f"{FAXES}/{fax.uid}/{path}", headers={"If-None-Match": answer["ETag"]})
        assert known.status_code == 304


def test_what_is_erased_is_not_there(alice, make_fax):
    fax = with_pages(make_fax("+12025550100"))
    fax.documents.update(blob="")
    Fax.objects.filter(pk=fax.pk).update(pages_blob="")
    for path in ("documents/1", "document.pdf", "pages/1.png"):
        assert alice.get(f"{FAXES}/{fax.uid}/{path}").status_code == 404
    assert alice.get(f"{FAXES}/{fax.uid}").json()["documents"][0]["available"] is False
