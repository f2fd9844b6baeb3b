"""What is blocked at the door is not sent again either."""

import pytest
from django.utils import timezone

from caselli.fax.refusals import Refusal, RefusalKind
from caselli.fax.status import DeliveryStatus
from caselli.queue import decide
from caselli.store import journey
from caselli.store.models import BlockedDestination


def ended(delivery, status):
    by = journey.By(timezone.now())
    journey.advance_delivery(delivery, DeliveryStatus.SENDING, by)
    journey.advance_delivery(delivery, status, by, ended_at=by.at)
    return delivery


@pytest.fixture
def fax(make_fax):
    """To two numbers, both of which failed."""
    made = make_fax("+12025550107", "+12125550107")
    for delivery in made.deliveries.all():
        ended(delivery, DeliveryStatus.FAILED)
    return made


def statuses(fax):
    return [one.status for one in fax.deliveries.all()]


def test_a_resend_leaves_out_what_was_blocked_meanwhile(cast, fax):
    BlockedDestination.objects.create(organization=cast.clinic, prefix="+1202")
    decide.resend(fax, cast.alice, None)
    assert statuses(fax) == ["failed", "queued"]


def test_a_resend_to_blocked_numbers_alone_is_refused_with_the_reason(cast, fax):
    BlockedDestination.objects.create(prefix="+1", reason="Nobody calls America")
    with pytest.raises(Refusal, match="Nobody calls America") as refused:
        decide.resend(fax, cast.alice, None)
    assert refused.value.kind == RefusalKind.DESTINATION_BLOCKED
    assert statuses(fax) == ["failed", "failed"]


def test_an_unknown_one_is_not_sent_again_to_a_blocked_number(cast, make_fax):
    delivery = ended(make_fax("+12025550108").deliveries.get(), DeliveryStatus.UNKNOWN)
    BlockedDestination.objects.create(organization=cast.clinic, prefix="+1202")
    with pytest.raises(Refusal, match="are blocked"):
        decide.send_again(delivery, cast.alice, None)
    delivery.refresh_from_db()
    assert delivery.status == "unknown"


def test_a_held_fax_goes_to_those_only_who_were_not_blocked_meanwhile(cast, make_fax):
    fax = make_fax("+12025550107", "+12125550107", hold=True)
    BlockedDestination.objects.create(organization=cast.clinic, prefix="+1202")
    decide.send_held(fax, cast.alice, None)
    assert statuses(fax) == ["failed", "queued"]
    assert fax.deliveries.first().cause == "blocked"
