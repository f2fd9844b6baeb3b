"""One call that the answering machine takes: an honest user agent server whose mood the number dialled decides."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from caselli.fax.outcome import CallEnd, CallReport
from caselli.line.answer import answer, audio_offer, choose
from caselli.line.leg import Ending, Leg, Place, Stage
from caselli.line.media.messages import MediaEvent, OpenSession, Role, SessionEnded, SessionOpened
from caselli.line.scenarios import Scenario, scenario_of
from caselli.line.sip.address import SocketAddress, Uri
from caselli.line.sip.asking import Party
from caselli.line.sip.auth import Challenger, Credentials, Verdict
from caselli.line.sip.callee import Callee
from caselli.line.sip.established import KNOWN_EXTENSIONS, Established
from caselli.line.sip.heard import Acknowledged, Heard
from caselli.line.sip.message import Request, response_to
from caselli.line.sip.sdp import Sdp, SdpError
from caselli.line.sip.session_timer import LEAST
from caselli.line.sip.tokens import Tokens
from caselli.line.sip.transactions import RequestArrived, Told

ASK_AFTER = 0.5
"""Seconds from the ACK to our own re-INVITE: enough for the caller's audio to come up, as a gateway would hear it."""

LINGER = 2.0
"""Seconds in which the caller may hang up first once the fax is over."""


class Deadline(StrEnum):
    OPENING = "the media worker gave no socket"
    CREDENTIALS = "the caller did not answer the challenge"
    RINGING = "it rang for ten minutes"
    CALL = "the call took longer than allowed"
    LINGER = "the caller did not hang up"


LIMITS = {
    Deadline.OPENING: 10.0,
    Deadline.CREDENTIALS: 40.0,
    Deadline.RINGING: 600.0,
    Deadline.CALL: 3600.0,
    Deadline.LINGER: LINGER,
}


@dataclass(frozen=True, slots=True)
class Taken:
    """An answered call that is over. ``document``: the TIFF, there only if a page came."""

    called: str
    calling: str
    document: Path
    report: CallReport
    result: str


@dataclass(frozen=True, slots=True)
class Reception:
    """What the machine gives each of its calls. ``busy``: no line is free for another one."""

    challenger: Challenger
    document: Path
    busy: bool = False


