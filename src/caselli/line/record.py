"""The facts of one call as they come in, and the report they make in the end."""

from dataclasses import dataclass, field, replace

from caselli.fax.outcome import CallEnd, CallReport, PageReport, Transport
from caselli.line.ladder import Ladder, plain
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
from caselli.line.sip.heard import q850_of, retry_after_of
from caselli.line.sip.message import Response


@dataclass(slots=True)
class Record:
    """``on_t38``: which way the fax goes now. Times are seconds of the same clock as the call's ``now``."""

    began: float
    ladder: Ladder
    sip_code: int = 0
    sip_phrase: str = ""
    q850: int | None = None
    retry_after: int | None = None
    answered_at: float | None = None
    on_t38: bool = False
    transport: Transport | None = None
    remote_id: str = ""
    rate: int = 0
    ecm: bool = False
    t30_code: int | None = None
    t30_text: str = ""
    final_page_out: bool = False
    heard_far: bool = False
    negotiated: bool = False
    on_page: int = 0
    _on_page_since: float = 0.0
    _pages: dict[int, PageReport] = field(default_factory=dict)

    def sip_result(self, response: Response) -> None:
        self.sip_code = response.status
        self.sip_phrase = plain(response.reason)
        self.q850 = q850_of(response)
        self.retry_after = retry_after_of(response)

    def media(self, event: MediaEvent) -> None:
        match event:
            case FrameSeen():
                self.ladder.frame(event)
                if not event.sent:
                    self._hear()
            case FaxHeard(at=at, tone=tone):
                self.ladder.note(f"heard {tone}", at)
            case Negotiated():
                self._hear()
                self.negotiated = True
                self.remote_id, self.rate, self.ecm = plain(event.remote_id), event.rate, event.ecm
            case PageStarted(at=at, number=number):
                self.on_page, self._on_page_since = number, at
            case LastPageOut():
                self.final_page_out = True
            case PageEnded(page=page):
                self._page_ended(page)
            case SessionEnded():
                self._ended(event)
            case _:
                pass

    def _hear(self) -> None:
        self.heard_far = True
        self.transport = Transport.T38 if self.on_t38 else Transport.G711

    def _page_ended(self, page: PageReport) -> None:
        """A page that was refused may come again; once confirmed it stays so."""
        known = self._pages.get(page.number)
        if known is None or not known.confirmed:
            self._pages[page.number] = page
        self.on_page = 0

    def _ended(self, event: SessionEnded) -> None:
        self.t30_code = event.t30_code if event.t30_code >= 0 else None
        self.t30_text = plain(event.t30_text)
        self.rate, self.ecm = event.rate or self.rate, event.ecm if event.rate else self.ecm
        self.remote_id = plain(event.remote_id) or self.remote_id
        self.ladder.note(f"the fax ended: {event.t30_text}", event.at)

    @property
    def heard_on_t38(self) -> bool:
        """The far end spoke T.30 since the fax goes by T.38."""
        return self.transport is Transport.T38

    def confirmed(self, first: int, last: int) -> bool:
        """Every page of the range."""
        return all(number in self._pages and self._pages[number].confirmed for number in range(first, last + 1))

    def report(self, end: CallEnd, now: float) -> CallReport:
        pages = dict(self._pages)
        if self.on_page and self.on_page not in pages:
            since = round(max(0.0, now - self._on_page_since), 3)
            pages[self.on_page] = PageReport(self.on_page, confirmed=False, rate=self.rate, ecm=self.ecm, seconds=since)
        report = CallReport(
            end=end,
            seconds=round(now - self.began, 3),
            answered=self.answered_at is not None,
            sip_code=self.sip_code,
            sip_phrase=self.sip_phrase,
            q850=self.q850,
            retry_after=self.retry_after,
            t30_code=self.t30_code,
            transport=self.transport,
            remote_id=self.remote_id,
            rate=self.rate,
            ecm=self.ecm,
            final_page_out=self.final_page_out,
            pages=tuple(pages[number] for number in sorted(pages)),
        )
        return replace(report, ladder=self.ladder.entries())
