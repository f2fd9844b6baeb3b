"""How a call moves from audio to T.38, or stays, whoever asks for it and whatever comes between."""

import pytest
from line.sip.rig import AUDIO, NO_STREAM, T38, Rig

from caselli.fax.outcome import CallEnd, Transport
from caselli.line.media.messages import FaxHeard, FrameSeen, Negotiated, StartAudio, StartT38
from caselli.line.sip.message import Request
from caselli.line.sip.sdp import Sdp

UPDATES = "INVITE, ACK, BYE, UPDATE"


@pytest.fixture
def rig() -> Rig:
    talking = Rig(negotiation_limit=5000.0, call_limit=10_000.0)
    talking.talk()
    return talking


def reinvite(rig: Rig) -> Request:
    """Ours, to T.38."""
    request = rig.requests("INVITE")[-1]
    assert [media.kind for media in Sdp.parse(request.body).media] == ["image"]
    return request


def test_we_ask_when_the_far_end_has_not_for_five_seconds(rig: Rig):
    rig.run(4.9)
    assert rig.times("INVITE") == [0.0]
    rig.run(0.2)
    assert rig.times("INVITE") == [0.0, 5.0]
    rig.pick_up(reinvite(rig), body=T38)
    assert rig.ordered(StartT38) == [StartT38("k1", "192.0.2.9", 40002, 320, 3)]
    assert len(rig.requests("ACK")) == 2


@pytest.mark.parametrize("tone", ["CED", "V.21 preamble"])
def test_we_ask_a_second_after_a_fax_is_heard(rig: Rig, tone: str):
    rig.run(2)
    rig.media(FaxHeard("k1", rig.now, tone))
    rig.run(2)
    assert rig.times("INVITE") == [0.0, 3.0]
    assert rig.phases()[-1] == "negotiating"


def test_our_own_kind_of_tone_means_nothing(rig: Rig):
    rig.media(FaxHeard("k1", rig.now, "CNG"))
    rig.run(2)
    assert rig.times("INVITE") == [0.0]


def test_a_far_end_that_asks_first_is_not_asked(rig: Rig):
    rig.media(FaxHeard("k1", rig.now, "CED"))
    rig.run(0.5)
    rig.switch_to_t38()
    rig.run(20)
    assert rig.times("INVITE") == [0.0]
    assert len(rig.ordered(StartT38)) == 1


def test_a_fax_that_negotiated_by_audio_is_left_alone(rig: Rig):
    rig.media(FrameSeen("k1", rig.now, False, "DIS", "ff"), Negotiated("k1", rig.now, "+1", 9600, False))
    rig.run(20)
    assert rig.times("INVITE") == [0.0]
    rig.fax_goes()
    rig.fax_ends()
    rig.finish()
    assert (rig.report.end, rig.report.transport) == (CallEnd.COMPLETED, Transport.G711)


@pytest.mark.parametrize("status", [415, 488, 606])
def test_a_refusal_keeps_the_call_and_its_audio(rig: Rig, status: int):
    rig.run(5)
    rig.reply(reinvite(rig), status)
    rig.run(100)
    assert len(rig.requests("INVITE")) == 2
    assert len(rig.requests("ACK")) == 2
    assert rig.ordered(StartT38) == []
    rig.fax_goes()
    rig.fax_ends()
    rig.finish()
    assert (rig.report.end, rig.report.transport) == (CallEnd.COMPLETED, Transport.G711)


def test_after_a_refusal_the_far_end_may_ask_for_audio_again(rig: Rig):
    rig.run(5)
    rig.reply(reinvite(rig), 488)
    again = rig.demand("INVITE", body=AUDIO)
    answer = Sdp.parse(rig.answer_to(again).body)
    assert [(media.kind, media.port) for media in answer.media] == [("audio", 31_000)]
    assert len(rig.ordered(StartAudio)) == 1


def test_an_acceptance_with_port_0_goes_back_to_audio(rig: Rig):
    rig.run(5)
    rig.pick_up(reinvite(rig), body=NO_STREAM)
    back = rig.requests("INVITE")[-1]
    assert [(media.kind, media.port) for media in Sdp.parse(back.body).media] == [("audio", 31_000)]
    rig.pick_up(back)
    assert rig.ordered(StartT38) == []
    rig.run(30)
    assert len(rig.requests("INVITE")) == 3


def test_when_both_ask_at_once_both_refuse_and_the_callee_comes_first(rig: Rig):
    rig.run(5)
    ours = reinvite(rig)
    theirs = rig.demand("INVITE", body=T38)
    assert rig.answer_to(theirs).status == 491
    rig.acknowledge(theirs)
    rig.reply(ours, 491)
    rig.run(1.5)
    rig.switch_to_t38()
    rig.run(20)
    assert len(rig.requests("INVITE")) == 2
    assert len(rig.ordered(StartT38)) == 1


