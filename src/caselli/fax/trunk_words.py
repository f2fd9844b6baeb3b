"""What a test of a trunk means, and what to do about it: one table of outcomes and statuses, for people."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from caselli.fax.causes import (
    BAD_CREDENTIALS,
    BUSY,
    DECLINED,
    DELIVERED,
    DIALER_LOST,
    FORBIDDEN,
    LINE_BAD,
    LINE_DROPPED,
    MEDIA_LOST,
    NO_ANSWER,
    NO_COMMON_MEDIA,
    NO_FAX,
    NO_SUCH_NUMBER,
    REJECTED,
    TRUNK_DOWN,
    TRUNK_SILENT,
    UNAVAILABLE,
    UNKNOWN,
    Cause,
)
from caselli.fax.outcome import NOT_SENT, CallEnd, CallReport, Transport
from caselli.fax.probe import Found, ProbeReport, Question


@dataclass(frozen=True, slots=True)
class Told:
    """``sentence``: what was found; ``remedy``: what to do, empty where nothing; ``facts``: a line each."""

    passed: bool
    sentence: str
    remedy: str = ""
    facts: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """As it is kept: the sentence, the remedy (perhaps empty) and the facts, a line each."""
        return "\n".join((self.sentence, self.remedy, *self.facts))

    @classmethod
    def read(cls, passed: bool, text: str) -> "Told":
        sentence, _, rest = text.partition("\n")
        remedy, _, facts = rest.partition("\n")
        return cls(passed, sentence, remedy, tuple(facts.splitlines()))


_CHECK_LOGIN = "Check login and password with your provider."
_CHECK_WAY = (
    "Check host and port (5060 is usual). If they are right, a firewall may drop UDP on the way, the provider may not "
    "let our address in, or the host may take TCP or TLS only."
)
_NEXT = "Try a call next: only that shows whether faxes go through."

_SILENT: Mapping[Found, tuple[str, str]] = MappingProxyType(
    {
        Found.NO_ANSWER: (
            "{host} did not answer on port {port} in {waited} seconds.",
            _CHECK_WAY,
        ),
        Found.HALF_ANSWER: (
            "{host} took the question, and then never answered it.",
            "Something behind it is stuck. Try again; if that lasts, tell your provider.",
        ),
        Found.NO_HOST: (
            "There is no host {host}: its name has no address.",
            "Check how the name is written. If it is right, this server's DNS does not know it.",
        ),
        Found.NO_ROUTE: (
            "There is no way from here to {host}: {detail}.",
            "Check the network of this server, and that the host is in a network it can reach.",
        ),
        Found.LOOPBACK: (
            "Calls are made from {detail}, an address that only this machine knows, and {host} is elsewhere.",
            "Set CASELLI_SIP to an address of this server that the host can reach, or to 0.0.0.0:5070, and restart.",
        ),
        Found.PORT_CLOSED: (
            "Nothing listens at port {port} of {host}: the port is closed.",
            "Check the port (5060 is usual, and by UDP), and that the SIP server there runs.",
        ),
        Found.OURSELVES: (
            "Host and port lead back to Caselli itself.",
            "Set the address of your provider or PBX. The built-in answering machine listens on a port of its own.",
        ),
        Found.STOPPED: ("The dialer stopped before an answer came.", "Test again."),
        Found.LOGIN_WANTED: (
            "The host answered, but asks for a login, and this trunk has none ({code}).",
            "Set the login and password that your provider gave you.",
        ),
        Found.LOGIN_WRONG: (
            "The host answered, but did not accept this login ({code}).",
            f"{_CHECK_LOGIN} Some providers also want their domain set.",
        ),
        Found.LOGIN_STRANGE: (
            "The host asks for a login in a way that Caselli does not speak ({code}).",
            "Ask your provider for digest authentication with MD5 or SHA-256.",
        ),
        Found.LOGIN_LOOP: (
            "The host asks for the login again and again: each answer is out of date for it ({code}).",
            "Often several servers stand behind one name, and do not know of each other. Tell your provider.",
        ),
    }
)

_NOT_LET_IN = (
    "The host answered, but does not let us in ({code}).",
    "Ask your provider whether the address of this server is allowed there, and whether login and domain are right.",
)
_DOWN = (
    "The host answered, but is out of order or overloaded ({code}).",
    "Try again later. If it lasts, tell your provider.",
)
_LOST_BEHIND = (
    "The host answered, but could not reach the server behind it ({code}).",
    "Check the domain. If it is right, tell your provider.",
)
_CIRCLE = (
    "The host sends the question round in a circle ({code}).",
    "Host and domain point at each other: check both with your provider.",
)

_TROUBLES: Mapping[int, tuple[str, str]] = MappingProxyType(
    {
        403: _NOT_LET_IN, 603: _NOT_LET_IN, 607: _NOT_LET_IN,
        408: _LOST_BEHIND, 502: _LOST_BEHIND, 504: _LOST_BEHIND,
        482: _CIRCLE, 483: _CIRCLE,
        500: _DOWN, 503: _DOWN, 513: _DOWN, 580: _DOWN, 600: _DOWN,
    }
)  # fmt: skip
"""Final answers to OPTIONS that mean trouble. All others show a server that is alive, 404 and 405 too."""

_NO_REGISTRATION = (
    "The host takes no registrations ({code}).",
    "That is usual for a trunk that knows you by your address. If you were told to register, check host and port.",
)
_UNKNOWN_LOGIN = ("The host answered, but does not know this login ({code}).", _CHECK_LOGIN)
_REGISTRATION_TROUBLES: Mapping[int, tuple[str, str]] = MappingProxyType(
    {
        **_TROUBLES,
        403: _UNKNOWN_LOGIN, 404: _UNKNOWN_LOGIN, 410: _UNKNOWN_LOGIN, 604: _UNKNOWN_LOGIN,
        405: _NO_REGISTRATION, 501: _NO_REGISTRATION,
    }
)  # fmt: skip


def tell(report: ProbeReport) -> Told:
    """What the answer to OPTIONS or REGISTER means."""
    passed, (sentence, remedy) = _judge(report)
    given = {
        "host": report.host,
        "port": report.port,
        "code": report.code,
        "detail": report.detail or "no route",
        "waited": f"{report.waited:.0f}",
        "bindings": report.bindings,
    }
    return Told(passed, sentence.format_map(given), remedy.format_map(given), _facts(report))


def _judge(report: ProbeReport) -> tuple[bool, tuple[str, str]]:
    if report.found is not Found.ANSWERED:
        return False, _SILENT[report.found]
    if report.question is Question.REGISTRATION:
        return _judge_registration(report)
    if report.code in _TROUBLES:
        return False, _TROUBLES[report.code]
    if report.code < 300:
        return True, ("The host answered: it is there, and speaks SIP with us.", _NEXT)
    sentence = "The host is alive: it answered, if only that it does not take this question ({code})."
    return True, (sentence, f"Many do so, and nothing is wrong with it. {_NEXT}")


def _judge_registration(report: ProbeReport) -> tuple[bool, tuple[str, str]]:
    if report.code < 300:
        if report.logged_in:
            return True, ("The host knows this login, and the password is right.", _NEXT)
        return True, (
            "The host accepted the question without asking who we are: it knows us by our address, or asks nobody.",
            _NEXT,
        )
    other = (
        "The host refused the registration ({code}).",
        "Ask your provider what this means, and show the messages of this test.",
    )
    return False, _REGISTRATION_TROUBLES.get(report.code, _DOWN if report.code >= 500 else other)


def _facts(report: ProbeReport) -> tuple[str, ...]:
    facts = []
    if report.address and report.address != f"{report.host}:{report.port}":
        facts.append(f"Address: {report.address}")
    if report.code:
        facts.append(f"Answer: {report.code} {report.phrase}".rstrip())
    if report.milliseconds is not None:
        facts.append(f"Round trip: {report.milliseconds:,.0f} ms" if report.milliseconds >= 1 else "Round trip: < 1 ms")
    if report.code and report.repeats:
        times = "once" if report.repeats == 1 else f"{report.repeats} times"
        facts.append(f"Asked again {times} before it answered: packets get lost, or it is slow")
    if report.product:
        facts.append(f"Server: {report.product}")
    if report.streams is not None:
        facts.append(f"Offers: {', '.join(report.streams)}")
        if report.question is Question.OPTIONS and "T.38" not in report.streams:
            facts.append("It does not name T.38: faxes may have to go by audio, which is slower and breaks more easily")
    if report.allow:
        facts.append(f"Allows: {', '.join(report.allow)}")
    if report.question is Question.REGISTRATION and report.found is Found.ANSWERED and report.code < 300:
        facts.append(f"Registered addresses: {report.bindings or 'none'}")
    return tuple(facts)


_AGAIN = "Test again, or with another number. If that fails too,"
_CALL_REMEDIES: Mapping[Cause, str] = MappingProxyType(
    {
        BUSY: "The trunk works so far. Test again later, or with another number.",
        NO_ANSWER: "The trunk works so far. Test with a number where a fax answers.",
        NO_FAX: "The trunk works so far: the call was answered. Test with a number where a fax answers.",
        FORBIDDEN: "Ask your provider whether this trunk may call that number, and which caller number it must show.",
        NO_COMMON_MEDIA: "Ask your provider for G.711 (PCMU or PCMA) and T.38 on this trunk.",
        NO_SUCH_NUMBER: "Check the number. If it is right, the provider may want numbers written in another way.",
        BAD_CREDENTIALS: _CHECK_LOGIN,
        DECLINED: "Test with another number; if that is declined too, ask your provider.",
        UNAVAILABLE: "Test again later, or with another number.",
        TRUNK_DOWN: "Test again later. If it lasts, tell your provider.",
        REJECTED: "Ask your provider what this means, and show the messages of this test.",
        LINE_DROPPED: f"{_AGAIN} audio may be one-way: see that the firewall lets UDP through to this server.",
        LINE_BAD: f"{_AGAIN} ask your provider for T.38, which forgives a bad line.",
        MEDIA_LOST: "Test again; what happened stands in the log.",
        UNKNOWN: "The page may have arrived: look at the far machine, then test again.",
        TRUNK_SILENT: "Check the trunk's host and port; the test “Does it answer?” says more.",
        DIALER_LOST: "Test again.",
    }
)
"""What the person who sets up a trunk can do, where the remedy of a fax is meant for its sender."""


def tell_call(report: CallReport, cause: Cause) -> Told:
    """What a test call means, which ``judge`` brought to ``cause``."""
    facts = tuple(_call_facts(report))
    if cause is DELIVERED:
        return Told(True, "The test page arrived: the far machine confirmed it.", _way_remedy(report), facts)
    remedy = _CALL_REMEDIES.get(cause, cause.remedy)
    if report.end is CallEnd.UNREACHABLE and report.sip_code == NOT_SENT:
        return Told(False, f"{report.sip_phrase}.", remedy, facts)
    code = f" ({report.sip_code})" if report.sip_code >= 300 else ""
    return Told(False, f"{cause.sentence.rstrip('.')}{code}.", remedy, facts)


def _way_remedy(report: CallReport) -> str:
    if report.transport is not Transport.G711:
        return ""
    if _refused_t38(report):
        return "It went by audio, because T.38 was refused (488): ask your provider for T.38, which is surer."
    return "It went by audio: if your provider offers T.38, ask for it, because it is surer."


def _refused_t38(report: CallReport) -> bool:
    return any(
        entry.name.startswith(("our offer was refused: 488", "our offer was refused: 606")) for entry in report.ladder
    )


def _call_facts(report: CallReport) -> list[str]:
    facts = []
    if report.sip_code and report.end is not CallEnd.UNREACHABLE:
        facts.append(f"Answer: {report.sip_code} {report.sip_phrase}".rstrip())
    if report.transport is not None:
        facts.append("Way: T.38" if report.transport is Transport.T38 else "Way: audio (G.711)")
    if report.rate:
        facts.append(f"Speed: {report.rate:,} bit/s, {'with' if report.ecm else 'without'} error correction")
    if report.remote_id:
        facts.append(f"Answered by: {report.remote_id}")
    if report.t30_code:
        facts.append(f"T.30: {report.t30_code}")
    if report.seconds >= 0.1:
        facts.append(f"Took: {report.seconds:.1f} s")
    return facts


UNTAKEN = Told(
    False,
    "No dialer is running, so nobody carried out the test.",
    "Start one: caselli serve, or caselli dialer. If one runs, its log says what is wrong.",
)
LOST = Told(False, "The dialer that carried out the test stopped.", "Test again.")
NO_CHANNEL = Told(
    False,
    "All channels of this trunk were in use, so the test call was not made.",
    "Test again when fewer calls are going on, or give the trunk more channels.",
)
NUMBER_IN_USE = Told(
    False, "A fax is just going to this number, so the test call was not made.", "Test again when it has ended."
)
BLOCKED = Told(False, "Calls to this number are blocked here, so the test call was not made.", "Choose another number.")
NO_PAGE = Told(False, "The test page could not be made on this server.", "The dialer's log says why. Then test again.")
