"""``client.faxes``: send faxes, see what became of them, and act on them."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Literal

from caselli.client import operations
from caselli.client.effects import Give, Now, Plan, Sleep
from caselli.client.given import Files, Recipients, parts_of, recipients_of
from caselli.client.plans import Operation, T, ask, every
from caselli.client.shapes import Attempt, Channel, Fax, Rehearsal, Status, Upload
from caselli.client.verbs import Group, S, listing, verb

FIRST_LOOK, LONGER, LAST_LOOK = 0.25, 1.4, 3.0
"""Seconds between looks while a fax is waited for: slower and slower."""
MOST_ATTEMPTS = 50
PageWidth = Literal[96, 192, 432, 864, 1728]


class Faxes(Group[S]):
    @verb
    def send(
        self,
        recipients: Recipients,
        files: Files = (),
        *,
        extension: str | None = None,
        uploads: Iterable[Upload | str] = (),
        send_at: datetime | None = None,
        hold: bool = False,
        priority: int | None = None,
        header: str | None = None,
        metadata: Mapping[str, str] | None = None,
        callback_url: str | None = None,
        require_approval: bool = False,
        idempotency_key: str | None = None,
    ) -> Plan[Fax]:
        """Hand in a fax; it is taken, and not sent yet. ``files``: paths, or :class:`File` with bytes.

        Every call is a fax of its own, however often it has to be repeated on the way. Give ``idempotency_key`` where
        your program itself may ask twice for the same: within a day it gets the same fax.
        """
        named = _new(recipients, uploads, locals())
        return self._hand_in(operations.SEND_FAX, named, files, idempotency_key)

    @verb
    def rehearse(
        self,
        recipients: Recipients,
        files: Files = (),
        *,
        extension: str | None = None,
        uploads: Iterable[Upload | str] = (),
        send_at: datetime | None = None,
        hold: bool = False,
        priority: int | None = None,
        header: str | None = None,
        metadata: Mapping[str, str] | None = None,
        callback_url: str | None = None,
        require_approval: bool = False,
    ) -> Plan[Rehearsal]:
        """What would become of it: its pages, its seconds on the line, what is wrong. Nothing is kept."""
        named = _new(recipients, uploads, locals()) | {"dry_run": True}
        return self._hand_in(operations.REHEARSE_FAX, named, files, None)

    @listing(Fax)
    def list(
        self,
        *,
        extension: str | None = None,
        to: str | None = None,
        text: str | None = None,
        since: datetime | date | None = None,
        until: datetime | date | None = None,
        status: Status | None = None,
        channel: Channel | None = None,
        waits_for_me: bool | None = None,
        limit: int | None = None,
    ) -> Plan[None]:
        """All faxes that the key's person sees, newest first. ``limit``: how many are fetched at a time."""
        return every(operations.LIST_FAXES, self._patience, _given(locals()))

    @verb
    def get(self, fax: Fax | str) -> Plan[Fax]:
        """As it stands now, with all its recipients."""
        return self._ask(operations.GET_FAX, id=id_of(fax))

    @listing(Fax)
    def watch(self, fax: Fax | str) -> Plan[None]:
        """The fax as it is now, and then whenever something about it has changed, until nothing happens to it any
        more by itself.
        """
        return self._watch(id_of(fax))

    @verb
    def wait(self, fax: Fax | str, timeout: float | None = None) -> Plan[Fax]:
        """The fax, as soon as nothing happens to it any more by itself: it is sent, has failed, or needs a person.

        Raises TimeoutError after so many seconds; the fax goes on.
        """
        return self._wait(id_of(fax), timeout)

    @listing(Attempt)
    def attempts(
        self, fax: Fax | str, *, recipient: int | None = None, ladder: bool | None = None, limit: int | None = None
    ) -> Plan[None]:
        """Every call that was made, in order. ``ladder=False``: without its messages, which are many."""
        named = {"id": id_of(fax), "recipient": recipient, "ladder": ladder, "limit": limit}
        return every(operations.LIST_ATTEMPTS, self._patience, named)

    @verb
    def page(self, fax: Fax | str, page: int, *, width: PageWidth | None = None) -> Plan[bytes]:
        """A page as PNG, the line's own pixels, or in smooth grey of that width."""
        return self._ask(operations.GET_FAX_PAGE, id=id_of(fax), page=page, width=width)

    @verb
    def pdf(self, fax: Fax | str) -> Plan[bytes]:
        """All pages as they go down the line."""
        return self._ask(operations.GET_FAX_PDF, id=id_of(fax))

    @verb
    def document(self, fax: Fax | str, number: int) -> Plan[bytes]:
        """A document as it was handed in."""
        return self._ask(operations.GET_DOCUMENT, id=id_of(fax), number=number)

    @verb
    def report(self, fax: Fax | str) -> Plan[bytes]:
        """The transmission report as PDF."""
        return self._ask(operations.GET_REPORT, id=id_of(fax))

    @verb
    def cancel(self, fax: Fax | str) -> Plan[Fax]:
        """For all recipients that have not got it."""
        return self._ask(operations.CANCEL_FAX, id=id_of(fax))

    @verb
    def resend(self, fax: Fax | str) -> Plan[Fax]:
        """To the recipients that have failed, and to them only."""
        return self._ask(operations.RESEND_FAX, id=id_of(fax))

    @verb
    def send_held(self, fax: Fax | str) -> Plan[Fax]:
        """A fax that was held, or waits for its time: now."""
        return self._ask(operations.SEND_HELD_FAX, id=id_of(fax))

    @verb
    def approve(self, fax: Fax | str, *, seen: str | None = None) -> Plan[Fax]:
        """Say yes. ``seen``: the ``content`` of the fax as somebody saw it; nothing is done where it is another now."""
        return self._ask(operations.APPROVE_FAX, id=id_of(fax), seen=seen)

    @verb
    def decline(self, fax: Fax | str, reason: str) -> Plan[Fax]:
        """Say no; the sender reads why."""
        return self._ask(operations.DECLINE_FAX, id=id_of(fax), reason=reason)

    @verb
    def resolve(self, fax: Fax | str, recipient: int, *, arrived: bool) -> Plan[Fax]:
        """What became of an unknown delivery: it arrived, or it is to be sent again."""
        return self._ask(operations.RESOLVE_DELIVERY, id=id_of(fax), recipient=recipient, arrived=arrived)

    def _hand_in(self, operation: Operation[T], named: Mapping[str, Any], files: Files, key: str | None) -> Plan[T]:
        return ask(operation, self._patience, named, parts_of(files), key)

    def _watch(self, uid: str) -> Plan[None]:
        last, pause = None, FIRST_LOOK
        while True:
            fax = yield from ask(operations.GET_FAX, self._patience, {"id": uid})
            pause = min(pause * LONGER, LAST_LOOK) if fax == last else FIRST_LOOK
            if fax != last:
                yield Give(fax)
            if not fax.moves:
                return
            last = fax
            yield Sleep(pause)

    def _wait(self, uid: str, timeout: float | None) -> Plan[Fax]:
        pause, begun = FIRST_LOOK, (yield Now())
        while True:
            fax = yield from ask(operations.GET_FAX, self._patience, {"id": uid})
            if not fax.moves:
                return fax
            if timeout is not None and (yield Now()) - begun + pause > timeout:
                raise TimeoutError(f"Fax {uid} is still on its way after {timeout:g} s: {fax.status_name}.")
            yield Sleep(pause)
            pause = min(pause * LONGER, LAST_LOOK)


def id_of(fax: Fax | str) -> str:
    return fax.id if isinstance(fax, Fax) else fax


_NOT_SAID = frozenset({"self", "files", "uploads", "recipients", "idempotency_key"})


def _given(said: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if name not in _NOT_SAID}


def _new(recipients: Recipients, uploads: Iterable[Upload | str], said: Mapping[str, Any]) -> dict[str, Any]:
    """The body of a new fax; what stands as it would by itself is left out."""
    new = {name: value for name, value in _given(said).items() if value not in (None, False)}
    chosen = [one.id if isinstance(one, Upload) else one for one in uploads]
    return new | {"recipients": recipients_of(recipients)} | ({"uploads": chosen} if chosen else {})
