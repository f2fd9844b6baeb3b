"""The engine's plain facts as messages of the seam."""

from collections.abc import Callable
from typing import Any

from caselli.fax.outcome import PageReport
from caselli.line.media.messages import (
    FaxHeard,
    FrameSeen,
    LastPageOut,
    MediaEvent,
    Negotiated,
    PageEnded,
    PageStarted,
    SessionEnded,
)
from caselli.line.spandsp._spandsp import ffi, lib


def _text(field: Any) -> str:
    # Idents come from the far end: T.30 allows digits and blanks, machines send anything.
    return bytes(ffi.string(field)).decode("latin-1").strip()


def _page(raw: Any) -> PageReport:
    return PageReport(
        number=raw.number,
        confirmed=bool(raw.confirmed),
        rate=raw.rate,
        ecm=bool(raw.ecm),
        width=raw.width,
        length=raw.length,
        size=raw.size,
        bad_rows=raw.bad_rows,
        longest_bad_run=raw.longest_bad_run,
        ecm_retries=raw.ecm_retries,
        seconds=round(raw.seconds, 3),
    )


def _frame(key: str, raw: Any) -> MediaEvent:
    octets = bytes(ffi.buffer(raw.octets, raw.octet_count)).hex()
    return FrameSeen(key, raw.at, bool(raw.sent), _text(raw.text), octets)


def _negotiated(key: str, raw: Any) -> MediaEvent:
    return Negotiated(key, raw.at, _text(raw.remote_id), raw.rate, bool(raw.ecm))


def _ended(key: str, raw: Any) -> MediaEvent:
    return SessionEnded(
        key, raw.at, raw.code, _text(raw.text), raw.number, raw.rate, bool(raw.ecm), _text(raw.remote_id)
    )


_MAKERS: dict[int, Callable[[str, Any], MediaEvent]] = {
    lib.EVENT_FAX_HEARD: lambda key, raw: FaxHeard(key, raw.at, _text(raw.text)),
    lib.EVENT_FRAME: _frame,
    lib.EVENT_NEGOTIATED: _negotiated,
    lib.EVENT_PAGE_STARTED: lambda key, raw: PageStarted(key, raw.at, raw.number),
    lib.EVENT_LAST_PAGE_OUT: lambda key, raw: LastPageOut(key, raw.at),
    lib.EVENT_PAGE_ENDED: lambda key, raw: PageEnded(key, raw.at, _page(raw)),
    lib.EVENT_ENDED: _ended,
}


def take_events(key: str, engine_session: Any) -> list[MediaEvent]:
    """What the session has told since the last time, in its order."""
    raw = ffi.new("media_event *")
    taken: list[MediaEvent] = []
    while lib.session_next_event(engine_session, raw):
        taken.append(_MAKERS[raw.kind](key, raw))
    return taken
