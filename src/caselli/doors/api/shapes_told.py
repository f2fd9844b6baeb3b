"""Faxes and calls out of the tables, in the API's shapes."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict

from django.db.models import Prefetch, QuerySet, prefetch_related_objects

from caselli.approval import waiting
from caselli.approval.request import content_of
from caselli.directory.access import extensions_acted_on_by
from caselli.directory.scopes import Scope
from caselli.doors.api import shapes
from caselli.doors.api.caller import Caller
from caselli.doors.api.shapes import Deed
from caselli.fax.outcome import PageReport
from caselli.fax.status import DeliveryStatus, FaxStatus, ShownStatus
from caselli.history.declined import why_not_sent
from caselli.history.timeline import DELIVERY_WORDS, reason_of, remedy_of, result_of
from caselli.queue import decide
from caselli.store.models import Attempt, Delivery, Document, Fax

RECIPIENTS_IN_LISTS = 20

_NOTHING_KNOWN = asdict(PageReport(0, confirmed=False))
"""Of a page that was not on the line: an extension of ours got it."""
DEEDS: dict[Deed, Scope] = {
    "approve": Scope.FAX_APPROVE,
    "cancel": Scope.FAX_CANCEL,
    "decline": Scope.FAX_APPROVE,
    "resend": Scope.FAX_SEND,
    "resolve": Scope.FAX_SEND,
    "send": Scope.FAX_SEND,
}
"""What can be done with a fax, and which scope it takes."""


def fax(one: Fax, caller: Caller) -> shapes.Fax:
    """One fax with all its recipients, as it stands in the database."""
    return _tell([one], caller, None)[0]


def faxes(every: Sequence[Fax], caller: Caller) -> list[shapes.Fax]:
    """As a list shows them: a fixed number of queries, however many."""
    return _tell(every, caller, RECIPIENTS_IN_LISTS)


def _tell(every: Sequence[Fax], caller: Caller, most: int | None) -> list[shapes.Fax]:
    listed = list(every)
    told: QuerySet[Delivery] = Delivery.objects.order_by("position")
    prefetch_related_objects(
        listed,
        Prefetch("deliveries", told[:most] if most else told, to_attr="told_deliveries"),
        Prefetch("documents", Document.objects.order_by("position"), to_attr="told_documents"),
    )
    can = _Can(listed, caller)
    why_not = why_not_sent(listed)
    return [
        _fax(
            one,
            can.of(one),
            why_not.get(one.pk, ""),
            recipients=can.recipients(one),
            content=content_of(one) if most is None and one.status == FaxStatus.AWAITING_APPROVAL else None,
        )
        for one in listed
    ]


class _Can:
    """What the caller may do with which of these faxes: by the person's rights, the key's scopes and the state."""

    def __init__(self, every: Sequence[Fax], caller: Caller) -> None:
        self._scopes = caller.scopes
        keys = [one.pk for one in every]
        acted_on = extensions_acted_on_by(caller.person).filter(pk__in={one.extension_id for one in every})
        self._acts = set(acted_on.values_list("pk", flat=True)) if every else set()
        waits = [one.pk for one in every if one.status == FaxStatus.AWAITING_APPROVAL]
        self._decides = (
            set(waiting.open_to(caller.person).filter(pk__in=waits).values_list("pk", flat=True)) if waits else set()
        )
        self._fates: dict[int, list[DeliveryStatus]] = {key: [] for key in keys}
        for fax_id, status in Delivery.objects.filter(fax__in=keys).values_list("fax_id", "status"):
            self._fates[fax_id].append(DeliveryStatus(status))

    def recipients(self, one: Fax) -> int:
        return len(self._fates[one.pk])

    def of(self, one: Fax) -> list[Deed]:
        return [deed for deed in self._possible(one) if DEEDS[deed] in self._scopes]

    def _possible(self, one: Fax) -> Iterable[Deed]:
        fates = frozenset(self._fates[one.pk])
        acts = one.extension_id in self._acts
        released = acts and one.status == FaxStatus.RELEASED
        if one.pk in self._decides:
            yield "approve"
        if acts and decide.cancellable(FaxStatus(one.status), fates):
            yield "cancel"
        if one.pk in self._decides:
            yield "decline"
        if released and DeliveryStatus.FAILED in fates:
            yield "resend"
        if released and DeliveryStatus.UNKNOWN in fates:
            yield "resolve"
        if acts and one.status == FaxStatus.APPROVED:
            yield "send"


def _fax(one: Fax, can: list[Deed], why_not: str, *, recipients: int, content: str | None) -> shapes.Fax:
    deliveries: list[Delivery] = getattr(one, "told_deliveries", [])
    documents: list[Document] = getattr(one, "told_documents", [])
    return shapes.Fax.model_construct(
        id=one.uid,
        extension=one.extension.extended,
        channel=one.channel,
        status=ShownStatus(one.shown_status).slug,
        status_name=one.shown_status,
        reason=why_not or None,
        pages=one.pages,
        seconds=round(one.seconds_on_line, 1),
        documents=[_document(each) for each in documents],
        recipients=recipients,
        deliveries=[_delivery(each) for each in deliveries],
        can=can,
        content=content,
        added_at=one.added_at,
        added_by=one.added_by.username if one.added_by else None,
        approved_at=one.approved_at,
        approved_by=one.approved_by.username if one.approved_by else None,
        approved_how=one.approved_how or None,
        held=one.held,
        send_at=one.send_at,
        ended_at=one.ended_at,
        priority=one.priority,
        header=one.header_line or None,
        metadata=one.metadata,
        callback_url=one.callback_url or None,
        sandbox=one.sandbox,
    )


def _document(one: Document) -> shapes.Document:
    return shapes.Document.model_construct(
        number=one.position,
        name=one.name,
        kind=one.kind,
        pages=one.pages,
        size=one.size,
        available=bool(one.blob),
    )


def _delivery(one: Delivery) -> shapes.Delivery:
    status = DeliveryStatus(one.status)
    on_the_line = status is DeliveryStatus.SENDING
    return shapes.Delivery.model_construct(
        recipient=one.position,
        to=one.destination,
        kind="number" if one.to_extension_id is None else "extension",
        name=one.name or None,
        status=status.value,
        status_name=DELIVERY_WORDS[status],
        cause=one.cause or None,
        reason=reason_of(one) or None,
        remedy=remedy_of(one) or None,
        calls=one.dials,
        pages_confirmed=one.pages_confirmed,
        phase=(one.phase or None) if on_the_line else None,
        phase_page=(one.phase_page or None) if on_the_line else None,
        queued_at=one.queued_at,
        next_try_at=one.next_try_at if status is DeliveryStatus.RETRY_WAIT else None,
        ended_at=one.ended_at,
    )


def attempt(one: Attempt, entries: Iterable[object] | None) -> shapes.Attempt:
    """``one`` with its delivery; ``entries``: of its ladder, None where it was not asked for."""
    return shapes.Attempt.model_validate(
        {
            "recipient": one.delivery.position,
            "number": one.number,
            "to": one.delivery.destination,
            "started_at": one.started_at,
            "dialled_at": one.dialled_at,
            "answered_at": one.answered_at,
            "ended_at": one.ended_at,
            "trunk": one.trunk_name or None,
            "cause": one.cause or None,
            "reason": result_of(one) or None,
            "end": one.end or None,
            "seconds": round(one.seconds, 1),
            "first_page": one.first_page,
            "pages_confirmed": one.pages_confirmed,
            "transport": one.transport or None,
            "rate": one.rate or None,
            "ecm": one.ecm,
            "remote_id": one.remote_id or None,
            "sip_code": one.sip_code or None,
            "sip_phrase": one.sip_phrase or None,
            "q850": one.q850,
            "t30_code": one.t30_code,
            "pages": [_NOTHING_KNOWN | page for page in one.pages],
            "ladder": None if entries is None else list(entries),
        }
    )