class AnsweringCall(Leg):
    """``call_id`` of the INVITE that the driver gives to ``receive`` first."""

    def __init__(
        self, key: str, call_id: str, now: float, place: Place, reception: Reception, tokens: Tokens | None = None
    ) -> None:
        super().__init__(key, now, place, tokens or Tokens(), t38=True, max_rate=14_400)
        self._call_id = call_id
        self._reception = reception
        self._scenario: Scenario | None = None
        self._callee: Callee | None = None
        self._offer: Sdp | None = None
        self._called = ""
        self._calling = ""
        self._taken: list[Taken] = []
        self._media_done = True  # until a session is asked for
        self._tag = self._tokens.tag()
        self._asked = False

    @property
    def call_id(self) -> str:
        return self._call_id

    def events(self) -> list[Taken]:
        out, self._taken = self._taken, []
        return out

    def tick(self, now: float) -> None:
        super().tick(now)
        if self._callee is not None:
            self._callee.tick(now)

    def wake_at(self) -> float | None:
        times = (super().wake_at(), self._callee.wake_at() if self._callee is not None else None)
        return min((at for at in times if at is not None), default=None)

    def _limit(self, deadline: Deadline, now: float) -> None:
        self._deadlines[deadline] = now + LIMITS[deadline]

    def _tell(self, told: Told, now: float) -> list[Heard]:
        if self._established is not None:
            return self._established.receive(told, now)
        if not isinstance(told, RequestArrived):
            return []
        request = told.request
        if request.method == "INVITE" and self._callee is None and self._stage is not Stage.ENDED:
            self._invited(request, told.source, now)
        elif self._callee is not None:
            self._callee.receive(told, now)
            if self._callee.cancelled:
                self._signalling_done = True
                self._finish(CallEnd.CANCELED, now)
        elif request.method != "ACK":
            self._respond(request, 481, now)
        return []

    def _respond(self, request: Request, status: int, now: float, *fields: tuple[str, str]) -> None:
        self._transactions.respond(request, response_to(request, status, *fields, to_tag=self._tag), now)

    def _invited(self, invite: Request, source: SocketAddress, now: float) -> None:
        self._called = user_of(invite.uri)
        self._calling = user_of(invite.sender.uri)
        self._scenario = scenario_of(self._called)
        status, fields = self._objection(invite, now)
        if status == 401:
            self._respond(invite, status, now, *fields)
            self._limit(Deadline.CREDENTIALS, now)
            return
        self._deadlines.clear()
        if status:
            self._respond(invite, status, now, *fields)
            self._end_unanswered(CallEnd.REJECTED, now)
            return
        self._callee = Callee(
            invite, source, self._transactions, self._timer, tag=self._tag, contact=self._place.contact
        )
        self._callee.ring(now)
        assert self._scenario is not None
        if self._scenario.rings_for_ever:
            self._limit(Deadline.RINGING, now)
        else:
            self._open(self._scenario, now)

    def _objection(self, invite: Request, now: float) -> tuple[int, tuple[tuple[str, str], ...]]:
        """The status and headers by which the call is refused, or 0."""
        unknown = invite.headers.tokens("Require") - KNOWN_EXTENSIONS
        if unknown:
            return 420, (("Unsupported", ", ".join(sorted(unknown))),)
        if self._timer.too_small(invite):
            return 422, (("Min-SE", str(LEAST)),)
        scenario = self._scenario
        if scenario is None or scenario.refuse:
            return _refusal(scenario)
        challenger = self._reception.challenger
        verdict = challenger.check(invite, now) if scenario.challenges else Verdict.RIGHT
        if verdict is not Verdict.RIGHT:
            return 401, challenger.challenges(now, stale=verdict is Verdict.STALE)
        return 486 if self._reception.busy else self._objection_to_offer(invite), ()

    def _objection_to_offer(self, invite: Request) -> int:
        if not invite.body:
            return 0
        if invite.content_type != "application/sdp":
            return 415
        try:
            self._offer = Sdp.parse(invite.body)
        except SdpError:
            return 400
        assert self._scenario is not None
        return 0 if choose(self._offer, t38=self._scenario.t38) is not None else 488

    def _open(self, scenario: Scenario, now: float) -> None:
        self._switch.allowed = scenario.t38
        self._max_rate = scenario.max_rate
        self._media_done = False
        self._limit(Deadline.OPENING, now)
        self._out.append(
            OpenSession(
                self.key,
                Role.RECEIVE,
                calling=False,
                document=str(self._reception.document),
                station_id=self._called[:20],
                max_rate=scenario.max_rate,
                ecm=scenario.ecm,
                silent=scenario.silent,
                drop_in_page=scenario.drop_in_page,
                withhold_confirmation=scenario.withholds_confirmation,
            )
        )

    def _take_media(self, event: MediaEvent, now: float) -> None:
        match event:
            case SessionOpened(port=port):
                self._answer(port, now)
            case SessionEnded():
                self._media_ended(now)
            case _:
                pass

    def _answer(self, port: int, now: float) -> None:
        """Pick up: 200 with the answer to the INVITE's offer, or with ours if it had none."""
        if self._stage is not Stage.OPENING:
            return
        assert self._callee is not None
        assert self._scenario is not None
        self._port = port
        self._deadlines.clear()
        self._limit(Deadline.CALL, now)
        stream = choose(self._offer, t38=self._scenario.t38) if self._offer is not None else None
        if self._offer is None or stream is None:
            sdp = audio_offer(self._description, port)
        else:
            sdp = answer(self._description, self._offer, stream, port, self._max_rate)
        dialog, response = self._callee.answer(sdp.serialize(), now)
        party = Party(
            dialog=dialog,
            transactions=self._transactions,
            local=self._description,
            timer=self._timer,
            credentials=Credentials("", "", self._tokens),
            tokens=self._tokens,
            caller=False,
            far_allows=self._callee.invite.headers.tokens("Allow"),
        )
        self._established = Established(party)
        self._established.await_acknowledgement(self._callee.invite, response, now, offered=stream is None)
        self._callee = None
        self._stage = Stage.TALKING
        self._record.answered_at = now
        if stream is not None:
            self._start(stream, now)

    def _hear_first(self, heard: Heard, now: float) -> None:
        """The ACK of our answer: from now on we may ask for T.38."""
        assert self._scenario is not None
        if isinstance(heard, Acknowledged) and self._scenario.asks and not self._asked:
            self._asked = True
            if not self._switch.up:
                self._switch.at = now + ASK_AFTER

    def _negotiating(self) -> None:
        """Nobody is told."""

    def _media_ended(self, now: float) -> None:
        self._media_done = True
        assert self._scenario is not None
        if self._stage is not Stage.TALKING:
            self._finish(CallEnd.MEDIA_LOST, now)
        elif self._scenario.drop_in_page or self._scenario.withholds_confirmation:
            self._finish(CallEnd.COMPLETED, now)
        else:
            self._limit(Deadline.LINGER, now)
        self._settle(now)

    def _missed(self, deadline: Any, now: float) -> None:
        match deadline:
            case Deadline.CREDENTIALS:
                self._end_unanswered(CallEnd.AUTHENTICATION_FAILED, now)
            case Deadline.OPENING:
                self._media_done = True
                self._finish(CallEnd.MEDIA_LOST, now)
            case Deadline.RINGING:
                self._finish(CallEnd.NO_ANSWER, now)
            case Deadline.LINGER:
                self._finish(CallEnd.COMPLETED, now)
            case Deadline.CALL:
                self._finish(CallEnd.TOO_LONG, now)
            case Ending.LIMIT:
                self._close(now)

    def _end_unanswered(self, end: CallEnd, now: float) -> None:
        self._signalling_done = True
        self._finish(end, now)

    def _let_go(self, now: float) -> None:
        if self._callee is not None:
            self._callee.refuse(480, now)
        self._signalling_done = True

    def _report(self, now: float) -> None:
        assert self._end is not None
        if self._record.answered_at is None:
            return
        report = self._record.report(self._end, now)
        result = words(report, self._record.t30_text)
        self._taken.append(Taken(self._called, self._calling, self._reception.document, report, result))


