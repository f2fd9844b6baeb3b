"""One question to a trunk against a far end played by hand, in virtual time."""

import random
from dataclasses import replace

import pytest
from line.sip.rig import OURS, PEER, SDP, T38, TRUNK, returned

from caselli.fax.outcome import CallEnd
from caselli.fax.probe import Found, ProbeReport, Question
from caselli.line.leg import Place
from caselli.line.orders import Peer, ProbeOrder
from caselli.line.probe import ANSWER_LIMIT, Probe
from caselli.line.sip.auth import Challenge, Proof, digest, parse_digest
from caselli.line.sip.message import REASONS, Request, parse, response_to
from caselli.line.sip.tokens import Tokens
from caselli.line.sip.transaction import GRACE

CHALLENGE = ("WWW-Authenticate", 'Digest realm="trunk", nonce="n1", qop="auth", algorithm=SHA-256')
AGAIN = ("WWW-Authenticate", 'Digest realm="trunk", nonce="n2", qop="auth", algorithm=SHA-256, stale=true')


class Rig:
    def __init__(self, question: Question = Question.OPTIONS, peer: Peer = PEER) -> None:
        self.now = 100.0
        order = ProbeOrder("t1", peer, question)
        place = Place(OURS, OURS[0])
        self.probe = Probe(order, self.now, address=TRUNK, place=place, tokens=Tokens(random.Random(7)))
        self.sent: list[tuple[float, Request]] = []
        self.reports: list[ProbeReport] = []
        self.pump()

    def pump(self) -> None:
        for datagram in self.probe.to_send():
            assert datagram.address == TRUNK
            message = parse(datagram.data)
            if isinstance(message, Request):
                self.sent.append((round(self.now - 100.0, 3), message))
        self.reports += self.probe.events()

    def run(self, seconds: float) -> None:
        end = self.now + seconds
        while (at := self.probe.wake_at()) is not None and at <= end:
            self.now = max(self.now, at)
            self.probe.tick(self.now)
            self.pump()
        self.now = end

    def answer(self, status: int, *fields: tuple[str, str], body: bytes = b"", reason: str = "") -> None:
        response = response_to(self.last, status if status in REASONS else 500, *fields, body=body, content_type=SDP)
        response = replace(response, status=status, reason=reason or REASONS.get(status, "Whatever"))
        self.probe.receive(response.serialize(), TRUNK, self.now)
        self.pump()

    @property
    def last(self) -> Request:
        return self.sent[-1][1]

    @property
    def report(self) -> ProbeReport:
        (report,) = self.reports
        return report


def test_options_tells_what_the_far_end_says_of_itself():
    rig = Rig()
    assert (rig.last.method, rig.last.uri) == ("OPTIONS", "sip:192.0.2.9")
    rig.run(0.042)
    rig.answer(200, ("Server", "Provider 7"), ("Allow", "INVITE, ACK, bye"), body=T38.replace(b"40002", b"0"))
    report = rig.report
    assert (report.found, report.code, report.milliseconds) == (Found.ANSWERED, 200, 42.0)
    assert (report.product, report.allow, report.streams) == ("Provider 7", ("INVITE", "ACK", "BYE"), ("T.38",))
    assert [entry.name for entry in report.ladder] == ["OPTIONS", "200 OK to OPTIONS (no stream)"]
    rig.run(40)
    assert rig.probe.over
    assert len(rig.reports) == 1


def test_a_refusal_is_an_answer_too():
    rig = Rig()
    rig.answer(404)
    assert (rig.report.found, rig.report.code, rig.report.streams) == (Found.ANSWERED, 404, None)


def test_registration_asks_and_changes_nothing():
    rig = Rig(Question.REGISTRATION, replace(PEER, domain="provider.example", port=5066))
    register = rig.last
    assert (register.method, register.uri) == ("REGISTER", "sip:provider.example")
    assert register.recipient.uri == register.sender.uri == "sip:office@provider.example"
    assert register.headers.values("Contact") == ()
    assert register.headers.get("Expires") is None


def test_a_port_of_its_own_stands_in_the_address_where_no_domain_does():
    assert Rig(peer=replace(PEER, port=5066)).last.uri == "sip:192.0.2.9:5066"


