"""What the dialer tells of a call: each step as it happens, and the whole at the end."""

import random
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from caselli.fax.causes import CANCELED, DIALER_LOST, Cause, Retry, judge
from caselli.fax.outcome import CallReport, PageReport
from caselli.fax.status import DeliveryStatus
from caselli.queue import rest, rules
from caselli.queue.routes import is_another_untried
from caselli.store import journey
from caselli.store.models import Attempt, Delivery, Ladder, Organization


def dialled(attempt_id: int) -> bool:
    """About to send the INVITE. False: a person wished the call ended before it began, or it was taken from us."""
    unwished = Attempt.objects.filter(pk=attempt_id, ended_at__isnull=True, delivery__cancel_wished=False)
    return bool(unwished.update(dialled_at=timezone.now()))


def answered(attempt_id: int) -> None:
    _step(attempt_id, answered_at=timezone.now())


def final_page_out(attempt_id: int) -> bool:
    """From now on the far end may accept the whole fax. False: the attempt was taken from us, so hang up at once."""
    return _step(attempt_id, final_page_out_at=timezone.now())


def _step(attempt_id: int, **when: datetime) -> bool:
    return bool(Attempt.objects.filter(pk=attempt_id, ended_at__isnull=True).update(**when))


def page_confirmed(attempt_id: int, page: PageReport) -> None:
    """The far machine has this page: it is never sent again to this recipient."""
    with transaction.atomic():
        attempt = Attempt.objects.select_for_update(no_key=True).get(pk=attempt_id)
        if attempt.ended_at is not None or page.number < attempt.first_page + attempt.pages_confirmed:
            return
        attempt.pages_confirmed = page.number - attempt.first_page + 1
        attempt.pages = [*attempt.pages, asdict(page)]
        attempt.save(update_fields=["pages_confirmed", "pages"])
        Delivery.objects.filter(pk=attempt.delivery_id).update(pages_confirmed=page.number)


def phase(attempt_id: int, name: str, page: int) -> None:
    """What a person sees while the call goes on."""
    delivery = Delivery.objects.select_related("fax").get(attempts=attempt_id)
    Delivery.objects.filter(pk=delivery.pk, status=DeliveryStatus.SENDING).update(phase=name, phase_page=page)
    journey.tell_watchers(delivery.fax_id, delivery.organization_id, delivery.fax.extension_id)


def ended(attempt_id: int, report: CallReport) -> None:
    """The call is over: keep its report and ladder, and decide what is next. A second telling changes nothing."""
    rest.hear(attempt_id, report)
    with transaction.atomic():
        attempt = Attempt.objects.select_for_update(of=["self"]).select_related("delivery__fax").get(pk=attempt_id)
        if attempt.ended_at is not None:
            return
        left = attempt.delivery.fax.pages - attempt.first_page + 1
        conclude(attempt, report, judge(report, left), timezone.now())


def conclude(attempt: Attempt, report: CallReport, cause: Cause, now: datetime) -> None:
    """Close the (locked) attempt and move its delivery; in the caller's transaction."""
    delivery = Delivery.objects.select_related("organization").get(pk=attempt.delivery_id)
    if cause is CANCELED and not delivery.cancel_wished:
        cause = DIALER_LOST  # nobody wished it: the dialer hung up because it is stopping
    _close(attempt, report, cause, now)
    dials = delivery.dials + (attempt.dialled_at is not None)
    answers = delivery.answered + report.answered
    step = rules.next_step(
        cause,
        rules.Tries(dials, answers, attempt.gear),
        pace_of(delivery.organization),
        cancel_wished=delivery.cancel_wished,
        answered=report.answered,
        retry_after=report.retry_after,
        another_trunk=cause in rules.TRUNK_AT_FAULT and is_another_untried(delivery, dials),
        chance=random.random(),  # noqa: S311 - spreads retries, guards nothing
    )
    status, changes = _consequence(step, now)
    confirmed = max(delivery.pages_confirmed, attempt.first_page - 1 + attempt.pages_confirmed)
    journey.advance_delivery(
        delivery,
        status,
        journey.By(now, note=cause.slug),
        cause=cause.slug,
        dials=dials,
        answered=answers,
        pages_confirmed=confirmed,
        **changes,
    )
    journey.wake_dialers()


def _consequence(step: rules.Next, now: datetime) -> tuple[DeliveryStatus, dict[str, Any]]:
    match step:
        case rules.Deliver():
            return DeliveryStatus.DELIVERED, {}
        case rules.RetryAfter(seconds, gear):
            later = now + timedelta(seconds=seconds)
            return DeliveryStatus.RETRY_WAIT, {"next_try_at": later, "gear": gear, "phase": "", "phase_page": 0}
        case rules.LeaveUnknown():
            return DeliveryStatus.UNKNOWN, {}
        case rules.Cancel():
            return DeliveryStatus.CANCELED, {}
        case rules.GiveUp():
            return DeliveryStatus.FAILED, {}


def _close(attempt: Attempt, report: CallReport, cause: Cause, now: datetime) -> None:
    if report.pages:
        attempt.pages = [asdict(page) for page in report.pages]
        attempt.pages_confirmed = max(attempt.pages_confirmed, report.pages_confirmed)
    attempt.ended_at = now
    attempt.lease_until = None
    attempt.end = report.end
    attempt.cause = cause.slug
    attempt.seconds = round(report.seconds, 3)
    attempt.transport = report.transport or ""
    attempt.rate = report.rate
    attempt.ecm = report.ecm
    attempt.remote_id = report.remote_id[:40]
    attempt.sip_code = report.sip_code or None
    attempt.sip_phrase = report.sip_phrase[:200]
    attempt.q850 = report.q850
    attempt.t30_code = report.t30_code
    attempt.save()
    if report.ladder:
        Ladder.objects.create(attempt=attempt, entries=[asdict(entry) for entry in report.ladder])


def pace_of(organization: Organization) -> rules.Pace:
    return rules.Pace(
        waits={
            Retry.BUSY: organization.busy_wait,
            Retry.NO_ANSWER: organization.no_answer_wait,
            Retry.LINE: organization.line_wait,
            Retry.OTHER: organization.other_wait,
        },
        dials_limit=organization.dials_limit,
        answered_limit=organization.answered_limit,
    )
