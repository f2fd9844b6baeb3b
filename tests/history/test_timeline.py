"""What `caselli show --json` and the pages tell."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta, timezone

import pytest

from caselli.fax.causes import BUSY, DELIVERED, UNKNOWN
from caselli.fax.status import DeliveryStatus
from caselli.history.timeline import (
    DELIVERY_WORDS,
    reason_of,
    remedy_of,
    sentence_of,
    tell_all,
    told,
)
from caselli.history.told import AttemptTold, DeliveryTold, FaxTold, as_json
from caselli.store.models import Attempt, Delivery, Fax

Added = Callable[..., Fax]
Queries = Callable[[int], AbstractContextManager[object]]
THREE_PAGES = Fax(pages=3)
BERLIN = timezone(timedelta(hours=1))
TOLD = FaxTold(
    id="c0ffee00-0000-4000-8000-000000000000",
    extension="0001*210",
    channel="web",
    status="Scheduled For Sending",
    added_at=datetime(2026, 11, 20, 14, 31, tzinfo=BERLIN),
    deliveries=(
        DeliveryTold(
            to="+12025550101",
            status=DELIVERY_WORDS[DeliveryStatus.RETRY_WAIT],
            reason=BUSY.sentence,
            remedy=BUSY.remedy,
            next_try_at=datetime(2026, 11, 20, 14, 34, tzinfo=BERLIN),
            attempts=(
                AttemptTold(
                    started_at=datetime(2026, 11, 20, 14, 31, 5, tzinfo=BERLIN),
                    trunk="machine",
                    seconds=0.4,
                    pages_confirmed=0,
                    rate=0,
                    ecm=False,
                    transport=None,
                    remote_id="",
                    sip_code=486,
                    t30_code=None,
                    reason=BUSY.sentence,
                ),
            ),
        ),
    ),
)


def test_the_json_has_the_agreed_fields_and_times_in_utc():
    plain = json.loads(json.dumps(as_json(TOLD)))
    assert list(plain) == ["id", "extension", "channel", "status", "added_at", "deliveries"]
    assert plain["added_at"] == "2026-11-20T13:31:00.000Z"
    (delivery,) = plain["deliveries"]
    assert list(delivery) == ["to", "status", "reason", "remedy", "next_try_at", "attempts"]
    assert delivery["next_try_at"] == "2026-11-20T13:34:00.000Z"
    (attempt,) = delivery["attempts"]
    assert list(attempt) == [
        "started_at", "trunk", "seconds", "pages_confirmed", "rate", "ecm", "transport", "remote_id", "sip_code",
        "t30_code", "reason",
    ]  # fmt: skip
    assert attempt["sip_code"] == 486
    assert attempt["transport"] is None


def test_every_fate_of_a_recipient_has_a_word():
    assert set(DELIVERY_WORDS) == set(DeliveryStatus)


@pytest.mark.parametrize(
    ("delivery", "reason"),
    [
        (Delivery(fax=THREE_PAGES, status="delivered", pages_confirmed=3), DELIVERED.sentence),
        (Delivery(fax=THREE_PAGES, status="delivered", pages_confirmed=2), "A person confirmed that it arrived."),
        (Delivery(status="delivered", to_extension_id=7), "It lies in the received faxes of that extension."),
        (Delivery(status="unknown", cause="unknown"), UNKNOWN.sentence),
        (Delivery(status="waiting"), ""),
    ],
)
def test_the_reason_says_how_it_is_known(delivery: Delivery, reason: str):
    assert reason_of(delivery) == reason


def test_a_remedy_is_told_only_where_something_can_be_done():
    assert remedy_of(Delivery(status="unknown", cause="unknown")) == UNKNOWN.remedy
    assert not remedy_of(Delivery(status="delivered", cause="delivered"))
    assert not remedy_of(Delivery(status="canceled", cause="busy"))


def test_a_cause_of_another_version_is_still_told():
    assert sentence_of("solar_flare") == "Solar flare."


def test_many_faxes_are_told_with_few_queries(added: Added, django_assert_num_queries: Queries):
    for _ in range(3):
        fax = added("2026-11-20T12:00Z", "+12025550100", "0001*211")
        for delivery in fax.deliveries.all():
            Attempt.objects.create(
                delivery=delivery,
                number=1,
                trunk_name="machine",
                started_at=fax.added_at,
                cause="delivered",
                transport="t38",
            )
    with django_assert_num_queries(3):
        stories = tell_all(Fax.objects.order_by("-id"))
    assert [len(one.deliveries) for one in stories] == [2, 2, 2]
    assert stories[0].id == str(fax.uid)
    assert stories[0].extension == "0001*210"
    assert stories[0].deliveries[0].attempts[0].transport == "t38"
    assert stories[0] == told(Fax.objects.get(pk=fax.pk))
