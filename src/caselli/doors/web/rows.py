"""The rows of Sent Fax History: what stands in each column, and what a click does."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType

from django.db.models import Case, Count, IntegerField, Prefetch, Value, When, prefetch_related_objects

from caselli.approval.request import mail_of, may_approve, unconfirmed
from caselli.doors.web import words
from caselli.doors.web.addresses import of_fax
from caselli.doors.web.live_names import live_name
from caselli.doors.web.program import goes_out
from caselli.doors.web.times import Clock, Said
from caselli.fax.status import DeliveryStatus, FaxStatus, ShownStatus
from caselli.history import next_try
from caselli.history.declined import why_not_sent
from caselli.history.timeline import reason_of, remedy_of
from caselli.queue import routes
from caselli.store.models import ApprovedHow, Channel, Delivery, Document, Fax, PromisedFile, Trunk, User

TOLD_RECIPIENTS = 3
_URGENT = MappingProxyType(
    {
        DeliveryStatus.SENDING: 0,
        DeliveryStatus.UNKNOWN: 1,
        DeliveryStatus.FAILED: 2,
        DeliveryStatus.RETRY_WAIT: 3,
        DeliveryStatus.QUEUED: 4,
        DeliveryStatus.WAITING: 5,
    }
)
_HOW = MappingProxyType({one.value: str(one.label) for one in ApprovedHow})
_TROUBLE = frozenset({DeliveryStatus.FAILED, DeliveryStatus.UNKNOWN})
_CANCELLABLE = frozenset(
    {ShownStatus.NOT_APPROVED, ShownStatus.PRE_APPROVED, ShownStatus.APPROVED, ShownStatus.SCHEDULED}
)


NEVER_WHOLE = frozenset({FaxStatus.RECEIVED, FaxStatus.REFUSED})
"""Its files are still to come, or never came: there are no documents."""


@dataclass(frozen=True, slots=True)
class Action:
    """A button: where it posts to, what it says, and what a reader of buttons alone needs to hear."""

    url: str
    verb: str
    about: str


@dataclass(frozen=True, slots=True)
class Recipient:
    name: str
    look: words.Look


@dataclass(frozen=True, slots=True)
class Note:
    """A line under the row: how it goes on the line, or why it failed and what to do. ``about`` names one of many."""

    about: str
    text: str
    remedy: str
    tone: str
    pages_confirmed: int | None = None


@dataclass(frozen=True, slots=True)
class Approval:
    when: Said
    who: str
    how: str


@dataclass(frozen=True, slots=True)
class Row:
    """``click``: what a click on the status does; ``opens``: the page it opens instead; ``anew``: where this row is."""

    fax: Fax
    name: str
    about: str
    look: words.Look
    info: str
    anew: str
    viewer: str
    click: Action | None
    opens: str
    to: str
    recipients: tuple[Recipient, ...]
    document: str
    pages: str
    picture: str
    added: Said
    approval: Approval | None
    sent_on: Said | None
    resend: Action | None
    decide: str
    cancel: Action | None
    notes: tuple[Note, ...]
    more_notes: int
    moving: bool
    ended: str


def rows(faxes: Sequence[Fax], clock: Clock, *, may_act: bool, person: User | None = None) -> list[Row]:
    """The rows of these faxes as ``person`` sees them, with a fixed number of queries however many recipients."""
    prefetch_related_objects(list(faxes), "approved_by")
    prefetch_related_objects([one for one in faxes if one.channel == Channel.EMAIL], "mail")
    fates: dict[int, dict[DeliveryStatus, int]] = defaultdict(dict)
    counted = Delivery.objects.filter(fax__in=faxes).values_list("fax_id", "status").annotate(Count("pk")).order_by()
    for fax_id, status, count in counted:
        fates[fax_id][DeliveryStatus(status)] = count
    urgent, names = _most_urgent(faxes, fates), _names(faxes)
    why_not = why_not_sent(faxes)
    queued = any(DeliveryStatus.QUEUED in one for one in fates.values())
    trunks = routes.in_service() if queued else []
    return [
        _Writer(
            fax,
            fates[fax.pk],
            urgent[fax.pk],
            names[fax.pk],
            clock,
            may_act=may_act,
            may_approve=fax.status == FaxStatus.AWAITING_APPROVAL and _may_say_yes(fax, person, may_act=may_act),
            why_not=why_not.get(fax.pk, ""),
            trunks=trunks,
        ).row()
        for fax in faxes
    ]


def _may_say_yes(fax: Fax, person: User | None, *, may_act: bool) -> bool:
    return may_act if unconfirmed(fax) else person is not None and may_approve(person, fax)


def _most_urgent(faxes: Sequence[Fax], fates: dict[int, dict[DeliveryStatus, int]]) -> dict[int, list[Delivery]]:
    """Of the deliveries of each, by its key: all where they are few; else no more than are told, and one."""
    some = TOLD_RECIPIENTS + 1
    few = {one.pk: one for one in faxes if sum(fates[one.pk].values()) <= some}
    many = [one for one in faxes if sum(fates[one.pk].values()) > some]
    found: dict[int, list[Delivery]] = defaultdict(list)
    for delivery in Delivery.objects.select_related("to_extension").filter(fax__in=few).order_by("position"):
        delivery.fax = few[delivery.fax_id]
        found[delivery.fax_id].append(delivery)
    for those in found.values():
        those.sort(key=lambda one: _URGENT.get(DeliveryStatus(one.status), len(_URGENT)))
    if many:  # a bulk fax has a thousand
        urgency = Case(
            *(When(status=status, then=Value(place)) for status, place in _URGENT.items()),
            default=Value(len(_URGENT)),
            output_field=IntegerField(),
        )
        told = Delivery.objects.select_related("to_extension").order_by(urgency, "position")[:some]
        prefetch_related_objects(many, Prefetch("deliveries", told, to_attr="told_deliveries"))
        found |= {one.pk: getattr(one, "told_deliveries", []) for one in many}
    return found


def _names(faxes: Sequence[Fax]) -> dict[int, list[str]]:
    """Of the documents of each, by its key; of those that are still to come, too."""
    found: dict[int, list[str]] = defaultdict(list)
    whole = [one.pk for one in faxes if one.status not in NEVER_WHOLE]
    promised = [one.pk for one in faxes if one.status in NEVER_WHOLE]
    handed = list(Document.objects.filter(fax__in=whole).order_by("position").values_list("fax_id", "name"))
    if promised:
        handed += PromisedFile.objects.filter(fax__in=promised).order_by("position").values_list("fax_id", "name")
    for fax_id, name in handed:
        found[fax_id].append(name)
    return found


class _Writer:
    def __init__(
        self,
        fax: Fax,
        fates: dict[DeliveryStatus, int],
        urgent: list[Delivery],
        names: list[str],
        clock: Clock,
        *,
        may_act: bool,
        may_approve: bool,
        why_not: str,
        trunks: Sequence[Trunk],
    ) -> None:
        self._fax = fax
        self._fates = fates
        self._clock = clock
        self._may_act = may_act
        self._may_approve = may_approve
        self._why_not = why_not
        self._trunks = trunks
        self._shown = ShownStatus(fax.shown_status)
        self._urgent = urgent
        self._names = names
        self._told = sorted(urgent, key=lambda one: one.position)
        self._total = sum(fates.values())
        self._info = of_fax("fax", fax.uid)
        self._everybody = words.addressees(self._told, self._total) if self._told else ""
        self._about = f"the fax to {self._everybody}" if self._told else "this fax"

    def row(self) -> Row:
        fax, shown = self._fax, self._shown
        click = self._click()
        notes = self._notes()
        return Row(
            fax=fax,
            name=live_name(fax.pk),
            about=self._about,
            look=words.LOOKS[shown],
            info=self._info,
            anew=of_fax("fax-row", fax.uid),
            viewer=of_fax("fax-page", fax.uid, 1),
            click=click,
            opens="" if click else self._opens(),
            to=self._to(),
            recipients=self._recipients(),
            document=self._document(),
            pages=words.pages(fax.pages),
            picture=of_fax("fax-page-picture", fax.uid, 1) if fax.pages_blob else "",
            added=self._clock.say(fax.added_at),
            approval=approval(fax, self._clock),
            sent_on=self._sent_on(),
            resend=self._resend(),
            decide=self._info if self._only_unknown_left() else "",
            cancel=self._cancel(),
            notes=notes,
            more_notes=max(0, self._worth_a_note() - len(notes)),
            moving=shown is ShownStatus.SCHEDULED or fax.status in {FaxStatus.RECEIVED, FaxStatus.RENDERED},
            ended=f"Fax to {self._everybody}: {shown.value}." if self._told else "",
        )

    def _action(self, name: str, verb: str) -> Action:
        return Action(of_fax(name, self._fax.uid), verb, self._about)

    def _click(self) -> Action | None:
        if not self._may_act:
            return None
        if self._shown is ShownStatus.APPROVED:
            return self._action("fax-send", "Send")
        return self._resend()

    def _opens(self) -> str:
        if self._may_approve:
            return of_fax("approval", self._fax.uid)
        opening = self._shown in {ShownStatus.NOT_APPROVED, ShownStatus.SCHEDULED} or self._only_unknown_left()
        return self._info if opening else ""

    def _only_unknown_left(self) -> bool:
        """Resending never touches an unknown recipient: a person decides about each, in Fax info."""
        return (
            DeliveryStatus.UNKNOWN in self._fates
            and DeliveryStatus.FAILED not in self._fates
            and self._shown is not ShownStatus.SCHEDULED
        )

    def _resend(self) -> Action | None:
        ended = self._shown in {ShownStatus.PARTIALLY_SENT, ShownStatus.SEND_FAILED}
        if self._may_act and ended and DeliveryStatus.FAILED in self._fates:
            return self._action("fax-resend", "Resend")
        return None

    def _cancel(self) -> Action | None:
        failed = self._shown is ShownStatus.SEND_FAILED and self._fax.status == FaxStatus.RELEASED
        if self._may_act and (failed or self._shown in _CANCELLABLE):
            return self._action("fax-cancel", "Cancel")
        return None

    def _to(self) -> str:
        if self._total <= TOLD_RECIPIENTS:
            return ""
        if self._shown is ShownStatus.PARTIALLY_SENT:
            return f"{self._fates.get(DeliveryStatus.DELIVERED, 0)} of {self._total} recipients"
        return f"{self._total} recipients"

    def _recipients(self) -> tuple[Recipient, ...]:
        if self._total > TOLD_RECIPIENTS:
            return ()
        looks = words.DELIVERY_LOOKS
        return tuple(Recipient(words.addressee(one), looks[DeliveryStatus(one.status)]) for one in self._told)

    def _document(self) -> str:
        names = self._names
        if not names:
            return "no document"
        return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"

    def _sent_on(self) -> Said | None:
        if self._shown not in {ShownStatus.SENT, ShownStatus.PARTIALLY_SENT} or self._fax.ended_at is None:
            return None
        return self._clock.say(self._fax.ended_at)

    def _worth_a_note(self) -> int:
        if self._fax.status != FaxStatus.RELEASED:
            return 0
        resting = {DeliveryStatus.DELIVERED, DeliveryStatus.CANCELED}
        return sum(count for status, count in self._fates.items() if status not in resting)

    def _notes(self) -> tuple[Note, ...]:
        if self._why_not:
            return (Note("", self._why_not, "", "bad"),)
        if self._fax.status == FaxStatus.RECEIVED:
            return (Note("", "Its files are still to come.", "", "move"),)
        if self._fax.status != FaxStatus.RELEASED:
            return self._kept()
        notes = [note for one in self._urgent if (note := self._note(one))]
        return tuple(notes[:TOLD_RECIPIENTS])

    def _kept(self) -> tuple[Note, ...]:
        """When it goes out, or who says so."""
        if when := goes_out(self._fax, self._clock):
            return (Note("", when, "", "move"),)
        if self._shown is not ShownStatus.APPROVED:
            return ()
        if self._may_act:
            return (Note("", "It is kept until you send it.", "Press “Approved”.", "rest"),)
        return (Note("", "It is kept until somebody sends it.", "", "rest"),)

    def _note(self, delivery: Delivery) -> Note | None:
        about = words.addressee(delivery) if self._total > 1 else ""
        status = DeliveryStatus(delivery.status)
        reason = reason_of(delivery)
        if status is DeliveryStatus.SENDING:
            return Note(about, words.phase(delivery, self._fax.pages), "", "move", delivery.pages_confirmed)
        if status is DeliveryStatus.QUEUED:
            held = routes.held_back(delivery, self._trunks)
            return Note(about, held or "Waiting for a line", "", "warn" if held else "move")
        if status is DeliveryStatus.RETRY_WAIT:
            when = f"Next try {self._clock.say_soon(delivery.next_try_at)}" if delivery.next_try_at else "Next try soon"
            return Note(about, f"{reason} {when}{next_try.change(delivery)}.".strip(), "", "warn")
        if status in _TROUBLE:
            return Note(about, reason, remedy_of(delivery), "bad")
        if status is DeliveryStatus.CANCELED and delivery.pages_confirmed:
            return Note(about, reason, "", "rest")
        return None


def approval(fax: Fax, clock: Clock) -> Approval | None:
    """When, by whom and how; None: not yet."""
    if fax.approved_at is None:
        return None
    return Approval(clock.say(fax.approved_at), approved_by(fax), _HOW.get(fax.approved_how, ""))


def approved_by(fax: Fax) -> str:
    """Who said yes: a person's name, or the address that the link went to; empty where it was nobody."""
    if fax.approved_by:
        return fax.approved_by.called
    mail = mail_of(fax) if fax.approved_how in {ApprovedHow.EMAIL, ApprovedHow.TRUSTED} else None
    return mail.sender if mail else ""
