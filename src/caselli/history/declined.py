"""Why a fax was never sent: somebody's no, nobody's yes, or files that never came or cannot be read."""

from collections.abc import Iterable

from caselli.fax.status import FaxStatus, Mover
from caselli.store.models import SAID_NO, SENDER_SAID_NO, Event, Fax

_NOBODY = "Nobody approved it in the days allowed."


def why_not_sent(faxes: Iterable[Fax]) -> dict[int, str]:
    """A sentence for each of them that ended so, by the fax's id: one query, none where nothing was cancelled."""
    ended = [one.pk for one in faxes if one.status in {FaxStatus.CANCELED, FaxStatus.REFUSED, FaxStatus.PURGED}]
    if not ended:
        return {}
    ends = {FaxStatus.CANCELED, FaxStatus.REFUSED}
    steps = Event.objects.filter(fax__in=ended, delivery=None, new__in=ends).exclude(old__in=ends)
    return {step.fax_id: sentence for step in steps.select_related("person") if (sentence := _sentence(step))}


def _sentence(step: Event) -> str:
    if step.new == FaxStatus.REFUSED:
        return step.note
    if step.note.startswith(SAID_NO):
        who = step.person.called if step.person else "The one who was asked"
        return f"{who} declined to send it: {step.note.removeprefix(SAID_NO)}"
    if step.note == SENDER_SAID_NO:
        return "Its sender declined to send it."
    return _NOBODY if step.mover == Mover.SYSTEM else ""