def test_the_login_is_proved_when_it_is_asked_for():
    rig = Rig(Question.REGISTRATION)
    rig.answer(401, CHALLENGE)
    said = parse_digest(rig.last.headers.get("Authorization") or "") or {}
    challenge = Challenge("trunk", "n1", "SHA-256", qop=True)
    proof = Proof("office", "REGISTER", "sip:192.0.2.9", said["cnonce"], said["nc"])
    assert said["response"] == digest(challenge, proof, "secret")
    assert rig.last.cseq == (2, "REGISTER")
    rig.run(0.01)
    rig.answer(200, ("Contact", "<sip:office@192.0.2.77>;expires=60"), ("Contact", "<sip:office@192.0.2.78>"))
    assert (rig.report.found, rig.report.logged_in, rig.report.bindings) == (Found.ANSWERED, True, 2)
    assert rig.report.milliseconds == 10.0
    assert not any("response=" in entry.detail for entry in rig.report.ladder)


@pytest.mark.parametrize(
    ("peer", "answers", "found"),
    [
        (replace(PEER, username=""), [CHALLENGE], Found.LOGIN_WANTED),
        (PEER, [CHALLENGE, CHALLENGE], Found.LOGIN_WRONG),
        (PEER, [("WWW-Authenticate", "Bearer realm=x")], Found.LOGIN_STRANGE),
        (PEER, [CHALLENGE, AGAIN, AGAIN, AGAIN, AGAIN], Found.LOGIN_LOOP),
    ],
)
def test_what_can_be_wrong_with_a_login(peer, answers, found):
    rig = Rig(Question.REGISTRATION, peer)
    for challenge in answers:
        rig.answer(401, challenge)
    assert (rig.report.found, rig.report.code) == (found, 401)


def test_an_old_nonce_is_no_wrong_login():
    rig = Rig(Question.REGISTRATION)
    rig.answer(401, CHALLENGE)
    rig.answer(401, AGAIN)
    rig.answer(200)
    assert (rig.report.found, rig.report.logged_in) == (Found.ANSWERED, True)


def test_silence_is_told_in_time_after_six_sendings():
    rig = Rig()
    rig.run(60)
    assert [at for at, _ in rig.sent] == [0.0, 0.5, 1.5, 3.5, 7.5, 11.5]
    assert (rig.report.found, rig.report.waited, rig.report.repeats) == (Found.NO_ANSWER, ANSWER_LIMIT, 5)
    assert rig.probe.over


def test_one_repetition_is_counted():
    rig = Rig()
    rig.run(0.6)
    rig.answer(200)
    assert rig.report.repeats == 1


def test_only_a_provisional_answer_is_half_of_one():
    rig = Rig()
    rig.answer(100)
    rig.run(60)
    assert rig.report.found is Found.HALF_ANSWER


def test_what_the_network_says_ends_it_early():
    rig = Rig()
    rig.probe.undelivered(returned(rig.last), rig.now)
    rig.run(60)
    assert (rig.report.found, rig.report.detail, rig.report.waited) == (
        Found.PORT_CLOSED,
        "Connection refused",
        GRACE,
    )


def test_an_answer_is_worth_more_than_what_the_network_says():
    rig = Rig()
    rig.probe.undelivered(returned(rig.last), rig.now)
    rig.answer(200)
    rig.run(60)
    assert rig.report.found is Found.ANSWERED


def test_our_own_request_that_comes_back_is_a_loop():
    rig = Rig()
    rig.probe.receive(rig.last.serialize(), TRUNK, rig.now)
    rig.pump()
    assert rig.report.found is Found.OURSELVES


def test_nonsense_is_kept_and_waited_through():
    rig = Rig()
    rig.probe.receive(b"SIP/2.0 OK\r\n\r\n", TRUNK, rig.now)
    rig.answer(200)
    assert rig.report.found is Found.ANSWERED
    assert any(entry.name.startswith("unreadable") for entry in rig.report.ladder)


def test_it_can_be_abandoned_once():
    rig = Rig()
    rig.probe.abandon(rig.now, CallEnd.CANCELED)
    rig.pump()
    rig.answer(200)
    assert rig.report.found is Found.STOPPED
