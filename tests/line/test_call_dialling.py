"""From our INVITE to its answer, or to what else comes of it."""

from dataclasses import replace

import pytest
from line.sip.rig import AUDIO, MEDIA_PORT, TRUNK, Rig, returned

from caselli.fax.outcome import NOT_SENT, CallEnd
from caselli.line.media.messages import (
    CloseSession,
    StartAudio,
)
from caselli.line.sip.sdp import Sdp
from caselli.line.sip.transaction import GRACE


@pytest.fixture
def rig() -> Rig:
    return Rig()


def test_nothing_is_sent_before_there_is_a_media_socket(rig: Rig):
    assert rig.sent == []
    rig.dial()
    (invite,) = rig.requests("INVITE")
    offer = Sdp.parse(invite.body)
    assert [(media.kind, media.port, media.formats) for media in offer.media] == [("audio", MEDIA_PORT, ("0", "8"))]
    assert invite.uri == "sip:+12025550100@192.0.2.9"
    assert rig.addresses == [TRUNK]


def test_without_a_media_socket_there_is_no_call(rig: Rig):
    rig.run(11)
    assert rig.sent == []
    assert rig.report.end is CallEnd.MEDIA_LOST


@pytest.mark.parametrize("status", [404, 480, 486, 488, 500, 600, 603])
def test_a_refusal_is_reported_as_it_came(rig: Rig, status: int):
    invite = rig.dial()
    rig.reply(invite, 100)
    rig.reply(invite, status, ("Reason", 'SIP;text="x", Q.850;cause=17;text="busy, really"'), reason="Because")
    rig.fax_ends(-1, "")
    report = rig.report
    assert (report.end, report.sip_code, report.sip_phrase, report.q850) == (CallEnd.REJECTED, status, "Because", 17)
    assert not report.answered
    assert rig.requests("ACK")[0].via.branch == invite.via.branch
    assert rig.phases() == ["dialling"]


def test_a_trunk_that_is_down_says_when_it_is_back(rig: Rig):
    rig.reply(rig.dial(), 503, ("Retry-After", "5 (restarting)"))
    rig.fax_ends(-1, "")
    assert (rig.report.sip_code, rig.report.retry_after) == (503, 5)


def test_a_silent_trunk_is_given_up_after_32_seconds(rig: Rig):
    rig.dial()
    rig.run(40)
    rig.fax_ends(-1, "")
    assert rig.all_times("INVITE") == [0.0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5]
    assert (rig.report.end, rig.report.sip_code) == (CallEnd.UNREACHABLE, 408)


def test_a_trunk_where_nobody_listens_is_given_up_at_once(rig: Rig):
    rig.call.undelivered(returned(rig.dial()), rig.now)
    rig.run(GRACE)
    rig.fax_ends(-1, "")
    assert rig.all_times("INVITE") == [0.0, 0.5]
    assert (rig.report.end, rig.report.sip_code) == (CallEnd.UNREACHABLE, NOT_SENT)
    assert rig.report.sip_phrase == "Nothing listens at 192.0.2.9 port 5060"
    assert rig.report.seconds == GRACE
    assert rig.call.over


def test_a_trunk_that_comes_back_in_time_takes_the_call(rig: Rig):
    invite = rig.dial()
    rig.call.undelivered(returned(invite), rig.now)
    rig.run(GRACE / 2)
    rig.reply(invite, 100)
    rig.run(GRACE)
    rig.pick_up(invite)
    assert rig.phases() == ["dialling", "answered"]


def test_what_the_network_returns_to_somebody_else_is_not_ours(rig: Rig):
    invite = rig.dial()
    other = invite.with_headers(invite.headers.replaced("Via", "SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bKguessed"))
    rig.call.undelivered(returned(invite, (TRUNK[0], 5999)), rig.now)
    rig.call.undelivered(returned(other), rig.now)
    rig.call.undelivered(replace(returned(invite), data=b""), rig.now)
    rig.run(GRACE * 2)
    assert rig.reports() == []
    assert [entry for entry in rig.call._ladder.entries() if "network" in entry.name] == []


def test_a_call_that_stands_is_not_ended_by_the_network(rig: Rig):
    invite = rig.talk()
    rig.call.undelivered(returned(invite), rig.now)
    rig.run(6)
    again = rig.requests("INVITE")[-1]  # our offer of T.38
    assert again != invite
    rig.call.undelivered(returned(again), rig.now)
    rig.run(GRACE * 2)
    assert rig.reports() == []


def test_who_does_not_answer_is_let_go():
    rig = Rig(ring_limit=20.0)
    invite = rig.dial()
    rig.reply(invite, 180)
    rig.run(20)
    (cancel,) = rig.requests("CANCEL")
    assert (cancel.via.branch, cancel.uri, cancel.cseq[0]) == (invite.via.branch, invite.uri, invite.cseq[0])
    rig.reply(cancel, 200)
    rig.reply(invite, 487)
    rig.fax_ends(-1, "")
    assert (rig.report.end, rig.report.sip_code) == (CallEnd.NO_ANSWER, 487)


def test_a_cancel_waits_for_a_provisional_answer(rig: Rig):
    invite = rig.dial()
    rig.call.hang_up(rig.now)
    rig.pump()
    assert rig.requests("CANCEL") == []
    rig.reply(invite, 100)
    assert len(rig.requests("CANCEL")) == 1


def test_an_answer_quicker_than_our_cancel_is_taken_and_hung_up(rig: Rig):
    invite = rig.dial()
    rig.reply(invite, 180)
    rig.call.hang_up(rig.now)
    rig.pump()
    rig.pick_up(invite)
    assert len(rig.requests("ACK")) == 1
    assert len(rig.requests("BYE")) == 1
    assert rig.ordered(StartAudio) == []
    rig.finish()
    rig.fax_ends(-1, "")
    assert (rig.report.end, rig.report.answered) == (CallEnd.CANCELED, True)


