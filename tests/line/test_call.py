"""One call, from INVITE to its report, against a far end played by hand in virtual time."""

import pytest
from line.sip.rig import T38, TRUNK, Rig

from caselli.fax.outcome import CallEnd, Direction, LadderProtocol, Transport
from caselli.line.media.messages import (
    CloseSession,
    FrameSeen,
    LastPageOut,
    OpenSession,
    PageStarted,
    SessionEnded,
    StartAudio,
    StartT38,
)
from caselli.line.orders import GEARS, FinalPageOut, PageConfirmed
from caselli.line.sip.message import parse


@pytest.fixture
def rig() -> Rig:
    return Rig()


def test_a_fax_goes_by_t38_and_is_told_step_by_step(rig: Rig):
    rig.talk()
    rig.switch_to_t38()
    rig.fax_goes()
    rig.fax_ends()
    rig.finish()
    assert rig.phases() == ["dialling", "ringing", "answered", "negotiating", "sending", "confirming", "hanging up"]
    assert [type(order) for order in rig.orders] == [OpenSession, StartAudio, StartT38, CloseSession]
    assert rig.ordered(StartT38) == [StartT38("k1", "192.0.2.9", 40002, 320, 3)]
    assert sum(isinstance(event, PageConfirmed) for event in rig.events) == 1
    assert sum(isinstance(event, FinalPageOut) for event in rig.events) == 1
    report = rig.report
    assert (report.end, report.pages_confirmed, report.transport) == (CallEnd.COMPLETED, 1, Transport.T38)
    assert (report.sip_code, report.t30_code, report.remote_id, report.rate, report.ecm) == (
        200,
        0,
        "+1 999",
        14400,
        True,
    )
    assert rig.events[-1].report is report  # type: ignore[union-attr]


def test_a_document_that_media_cannot_send_ends_the_call_before_it_began(rig: Rig):
    rig.fax_ends(42, "The document is not there")
    assert rig.sent == []
    assert (rig.report.end, rig.report.t30_code) == (CallEnd.T30_FAILED, 42)


def test_hanging_up_in_mid_page_tells_what_was_confirmed():
    rig = Rig(pages=3)
    rig.talk()
    rig.switch_to_t38()
    rig.fax_goes(2)
    rig.call.hang_up(rig.now)
    rig.pump()
    assert rig.ordered(CloseSession) == [CloseSession("k1")]
    rig.fax_ends(49, "Call dropped", 2)
    rig.finish()
    report = rig.report
    assert (report.end, report.pages_confirmed, report.final_page_out) == (CallEnd.CANCELED, 2, False)


def test_a_call_hung_up_for_want_of_a_record_says_so(rig: Rig):
    rig.talk()
    rig.call.hang_up(rig.now, CallEnd.UNRECORDED)
    rig.pump()
    rig.finish()
    rig.fax_ends(-1, "")
    assert rig.report.end is CallEnd.UNRECORDED


def test_a_bye_that_nobody_answers_does_not_hold_the_report(rig: Rig):
    rig.talk()
    rig.switch_to_t38()
    rig.fax_goes()
    rig.fax_ends()
    rig.run(6)
    assert rig.report.end is CallEnd.COMPLETED
    assert len(rig.all_times("BYE")) >= 4
    assert not rig.call.over
    rig.run(60)
    assert rig.call.over
    assert len(rig.reports()) == 1


def test_a_bye_right_after_the_last_confirmation_waits_for_the_verdict(rig: Rig):
    rig.talk()
    rig.switch_to_t38()
    rig.fax_goes()
    bye = rig.demand("BYE")
    assert rig.answer_to(bye).status == 200
    assert rig.ordered(CloseSession) == [CloseSession("k1")]
    assert rig.reports() == []
    rig.fax_ends()
    assert (rig.report.end, rig.report.t30_code) == (CallEnd.COMPLETED, 0)


def test_a_bye_before_the_confirmation_leaves_the_last_page_unknown(rig: Rig):
    rig.talk()
    rig.switch_to_t38()
    rig.media(FrameSeen("k1", rig.now, False, "DIS", "ff"), PageStarted("k1", rig.now, 1))
    rig.run(4)
    rig.media(LastPageOut("k1", rig.now))
    rig.demand("BYE", ("Reason", "Q.850;cause=16"))
    rig.fax_ends(49, "The call dropped prematurely", 0)
    report = rig.report
    assert (report.end, report.final_page_out, report.q850) == (CallEnd.FAR_HUNG_UP, True, 16)
    assert [(page.number, page.confirmed, page.seconds) for page in report.pages] == [(1, False, 4.0)]


def test_a_dead_media_process_ends_the_call_truthfully(rig: Rig):
    rig.talk()
    rig.switch_to_t38()
    rig.call.media_lost(rig.now)
    rig.pump()
    rig.finish()
    assert (rig.report.end, rig.report.t30_code) == (CallEnd.MEDIA_LOST, None)


def test_media_that_dies_while_it_rings_takes_the_call_back(rig: Rig):
    invite = rig.dial()
    rig.reply(invite, 180)
    rig.call.media_lost(rig.now)
    rig.pump()
    assert len(rig.requests("CANCEL")) == 1
    rig.reply(invite, 487)
    assert rig.report.end is CallEnd.MEDIA_LOST


