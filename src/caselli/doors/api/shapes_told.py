"""Faxes and calls out of the tables, in the API's shapes."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from django.db.models import Prefetch, prefetch_related_objects

from caselli.approval import waiting
from caselli.approval.request import content_of
from caselli.directory.access import extensions_acted_on_by, may_act
from caselli.directory.scopes import Scope
from caselli.doors.api import shapes
from caselli.doors.api.caller import Caller
from caselli.doors.api.shapes import Deed
from caselli.fax.outcome import PageReport
from caselli.fax.status import DeliveryStatus, FaxStatus, ShownStatus
from caselli.history.declined import why_not_sent
from caselli.history.timeline import DELIVERY_WORDS, reason_of, remedy_of, result_of
from caselli.intake.submit import Taken
from caselli.queue import decide
from caselli.store.models import Attempt, Delivery, Document, Extension, Fax, User

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


@dataclass(frozen=True, slots=True)
class _Told:
    """A fax and what is told of its parts; ``fates``: of all its deliveries, which may be more."""

    fax: Fax
    deliveries: Sequence[Delivery]
    documents: Sequence[Document]
    fates: Sequence[DeliveryStatus]


def fax(one: Fax, caller: Caller) -> shapes.Fax:
    """One fax with all its recipients, as it stands in the database."""
    return taken(Taken(one, list(one.deliveries.all()), list(one.documents.all())), caller)


def taken(one: Taken, caller: Caller) -> shapes.Fax:
    """One fax with all its recipients, as it was just written."""
    fates = [DeliveryStatus(each.status) for each in one.deliveries]
    told = _Told(one.fax, one.deliveries, one.documents, fates)
    content = content_of(one.fax) if one.fax.status == FaxStatus.AWAITING_APPROVAL else None
    return _tell([told], caller, content)[0]


def faxes(every: Sequence[Fax], caller: Caller) -> list[shapes.Fax]:
    """As a list shows them: a fixed number of queries, however many."""
    listed = list(every)
    first = Delivery.objects.order_by("position")[:RECIPIENTS_IN_LISTS]
    prefetch_related_objects(
        listed,
        Prefetch("deliveries", first, to_attr="told_deliveries"),
        Prefetch("documents", Document.objects.order_by("position"), to_attr="told_documents"),
    )
    fates: dict[int, list[DeliveryStatus]] = {one.pk: [] for one in listed}
    for fax_id, status in Delivery.objects.filter(fax__in=list(fates)).order_by().values_list("fax_id", "status"):
        fates[fax_id].append(DeliveryStatus(status))
    return _tell(
        [
            _Told(one, getattr(one, "told_deliveries", []), getattr(one, "told_documents", []), fates[one.pk])
            for one in listed
        ],
        caller,
    )


def _tell(every: Sequence[_Told], caller: Caller, content: str | None = None) -> list[shapes.Fax]:
    listed = [one.fax for one in every]
    can = _Can(listed, caller)
    why_not = why_not_sent(listed)
    return [_fax(one, can.of(one), why_not.get(one.fax.pk, ""), content) for one in every]


class _Can:
    """What the caller may do with which of these faxes: by the person's rights, the key's scopes and the state."""

    def __init__(self, every: Sequence[Fax], caller: Caller) -> None:
        self._scopes = caller.scopes
        self._acts = _acted_on({one.extension_id: one.extension for one in every}, caller.person)
        waits = [one.pk for one in every if one.status == FaxStatus.AWAITING_APPROVAL]
        self._decides = (
            set(waiting.open_to(caller.person).filter(pk__in=waits).values_list("pk", flat=True)) if waits else set()
        )

    def of(self, one: _Told) -> list[Deed]:
        return [deed for deed in self._possible(one.fax, frozenset(one.fates)) if DEEDS[deed] in self._scopes]

    def _possible(self, one: Fax, fates: frozenset[DeliveryStatus]) -> Iterable[Deed]:
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


def _acted_on(extensions: dict[int, Extension], person: User) -> frozenset[int]:
    """On which of them the person may act. Of a single one that is mostly known without a question."""
    if len(extensions) == 1:
        return frozenset(pk for pk, one in extensions.items() if may_act(person, one))
    acts = extensions_acted_on_by(person).filter(pk__in=extensions)
    return frozenset(acts.values_list("pk", flat=True) if extensions else ())


def _fax(told: _Told, can: list[Deed], why_not: str, content: str | None) -> shapes.Fax:
    one = told.fax
    return shapes.Fax.model_construct(
        id=one.uid,
        extension=one.extension.extended,
        channel=one.channel,
        status=ShownStatus(one.shown_status).slug,
        status_name=one.shown_status,
        reason=why_not or None,
        pages=one.pages,
        seconds=round(one.seconds_on_line, 1),
        documents=[_document(each) for each in told.documents],
        recipients=len(told.fates),
        deliveries=[_delivery(each) for each in told.deliveries],
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