def test_an_answer_after_the_report_is_still_hung_up(rig: Rig):
    invite = rig.dial()
    rig.reply(invite, 180)
    rig.call.hang_up(rig.now)
    rig.pump()
    rig.run(6)
    assert rig.report.end is CallEnd.CANCELED
    rig.pick_up(invite)
    assert len(rig.requests("BYE")) == 1
    rig.finish()
    assert len(rig.reports()) == 1


def test_an_answer_that_leaves_no_stream_ends_the_call(rig: Rig):
    rig.pick_up(rig.dial(), body=AUDIO.replace(b"40000", b"0"))
    rig.finish()
    rig.fax_ends(-1, "")
    assert (rig.report.end, rig.report.sip_code) == (CallEnd.REJECTED, 488)


def test_an_answer_given_in_early_media_counts_when_the_200_has_none(rig: Rig):
    invite = rig.dial()
    rig.reply(invite, 183, body=AUDIO)
    assert rig.ordered(StartAudio) == []
    rig.pick_up(invite, body=b"")
    assert rig.ordered(StartAudio) == [StartAudio("k1", "192.0.2.9", 40000, 8)]


def test_forked_ringing_counts_once_and_the_answer_chooses(rig: Rig):
    invite = rig.dial()
    rig.reply(invite, 180, tag="one")
    rig.reply(invite, 183, tag="two", body=AUDIO)
    rig.pick_up(invite, tag="far")
    assert rig.phases() == ["dialling", "ringing", "answered"]
    assert rig.requests("ACK")[0].recipient.tag == "far"


def test_a_second_answer_of_a_fork_is_thanked_and_let_go(rig: Rig):
    invite = rig.talk()
    rig.pick_up(invite, tag="other")
    assert [ack.recipient.tag for ack in rig.requests("ACK")] == ["far", "other"]
    (bye,) = rig.requests("BYE")
    assert bye.recipient.tag == "other"
    assert rig.reports() == []
    assert rig.ordered(CloseSession) == []


def test_a_repeated_answer_is_acknowledged_again(rig: Rig):
    invite = rig.talk()
    rig.pick_up(invite)
    first, second = rig.requests("ACK")
    assert first == second


def test_credentials_answer_a_challenge(rig: Rig):
    invite = rig.dial()
    rig.reply(invite, 407, ("Proxy-Authenticate", 'Digest realm="r", nonce="n1", algorithm=SHA-256, qop="auth"'))
    again = rig.requests("INVITE")[-1]
    assert again.cseq[0] == invite.cseq[0] + 1
    assert again.call_id == invite.call_id
    assert again.sender.tag == invite.sender.tag
    assert 'username="office"' in (again.headers.get("Proxy-Authorization") or "")
    rig.pick_up(again)
    assert rig.requests("ACK")[-1].headers.get("Proxy-Authorization") == again.headers.get("Proxy-Authorization")


def test_wrong_credentials_end_the_call(rig: Rig):
    rig.reply(rig.dial(), 401, ("WWW-Authenticate", 'Digest realm="r", nonce="n1"'))
    rig.reply(rig.requests("INVITE")[-1], 401, ("WWW-Authenticate", 'Digest realm="r", nonce="n2"'))
    rig.fax_ends(-1, "")
    assert (rig.report.end, rig.report.sip_code) == (CallEnd.AUTHENTICATION_FAILED, 401)
    assert len(rig.requests("INVITE")) == 2


def test_a_redirection_is_followed_once_and_without_our_password(rig: Rig):
    rig.reply(
        rig.dial(), 302, ("Contact", "<sip:other@192.0.2.77:5090;user=phone?Subject=x>"), reason="Moved Temporarily"
    )
    invite = rig.requests("INVITE")[-1]
    assert invite.uri == "sip:other@192.0.2.77:5090;user=phone"
    assert rig.addresses[-1] == ("192.0.2.77", 5090)
    rig.reply(invite, 401, ("WWW-Authenticate", 'Digest realm="r", nonce="n1"'))
    rig.fax_ends(-1, "")
    assert rig.report.end is CallEnd.AUTHENTICATION_FAILED
    assert len(rig.requests("INVITE")) == 2


def test_whom_the_trunk_sends_us_to_is_not_the_trunk(rig: Rig):
    rig.reply(rig.dial(), 302, ("Contact", "<sip:other@192.0.2.77:5090>"), reason="Moved Temporarily")
    rig.call.undelivered(returned(rig.requests("INVITE")[-1], rig.addresses[-1]), rig.now)
    rig.run(GRACE)
    rig.fax_ends(-1, "")
    assert (rig.report.end, rig.report.sip_code) == (CallEnd.REJECTED, 503)
    assert rig.report.sip_phrase == "Nothing listens at 192.0.2.77 port 5090"


def test_a_second_redirection_is_reported(rig: Rig):
    moved = ("Contact", "<sip:other@gateway.example>")
    rig.reply(rig.dial(), 302, moved, reason="Moved Temporarily")
    assert rig.addresses[-1] == TRUNK
    rig.reply(rig.requests("INVITE")[-1], 302, moved, reason="Moved Temporarily")
    rig.fax_ends(-1, "")
    assert (rig.report.end, rig.report.sip_code) == (CallEnd.REJECTED, 302)


def test_a_session_interval_too_small_is_raised(rig: Rig):
    rig.reply(rig.dial(), 422, ("Min-SE", "3600"))
    assert (rig.requests("INVITE")[-1].headers.get("Session-Expires")) == "3600"