def test_an_answer_without_a_fax_ends_at_its_limit():
    rig = Rig(negotiation_limit=30.0)
    rig.talk()
    rig.run(4.9)
    assert len(rig.requests("INVITE")) == 1
    rig.run(0.2)
    rig.reply(rig.requests("INVITE")[-1], 488)
    rig.run(24)
    assert rig.requests("BYE") == []
    rig.run(1)
    rig.finish()
    rig.fax_ends(-1, "")
    assert (rig.report.end, rig.report.transport, rig.report.seconds) == (CallEnd.NO_FAX, None, 30.1)


def test_a_fax_that_never_spoke_before_spandsp_gave_up_is_no_fax(rig: Rig):
    rig.talk()
    rig.fax_ends(2, "Timed out waiting for initial communication", 0)
    rig.finish()
    assert (rig.report.end, rig.report.t30_code) == (CallEnd.NO_FAX, 2)


def test_a_failed_negotiation_is_a_failed_fax(rig: Rig):
    rig.talk()
    rig.switch_to_t38()
    rig.media(FrameSeen("k1", rig.now, False, "DIS", "ff"))
    rig.fax_ends(8, "Far end cannot receive", 0)
    rig.finish()
    assert (rig.report.end, rig.report.t30_code) == (CallEnd.T30_FAILED, 8)


def test_a_call_has_a_longest_time():
    rig = Rig(call_limit=100.0, negotiation_limit=1000.0)
    rig.talk()
    rig.switch_to_t38()
    rig.run(101)
    rig.finish()
    rig.fax_ends(49, "Call dropped", 0)
    assert rig.report.end is CallEnd.TOO_LONG


def test_an_overlong_or_broken_message_is_noted_and_nothing_more(rig: Rig):
    rig.talk()
    rig.call.receive(b"SIP/2.0 200 OK\r\nnonsense\r\n\r\n", TRUNK, rig.now)
    rig.demand("BYE")
    rig.fax_ends(-1, "")
    assert any(entry.name.startswith("unreadable") for entry in rig.report.ladder)


def test_the_report_is_made_once_whatever_comes_after(rig: Rig):
    rig.talk()
    rig.demand("BYE")
    rig.fax_ends(-1, "")
    rig.call.media_lost(rig.now)
    rig.call.hang_up(rig.now)
    rig.media(SessionEnded("k1", rig.now, 0, "OK", 1, 14400, True, ""))
    rig.run(100)
    assert len(rig.reports()) == 1
    assert rig.call.over


def test_the_ladder_has_every_message_in_order_and_no_credentials(rig: Rig):
    invite = rig.dial()
    challenge = ("WWW-Authenticate", 'Digest realm="r", nonce="n1"')
    rig.reply(invite, 401, challenge)
    rig.pick_up(rig.requests("INVITE")[-1])
    rig.run(2)
    rig.switch_to_t38()
    rig.fax_goes()
    rig.fax_ends()
    rig.finish()
    names = [(entry.protocol, entry.direction, entry.name) for entry in rig.report.ladder]
    sip, t30 = LadderProtocol.SIP, LadderProtocol.T30
    assert names[:7] == [
        (sip, Direction.SENT, "INVITE (audio)"),
        (sip, Direction.RECEIVED, "401 Unauthorized to INVITE"),
        (sip, Direction.SENT, "ACK"),
        (sip, Direction.SENT, "INVITE (audio)"),
        (sip, Direction.RECEIVED, "200 OK to INVITE (audio)"),
        (sip, Direction.SENT, "ACK"),
        (sip, Direction.RECEIVED, "INVITE (T.38)"),
    ]
    assert (t30, Direction.RECEIVED, "DIS") in names
    assert names[-1] == (sip, Direction.RECEIVED, "200 OK to BYE")
    assert [entry.at for entry in rig.report.ladder] == sorted(entry.at for entry in rig.report.ladder)
    text = "".join(entry.detail for entry in rig.report.ladder)
    assert "Authorization: Digest (removed)" in text
    assert "response=" not in text
    parse(rig.report.ladder[0].detail.replace("\n", "\r\n").encode())


def test_a_challenge_to_hanging_up_is_answered_too(rig: Rig):
    rig.talk()
    rig.call.hang_up(rig.now)
    rig.pump()
    rig.reply(rig.requests("BYE")[0], 401, ("WWW-Authenticate", 'Digest realm="r", nonce="n1"'))
    bye = rig.requests("BYE")[-1]
    assert bye.headers.get("Authorization")
    rig.reply(bye, 200)
    rig.fax_ends(-1, "")
    assert rig.report.end is CallEnd.CANCELED


def test_keep_alives_in_the_call_are_answered(rig: Rig):
    rig.talk()
    options = rig.demand("OPTIONS")
    assert rig.answer_to(options).status == 200
    assert rig.answer_to(rig.demand("INFO")).status == 200
    assert rig.answer_to(rig.demand("NOTIFY")).status == 405
    assert rig.answer_to(rig.demand("OPTIONS", cseq=3)).status == 500
    assert rig.answer_to(rig.demand("OPTIONS", ("Require", "100rel"))).headers.get("Unsupported") == "100rel"


def test_a_g711_gear_refuses_t38_and_never_asks_for_it():
    rig = Rig(gear=GEARS[3])
    rig.talk()
    (opened,) = rig.ordered(OpenSession)
    assert (opened.max_rate, opened.ecm) == (9600, False)
    request = rig.demand("INVITE", body=T38)
    assert rig.answer_to(request).status == 488
    rig.acknowledge(request)
    rig.run(20)
    assert len(rig.requests("INVITE")) == 1
    assert rig.ordered(StartT38) == []
