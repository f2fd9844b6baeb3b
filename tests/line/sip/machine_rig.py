"""One call of the answering machine against a caller that a test plays by hand, in virtual time."""

import random
from pathlib import Path
from typing import Any

from line.sip.rig import AUDIO, SDP

from caselli.line.answering import AnsweringCall, Reception, Taken
from caselli.line.leg import Place
from caselli.line.machine import PASSWORD, REALM, USERNAME
from caselli.line.media.messages import MediaEvent, MediaOrder, SessionOpened
from caselli.line.sip.auth import Challenger
from caselli.line.sip.message import Headers, Message, Request, Response, parse, response_to
from caselli.line.sip.tokens import Tokens

CALLER = ("192.0.2.9", 5062)
MACHINE = ("192.0.2.2", 5080)


class MachineRig:
    """``sent``: every message of the machine; ``orders`` to its media session; ``taken`` what it would keep."""

    def __init__(self, number: str = "0100", *, busy: bool = False) -> None:
        self.now = 100.0
        self.number = f"+1202555{number}"
        tokens = Tokens(random.Random(3))
        reception = Reception(Challenger(REALM, USERNAME, PASSWORD, tokens), Path("/nowhere.tiff"), busy=busy)
        self.call = AnsweringCall("m1", "c1", self.now, Place(MACHINE, MACHINE[0]), reception, tokens)
        self.sent: list[Message] = []
        self.orders: list[MediaOrder] = []
        self.taken: list[Taken] = []
        self._branch = 0
        self._cseq = 0

    def pump(self) -> None:
        self.sent += [parse(datagram.data) for datagram in self.call.to_send()]
        self.orders += self.call.media_orders()
        self.taken += self.call.events()

    def run(self, seconds: float) -> None:
        end = self.now + seconds
        while (at := self.call.wake_at()) is not None and at <= end:
            self.now = max(self.now, at)
            self.call.tick(self.now)
            self.pump()
        self.now = end

    def feed(self, message: Message) -> None:
        self.call.receive(message.serialize(), CALLER, self.now)
        self.pump()

    def media(self, event: MediaEvent) -> None:
        self.call.media_event(event, self.now)
        self.pump()

    def ask(self, method: str, *fields: tuple[str, str], body: bytes = b"", cseq: int = 0, branch: str = "") -> Request:
        if not cseq:
            self._cseq += 1
            cseq = self._cseq
        self._branch += 1
        branch = branch or f"z9hG4bKc{self._branch}"
        tag = self.tag
        head = [
            ("Via", f"SIP/2.0/UDP {CALLER[0]}:{CALLER[1]};branch={branch};rport"),
            ("From", "<sip:+12025550200@caller.example>;tag=caller"),
            ("To", f"<sip:{self.number}@machine.example>{f';tag={tag}' if tag else ''}"),
            ("Call-ID", "c1"),
            ("CSeq", f"{cseq} {method}"),
            ("Contact", f"<sip:caller@{CALLER[0]}:{CALLER[1]}>"),
            *fields,
        ]
        if body:
            head.append(("Content-Type", SDP))
        request = Request(method=method, uri=f"sip:{self.number}@{MACHINE[0]}", headers=Headers.of(*head), body=body)
        self.feed(request)
        return request

    @property
    def tag(self) -> str | None:
        """The machine's, once the call is answered."""
        found = [one.recipient.tag for one in self.responses("INVITE") if one.status == 200]
        return found[0] if found else None

    def statuses(self, method: str) -> list[int]:
        return [one.status for one in self.responses(method)]

    def responses(self, method: str) -> list[Response]:
        return [one for one in self.sent if isinstance(one, Response) and one.cseq[1] == method]

    def requests(self, method: str) -> list[Request]:
        found: list[Request] = []
        for one in self.sent:
            if isinstance(one, Request) and one.method == method and one not in found:
                found.append(one)
        return found

    def reply(self, request: Request, status: int, *fields: tuple[str, str], body: bytes = b"") -> None:
        self.feed(response_to(request, status, *fields, body=body, content_type=SDP))

    def talk(self, *fields: tuple[str, str], body: bytes = AUDIO) -> None:
        """Up to the ACK of its answer."""
        invite = self.ask("INVITE", *fields, body=body)
        self.media(SessionOpened("m1", 41_000))
        self.ask("ACK", cseq=invite.cseq[0])

    def ordered(self, kind: type) -> list[Any]:
        return [order for order in self.orders if isinstance(order, kind)]
