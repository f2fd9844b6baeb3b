"""One call of the answering machine in virtual time: limits, manners, and what holds whatever the caller does."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from line.sip.machine_rig import MachineRig
from line.sip.rig import AUDIO, NO_STREAM, T38

from caselli.fax.outcome import CallEnd, PageReport
from caselli.line.media.messages import (
    CloseSession,
    FrameSeen,
    Negotiated,
    OpenSession,
    PageEnded,
    PageStarted,
    SessionEnded,
    SessionOpened,
    StartAudio,
    StartT38,
)
from caselli.line.scenarios import SCENARIOS
from caselli.line.sip.message import Request


def page_received(rig: MachineRig) -> None:
    rig.media(PageEnded("m1", rig.now, PageReport(1, confirmed=True, rate=14_400, ecm=True)))


def fax_over(rig: MachineRig, code: int = 0, text: str = "OK") -> None:
    rig.media(SessionEnded("m1", rig.now, code, text, 1, 14_400, ecm=True, remote_id="+1 999"))


def test_it_asks_for_t38_half_a_second_after_the_ack():
    rig = MachineRig()
    rig.talk()
    assert rig.statuses("INVITE") == [180, 200]
    rig.run(0.4)
    assert rig.requests("INVITE") == []
    rig.run(0.2)
    (reinvite,) = rig.requests("INVITE")
    assert b"m=image 41000 udptl t38" in reinvite.body
    rig.reply(reinvite, 200, body=T38)
    assert rig.ordered(StartT38) == [StartT38("m1", "192.0.2.9", 40002, 320, 3)]


def test_a_caller_that_offers_t38_first_is_not_asked():
    rig = MachineRig()
    rig.talk()
    rig.ask("INVITE", body=T38)
    rig.ask("ACK", cseq=2)
    rig.run(10)
    assert rig.requests("INVITE") == []
    assert len(rig.ordered(StartT38)) == 1


def test_it_waits_for_the_caller_to_hang_up_and_then_does_so_itself():
    rig = MachineRig()
    rig.talk()
    page_received(rig)
    fax_over(rig)
    rig.run(1.9)
    assert rig.requests("BYE") == []
    rig.run(0.2)
    rig.reply(rig.requests("BYE")[0], 200)
    (taken,) = rig.taken
    assert (taken.report.end, taken.result) == (CallEnd.COMPLETED, "Received 1 page.")


def test_a_fax_that_failed_says_why():
    rig = MachineRig()
    rig.talk()
    fax_over(rig, 8, "Far end is not compatible")
    rig.ask("BYE")
    assert rig.taken[0].result == "No page came: Far end is not compatible."


def test_a_dead_media_process_hangs_up():
    rig = MachineRig()
    rig.talk()
    page_received(rig)
    rig.call.media_lost(rig.now)
    rig.pump()
    rig.reply(rig.requests("BYE")[0], 200)
    assert rig.taken[0].result == "Received 1 page, then our media process died."


def test_a_machine_that_is_stopped_hangs_up_and_says_so():
    rig = MachineRig()
    rig.talk()
    rig.call.hang_up(rig.now)
    rig.pump()
    fax_over(rig, 49, "The call dropped prematurely")
    rig.reply(rig.requests("BYE")[0], 200)
    assert rig.taken[0].result == "No page came: the machine was stopped."


def test_without_a_media_socket_the_caller_is_told():
    rig = MachineRig()
    rig.ask("INVITE", body=AUDIO)
    rig.run(11)
    assert rig.statuses("INVITE")[:2] == [180, 480]
    assert rig.taken == []


def test_it_rings_ten_minutes_at_most_and_says_so_every_minute():
    rig = MachineRig("0102")
    rig.ask("INVITE", body=AUDIO)
    rig.run(599)
    assert rig.statuses("INVITE") == [180] * 10
    rig.run(2)
    assert rig.statuses("INVITE")[10] == 480


def test_a_caller_that_does_not_answer_the_challenge_is_forgotten():
    rig = MachineRig("0110")
    invite = rig.ask("INVITE", body=AUDIO)
    assert rig.statuses("INVITE") == [401]
    rig.ask("ACK", cseq=1, branch=invite.via.branch)
    rig.run(60)
    assert rig.call.over
    assert rig.taken == []


def test_wrong_credentials_are_asked_for_again():
    rig = MachineRig("0110")
    rig.ask("INVITE", body=AUDIO)
    wrong = 'Digest username="fax", realm="caselli", nonce="n", uri="sip:x", response="00", qop=auth, nc=1, cnonce="c"'
    rig.ask("INVITE", ("Authorization", wrong), body=AUDIO)
    assert rig.statuses("INVITE") == [401, 401]
    assert rig.ordered(OpenSession) == []


@pytest.mark.parametrize(
    ("body", "fields", "status"),
    [
        (AUDIO.replace(b"RTP/AVP 8", b"RTP/AVP 18"), (), 488),
        (b"nonsense", (), 400),
        (AUDIO, (("Require", "100rel"),), 420),
        (AUDIO, (("Supported", "timer"), ("Session-Expires", "20")), 422),
    ],
)
def test_an_invite_it_cannot_take_is_refused(body: bytes, fields: tuple[tuple[str, str], ...], status: int):
    rig = MachineRig()
    rig.ask("INVITE", *fields, body=body)
    assert rig.statuses("INVITE") == [status]


def test_an_offer_of_audio_and_t38_gets_t38_at_once():
    rig = MachineRig()
    rig.talk(body=AUDIO + T38[T38.index(b"m=image") :])
    assert len(rig.ordered(StartT38)) == 1
    assert rig.ordered(StartAudio) == []


def test_it_does_not_hang_up_before_its_answer_is_acknowledged():
    rig = MachineRig("0108")
    invite = rig.ask("INVITE", body=AUDIO)
    rig.media(SessionOpened("m1", 41_000))
    fax_over(rig, 49, "dropped")
    assert rig.requests("BYE") == []
    rig.ask("ACK", cseq=invite.cseq[0])
    assert len(rig.requests("BYE")) == 1


# --- whatever the caller does

bodies = st.sampled_from([b"", AUDIO, T38, NO_STREAM, b"nonsense"])
fields = st.sampled_from(
    [
        (),
        (("Supported", "timer"), ("Session-Expires", "90;refresher=uas")),
        (("Supported", "timer"), ("Session-Expires", "90;refresher=uac")),
        (("Require", "100rel"),),
        (("Record-Route", "<sip:192.0.2.41>"),),
    ]
)
methods = st.sampled_from(["INVITE", "ACK", "BYE", "CANCEL", "UPDATE", "OPTIONS", "INFO", "PRACK"])
Act = Callable[[MachineRig], None]


def asks(method: str, headers: tuple[tuple[str, str], ...], body: bytes, same: bool) -> Act:
    def act(rig: MachineRig) -> None:
        first = [one for one in rig.sent if one.cseq[1] == "INVITE"]
        branch = first[0].via.branch if same and first else ""
        rig.ask(method, *headers, body=body, cseq=rig._cseq if same else 0, branch=branch)

    return act


def replies(status: int, body: bytes) -> Act:
    def act(rig: MachineRig) -> None:
        asked = [one for one in rig.sent if isinstance(one, Request) and one.method != "ACK"]
        if asked:
            rig.reply(asked[-1], status, body=body)

    return act


def says(kind: int) -> Act:
    def act(rig: MachineRig) -> None:
        events = [
            SessionOpened("m1", 41_000),
            FrameSeen("m1", rig.now, False, "DCS", "ff"),
            Negotiated("m1", rig.now, "+1", 14_400, ecm=True),
            PageStarted("m1", rig.now, 1),
            PageEnded("m1", rig.now, PageReport(1, confirmed=True)),
            SessionEnded("m1", rig.now, 0, "OK", 1, 14_400, ecm=True, remote_id=""),
        ]
        rig.media(events[kind])

    return act


def loses_media(rig: MachineRig) -> None:
    rig.call.media_lost(rig.now)
    rig.pump()


actions = st.one_of(
    st.builds(asks, methods, fields, bodies, st.booleans()),
    st.builds(replies, st.sampled_from([100, 200, 401, 481, 488, 491, 500]), bodies),
    st.builds(says, st.integers(0, 5)),
    st.sampled_from([0.01, 0.6, 3.0, 33.0, 100.0]).map(lambda seconds: lambda rig: rig.run(seconds)),
    st.just(loses_media),
)
numbers = st.sampled_from(["0100", "0103", "0104", "0102", "0108", "0110", "0101", "0199", "0999"])


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(numbers, st.booleans(), st.lists(actions, max_size=20))
def test_a_call_ends_and_leaves_nothing_behind(number: str, busy: bool, acts: list[Act]):
    rig = MachineRig(number, busy=busy)
    rig.ask("INVITE", body=AUDIO)
    for act in acts:
        act(rig)
        rig.run(0)
        at = rig.call.wake_at()
        assert at is None or at > rig.now
    rig.run(4000)
    rig.run(200)
    assert rig.call.over
    assert rig.call.wake_at() is None
    assert len(rig.taken) <= 1
    assert len(rig.ordered(OpenSession)) <= len(rig.ordered(CloseSession)) <= 1
    answered = 200 in rig.statuses("INVITE")
    assert len(rig.taken) == answered
    assert not answered or number in SCENARIOS