def _refusal(scenario: Scenario | None) -> tuple[int, tuple[tuple[str, str], ...]]:
    if scenario is None:
        return 404, ()
    return scenario.refuse, ((("Retry-After", str(scenario.retry_after)),) if scenario.retry_after else ())


def user_of(uri: str) -> str:
    """The user part of a SIP address, without the parameters that some write into it; the number of a ``tel:`` URI."""
    try:
        user = Uri.parse(uri).user
    except ValueError:
        user = uri.partition(":")[2]
    return user.partition(";")[0][:64]


CALL_DROPPED = 49
"""spandsp's T30_ERR_CALLDROPPED: the fax did not end by itself."""

_ENDS = {
    CallEnd.FAR_HUNG_UP: "the caller hung up",
    CallEnd.COMPLETED: "the machine hung up, as it does for this number",
    CallEnd.CANCELED: "the machine was stopped",
    CallEnd.MEDIA_LOST: "our media process died",
    CallEnd.TOO_LONG: "the call took too long",
}


def words(report: CallReport, t30_text: str) -> str:
    """What happened, in a sentence."""
    count = report.pages_confirmed
    pages = f"{count} page" if count == 1 else f"{count} pages"
    if report.t30_code == 0 and count:
        return f"Received {pages}."
    how = _ENDS.get(report.end, "")
    if not how or report.t30_code not in {None, 0, CALL_DROPPED}:
        how = t30_text or "the fax failed"
    return f"Received {pages}, then {how}." if count else f"No page came: {how}."