def test_after_a_glare_we_ask_again_in_two_to_four_seconds(rig: Rig):
    rig.run(5)
    rig.reply(reinvite(rig), 491)
    rig.run(10)
    assert len(rig.requests("INVITE")) == 3
    assert 7.1 <= rig.times("INVITE")[-1] <= 9.0
    rig.pick_up(reinvite(rig), body=T38)
    assert len(rig.ordered(StartT38)) == 1


def test_a_far_end_that_is_not_ready_is_asked_again(rig: Rig):
    rig.run(5)
    rig.reply(reinvite(rig), 500, ("Retry-After", "3"))
    rig.run(3.5)
    assert rig.times("INVITE") == [0.0, 5.0, 8.0]


def test_we_do_not_ask_before_our_own_answer_is_acknowledged(rig: Rig):
    rig.run(4.5)
    hold = rig.demand("INVITE", body=AUDIO)
    rig.run(1)
    assert rig.times("INVITE") == [0.0]
    rig.acknowledge(hold)
    rig.run(0.5)
    assert len(rig.requests("INVITE")) == 2


def test_our_answer_is_repeated_until_it_is_acknowledged(rig: Rig):
    request = rig.demand("INVITE", body=T38)
    rig.run(4)
    assert len(rig.responses("INVITE")) == 4
    rig.acknowledge(request)
    rig.run(20)
    assert len(rig.responses("INVITE")) == 4


def test_an_answer_never_acknowledged_ends_the_call(rig: Rig):
    rig.demand("INVITE", body=T38)
    rig.run(33)
    assert len(rig.requests("BYE")) == 1


def test_the_next_request_stands_for_a_lost_ack(rig: Rig):
    rig.demand("INVITE", body=AUDIO)
    fax = rig.demand("INVITE", body=T38)
    assert rig.answer_to(fax).status == 200
    assert len(rig.ordered(StartT38)) == 1


@pytest.mark.parametrize("status", [408, 481])
def test_a_far_end_that_forgot_the_call_is_hung_up(rig: Rig, status: int):
    rig.run(5)
    rig.reply(reinvite(rig), status)
    rig.finish()
    rig.fax_ends(-1, "")
    assert rig.report.end is CallEnd.FAR_HUNG_UP


def test_a_far_end_that_fell_silent_is_hung_up_after_32_seconds(rig: Rig):
    rig.run(5)
    rig.run(33)
    rig.fax_ends(-1, "")
    rig.finish()
    assert rig.report.end is CallEnd.FAR_HUNG_UP


def test_a_repeated_acceptance_is_acknowledged_again(rig: Rig):
    rig.run(5)
    request = reinvite(rig)
    rig.pick_up(request, body=T38)
    rig.pick_up(request, body=T38)
    assert len(rig.ordered(StartT38)) == 1
    acks = rig.requests("ACK")
    assert acks[-1] == acks[-2]


def test_a_challenge_to_our_request_is_answered(rig: Rig):
    rig.run(5)
    rig.reply(reinvite(rig), 401, ("WWW-Authenticate", 'Digest realm="r", nonce="n", qop="auth"'))
    again = reinvite(rig)
    assert again.headers.get("Authorization")
    rig.pick_up(again, body=T38)
    assert len(rig.ordered(StartT38)) == 1


def test_audio_after_the_last_page_is_answered_and_the_verdict_awaited(rig: Rig):
    rig.switch_to_t38()
    rig.fax_goes()
    back = rig.demand("INVITE", body=AUDIO)
    assert [media.kind for media in Sdp.parse(rig.answer_to(back).body).media] == ["audio"]
    rig.acknowledge(back)
    assert len(rig.ordered(StartAudio)) == 1
    rig.fax_ends()
    rig.finish()
    assert (rig.report.end, rig.report.transport) == (CallEnd.COMPLETED, Transport.T38)


def test_audio_before_t38_said_anything_begins_audio_again(rig: Rig):
    rig.switch_to_t38()
    rig.acknowledge(rig.demand("INVITE", body=AUDIO))
    assert len(rig.ordered(StartAudio)) == 2
    rig.fax_goes()
    rig.fax_ends()
    rig.finish()
    assert rig.report.transport is Transport.G711


def test_a_refresh_during_the_fax_gets_the_same_description_and_touches_no_media(rig: Rig):
    first = rig.demand("INVITE", body=T38)
    rig.acknowledge(first)
    rig.fax_goes(1, first=3)
    refresh = rig.demand("INVITE", ("Supported", "timer"), ("Session-Expires", "1800;refresher=uac"), body=T38)
    assert rig.answer_to(refresh).body == rig.answer_to(first).body
    assert rig.answer_to(refresh).headers.get("Session-Expires") == "1800;refresher=uac"
    assert len(rig.ordered(StartT38)) == 1


