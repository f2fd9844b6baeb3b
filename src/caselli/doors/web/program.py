"""What a program said of a fax, as pages tell it."""

from collections.abc import Iterable
from dataclasses import dataclass

from caselli.doors.web.times import Clock
from caselli.fax.status import FaxStatus
from caselli.store.models import Fax


@dataclass(frozen=True, slots=True)
class Told:
    """One thing; ``own``: the program's word for it, not ours."""

    term: str
    text: str
    own: bool = False


def goes_out(fax: Fax, clock: Clock) -> str:
    """When it does, in a sentence; empty where it has no time, or has gone."""
    if fax.send_at is None:
        return ""
    match fax.status:
        case FaxStatus.PRE_APPROVED | FaxStatus.APPROVED:
            return f"Goes out {clock.say_soon(fax.send_at)}."
        case FaxStatus.AWAITING_APPROVAL if fax.send_at > clock.now:
            return f"Goes out {clock.say_soon(fax.send_at)}, or when it is approved after that."
        case _:
            return ""


def said(fax: Fax, clock: Clock) -> Iterable[Told]:
    """Nothing where it said no more than a person can."""
    if fax.sandbox:
        yield Told("Sandbox", "It goes to the answering machine, and nowhere else")
    if fax.send_at is not None:
        yield Told("To be sent", clock.exactly(fax.send_at))
    if fax.priority:
        yield Told("Priority", f"{fax.priority:+d} within the extension")
    if fax.header_line:
        yield Told("Header line", fax.header_line)
    if fax.callback_url:
        yield Told("Calls back", fax.callback_url)
    for key, value in sorted(fax.metadata.items()):
        yield Told(key, str(value) or "–", own=True)
