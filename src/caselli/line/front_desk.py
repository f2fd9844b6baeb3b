"""What the answering machine says to those who do not call: OPTIONS and REGISTER, as a provider's server would."""

from caselli.line.answer import OUR_MAX_DATAGRAM
from caselli.line.sip.address import SocketAddress
from caselli.line.sip.asking import ALLOW, SDP_TYPE
from caselli.line.sip.auth import Challenger, Verdict
from caselli.line.sip.message import Message, Request
from caselli.line.sip.sdp import T38, Sdp, audio_media, image_media
from caselli.line.sip.transactions import Datagram, stateless_answer
from caselli.line.stray import answer_stray

SERVER = ("Server", "Caselli answering machine")
ALLOW_REGISTER = (ALLOW[0], f"{ALLOW[1]}, REGISTER")
REMEMBERED = 200


class FrontDesk:
    """Nobody is registered here: it knows one login, and no addresses to go with it."""

    def __init__(self, challenger: Challenger) -> None:
        self._challenger = challenger
        self._told: dict[str, Datagram] = {}

    def answer(self, message: Message, source: SocketAddress, media_host: str, now: float) -> Datagram | None:
        if isinstance(message, Request) and message.recipient.tag is None:
            if message.method == "REGISTER":
                return self._registered(message, source, now)
            if message.method == "OPTIONS":
                about = (SERVER, ALLOW_REGISTER, ("Accept", SDP_TYPE))
                return stateless_answer(message, source, 200, *about, sdp=_abilities(media_host))
        return answer_stray(message, source)

    def _registered(self, register: Request, source: SocketAddress, now: float) -> Datagram:
        """A repetition gets the answer it got: the count of a login is good for one request only."""
        key = f"{register.call_id} {register.via.branch} {source}"
        if key not in self._told:
            self._told[key] = self._judge(register, source, now)
            if len(self._told) > REMEMBERED:
                del self._told[next(iter(self._told))]
        return self._told[key]

    def _judge(self, register: Request, source: SocketAddress, now: float) -> Datagram:
        verdict = self._challenger.check(register, now)
        if verdict is not Verdict.RIGHT:
            challenges = self._challenger.challenges(now, stale=verdict is Verdict.STALE)
            return stateless_answer(register, source, 401, SERVER, *challenges)
        if register.headers.values("Contact"):
            return stateless_answer(register, source, 403, SERVER)  # no address is kept, so none may be taken
        return stateless_answer(register, source, 200, SERVER)


def _abilities(host: str) -> bytes:
    """RFC 3264 9: what we could take, at port 0."""
    media = (audio_media(0), image_media(0, T38(max_datagram=OUR_MAX_DATAGRAM)))
    return Sdp(media, host, ("caselli", "0", "0")).serialize()