def test_a_far_end_that_moves_is_followed(rig: Rig):
    rig.switch_to_t38()
    moved = T38.replace(b"c=IN IP4 192.0.2.9", b"c=IN IP4 192.0.2.33").replace(b"40002", b"40100")
    rig.acknowledge(rig.demand("INVITE", ("Contact", "<sip:moved@192.0.2.34:5064>"), body=moved))
    assert rig.ordered(StartT38)[-1] == StartT38("k1", "192.0.2.33", 40100, 320, 3)
    rig.call.hang_up(rig.now)
    rig.pump()
    assert rig.requests("BYE")[0].uri == "sip:moved@192.0.2.34:5064"
    assert rig.addresses[-1] == ("192.0.2.34", 5064)


def test_a_request_without_an_offer_gets_ours(rig: Rig):
    rig.switch_to_t38()
    request = rig.demand("INVITE")
    offer = Sdp.parse(rig.answer_to(request).body)
    assert [(media.kind, media.port) for media in offer.media] == [("image", 31_000)]
    rig.demand("ACK", body=T38, cseq=request.cseq[0])
    assert len(rig.ordered(StartT38)) == 1
    assert rig.requests("BYE") == []


def test_an_offer_of_nothing_we_speak_is_refused_and_the_fax_goes_on(rig: Rig):
    rig.switch_to_t38()
    video = AUDIO.replace(b"m=audio 40000 RTP/AVP 8", b"m=video 40000 RTP/AVP 31")
    assert rig.answer_to(rig.demand("INVITE", body=video)).status == 488
    assert rig.answer_to(rig.demand("INVITE", body=b"nonsense")).status == 400
    assert rig.requests("BYE") == []


def test_update_refreshes_and_offers_as_a_reinvite_does(rig: Rig):
    assert rig.answer_to(rig.demand("UPDATE")).body == b""
    fax = rig.answer_to(rig.demand("UPDATE", body=T38))
    assert Sdp.parse(fax.body).image is not None
    assert len(rig.ordered(StartT38)) == 1


def test_update_meets_our_pending_offer_by_glare(rig: Rig):
    rig.run(5)
    assert rig.answer_to(rig.demand("UPDATE", body=T38)).status == 491
    assert rig.answer_to(rig.demand("UPDATE")).status == 200


def long_fax(refresher: str, allows: str) -> Rig:
    """In the middle of a fax by T.38, with a session timer of half an hour."""
    rig = Rig(negotiation_limit=5000.0, call_limit=10_000.0, far_allows=allows)
    rig.pick_up(rig.dial(), ("Session-Expires", f"1800;refresher={refresher}"), ("Require", "timer"))
    rig.run(5)
    rig.pick_up(reinvite(rig), ("Session-Expires", f"1800;refresher={refresher}"), body=T38)
    return rig


def test_we_refresh_by_update_in_mid_fax():
    rig = long_fax("uac", UPDATES)
    rig.run(901)
    (update,) = rig.requests("UPDATE")
    assert (update.body, update.headers.get("Session-Expires")) == (b"", "1800;refresher=uac")
    rig.reply(update, 200, ("Session-Expires", "1800;refresher=uac"))
    rig.run(900)
    assert rig.times("UPDATE") == [905.0, 1806.0]


def test_we_refresh_by_the_same_offer_where_update_is_unknown():
    rig = long_fax("uac", "INVITE, ACK, BYE")
    rig.run(901)
    first, refresh = rig.requests("INVITE")[-2:]
    assert refresh.body == first.body
    rig.pick_up(refresh, ("Session-Expires", "1800;refresher=uac"), body=T38)
    assert len(rig.ordered(StartT38)) == 1
    assert rig.requests("BYE") == []


def test_a_refresh_refused_for_its_method_is_done_by_the_other_one():
    rig = long_fax("uac", UPDATES)
    rig.run(901)
    rig.reply(rig.requests("UPDATE")[-1], 405)
    rig.run(20)
    assert len(rig.requests("INVITE")) == 3


def test_a_far_end_that_does_not_refresh_is_hung_up():
    rig = long_fax("uas", UPDATES)
    rig.run(1767)
    assert rig.requests("BYE") == []
    rig.run(2)
    assert len(rig.requests("BYE")) == 1


def test_a_far_end_that_refreshes_in_time_keeps_the_call():
    rig = long_fax("uas", UPDATES)
    for _ in range(3):
        rig.run(900)
        rig.demand("UPDATE", ("Supported", "timer"), ("Session-Expires", "1800;refresher=uac"))
    assert rig.requests("BYE") == []


def test_a_refresh_asked_too_often_is_refused(rig: Rig):
    update = rig.demand("UPDATE", ("Supported", "timer"), ("Session-Expires", "10"))
    assert (rig.answer_to(update).status, rig.answer_to(update).headers.get("Min-SE")) == (422, "90")
