"""A sender's session against a receiver's, over a network that loses, delays and reorders."""

import pytest
from line.media.conftest import PCMA, PCMU, MakeFax
from line.media.papers import page, same_pages
from line.media.pipe import RECEIVER, SENDER, Network

from caselli.line.media.messages import (
    FaxHeard,
    FrameSeen,
    LastPageOut,
    Negotiated,
    OpenSession,
    PageEnded,
    PageStarted,
    Role,
    StartAudio,
    StartT38,
)
from caselli.line.media.session import MediaRefused, Session

CALL_DROPPED = 49
"""spandsp's T30_ERR_CALLDROPPED."""


def frames(pipe, key: str, *, sent: bool) -> list[str]:
    return [event.name for event in pipe.of_kind(key, FrameSeen) if event.sent is sent]


class TestT38:
    def test_three_pages_arrive_pixel_for_pixel(self, make_fax_call: MakeFax):
        fax = make_fax_call(3)
        pipe = fax.over_t38()
        pipe.run()
        assert same_pages(fax.sent, fax.received())
        for key, far in (("a", "+1 202 555 0199"), ("b", "+1 202 555 0100")):
            ended = pipe.ended(key)
            assert (ended.t30_code, ended.pages, ended.rate, ended.ecm, ended.remote_id) == (0, 3, 14_400, True, far)

    def test_every_page_is_told_when_it_begins_and_when_it_is_confirmed(self, make_fax_call: MakeFax):
        fax = make_fax_call(2)
        pipe = fax.over_t38()
        pipe.run()
        for key in "ab":
            assert [event.number for event in pipe.of_kind(key, PageStarted)] == [1, 2]
            reports = [event.page for event in pipe.of_kind(key, PageEnded)]
            assert [(one.number, one.confirmed, one.width, one.length) for one in reports] == [
                (1, True, 1728, 1100),
                (2, True, 1728, 1100),
            ]
            assert all(one.size > 1000 and one.seconds > 1 and one.rate == 14_400 for one in reports)
        assert [event.rate for event in pipe.of_kind("a", Negotiated)] == [14_400]

    def test_the_ladder_has_the_frames_of_both_ends(self, make_fax_call: MakeFax):
        pipe = make_fax_call(2).over_t38()
        pipe.run()
        assert frames(pipe, "a", sent=True) == ["TSI", "DCS", "PPS-MPS", "PPS-EOP", "DCN"]
        assert frames(pipe, "a", sent=False) == ["CSI", "DIS", "CFR", "MCF", "MCF"]
        assert frames(pipe, "b", sent=True) == frames(pipe, "a", sent=False)

    def test_the_last_page_is_announced_over_a_second_before_the_far_end_can_know(self, make_fax_call: MakeFax):
        pipe = make_fax_call(2).over_t38()
        pipe.run()
        (out,) = pipe.of_kind("a", LastPageOut)
        heard = next(event.at for event in pipe.of_kind("b", FrameSeen) if event.name == "PPS-EOP")
        assert heard - out.at > 1.0
        assert [event.page.number for event in pipe.of_kind("a", PageEnded) if event.at > out.at] == [2]

    def test_without_error_correction(self, make_fax_call: MakeFax):
        fax = make_fax_call(2, receiving={"ecm": False})
        pipe = fax.over_t38()
        pipe.run()
        assert same_pages(fax.sent, fax.received())
        assert not pipe.ended("a").ecm
        assert "MPS" in frames(pipe, "a", sent=True)

    def test_a_receiver_of_9600_without_error_correction_decides(self, make_fax_call: MakeFax):
        fax = make_fax_call(1, receiving={"ecm": False, "max_rate": 9_600})
        pipe = fax.over_t38()
        pipe.run()
        assert same_pages(fax.sent, fax.received())
        assert (pipe.ended("a").rate, pipe.ended("a").ecm) == (9_600, False)

    @pytest.mark.parametrize(("cap", "rate"), [(14_400, 14_400), (9_600, 9_600), (4_800, 4_800)])
    def test_a_sender_keeps_to_its_gear(self, make_fax_call: MakeFax, cap: int, rate: int):
        pipe = make_fax_call([page(1, lines=2)], sending={"max_rate": cap}).over_t38()
        pipe.run()
        assert pipe.ended("b").rate == rate

    @pytest.mark.parametrize("seed", [1, 2, 3])
    def test_thirty_percent_loss_is_survived_with_redundancy(self, make_fax_call: MakeFax, seed: int):
        fax = make_fax_call(2, network=Network(loss=0.3, jitter=0.05, seed=seed))
        pipe = fax.over_t38(redundancy=3)
        pipe.run(900)
        assert pipe.ended("a").t30_code == 0
        assert same_pages(fax.sent, fax.received())

    def test_reordering_alone_costs_nothing(self, make_fax_call: MakeFax):
        fax = make_fax_call(1, network=Network(jitter=0.07))
        pipe = fax.over_t38()
        pipe.run()
        assert same_pages(fax.sent, fax.received())
        assert pipe.of_kind("a", PageEnded)[0].page.ecm_retries == 0

    def test_sending_begins_with_the_first_unconfirmed_page(self, make_fax_call: MakeFax):
        fax = make_fax_call(4, sending={"first_page": 3, "pages": 4})
        pipe = fax.over_t38()
        pipe.run()
        assert same_pages(fax.sent[2:], fax.received())
        assert [event.page.number for event in pipe.of_kind("a", PageEnded)] == [3, 4]
        assert [event.number for event in pipe.of_kind("a", PageStarted)] == [3, 4]
        assert pipe.ended("a").pages == 2

    def test_pages_of_several_formats_are_negotiated_anew(self, make_fax_call: MakeFax):
        fax = make_fax_call([page(1), page(2).resize((2048, 1100)), page(3, length=700)])
        pipe = fax.over_t38()
        pipe.run()
        assert same_pages(fax.sent, fax.received())
        assert [event.page.number for event in pipe.of_kind("a", PageEnded)] == [1, 2, 3]

    def test_a_page_refused_as_unreadable_is_sent_again(self, make_fax_call: MakeFax):
        fax = make_fax_call(2, receiving={"ecm": False})
        pipe = fax.over_t38()
        pipe.run(until=lambda: bool(pipe.of_kind("a", PageStarted)))
        pipe.spoil = lambda octets: octets if len(octets) < 60 else octets[:20] + pipe.dice.randbytes(len(octets) - 20)
        pipe.run(until=lambda: bool(pipe.of_kind("a", PageEnded)))
        pipe.spoil = lambda octets: octets
        pipe.run()
        reports = [(event.page.number, event.page.confirmed) for event in pipe.of_kind("a", PageEnded)]
        assert reports == [(1, False), (1, True), (2, True)]
        assert (pipe.ended("a").t30_code, pipe.ended("a").pages) == (0, 2)
        assert same_pages(fax.sent, fax.received()[-2:])

    def test_the_peers_datagram_limit_costs_redundancy_only(self, make_fax_call: MakeFax):
        generous, tight = (make_fax_call(1).over_t38(max_datagram=limit) for limit in (400, 72))
        generous.run()
        tight.run()
        assert tight.ended("a").t30_code == 0
        assert tight.sent_octets < generous.sent_octets / 2

    def test_the_way_is_opened_at_once(self, make_fax_call: MakeFax):
        fax = make_fax_call(1)
        fax.over_t38()
        ((octets, to),) = fax.sender.to_send()[:1]
        assert (octets[:4], to) == (b"\x00\x00\x01\x00", RECEIVER)

    def test_the_far_end_is_heard_before_its_first_frame(self, make_fax_call: MakeFax):
        pipe = make_fax_call(1).over_t38()
        pipe.run(until=lambda: bool(pipe.of_kind("a", FrameSeen)))
        assert [event.tone for event in pipe.of_kind("a", FaxHeard)] == ["CED"]


class TestAudio:
    @pytest.mark.parametrize("payload", [PCMU, PCMA])
    def test_two_pages_arrive_pixel_for_pixel(self, make_fax_call: MakeFax, payload: int):
        fax = make_fax_call(2)
        pipe = fax.over_audio(payload)
        pipe.run()
        assert same_pages(fax.sent, fax.received())
        assert (pipe.ended("a").t30_code, pipe.ended("a").pages, pipe.ended("a").rate) == (0, 2, 14_400)
        assert frames(pipe, "a", sent=False) == ["CSI", "DIS", "CFR", "MCF", "MCF"]

    def test_at_9600_without_error_correction(self, make_fax_call: MakeFax):
        fax = make_fax_call(1, sending={"max_rate": 9_600, "ecm": False})
        pipe = fax.over_audio()
        pipe.run()
        assert same_pages(fax.sent, fax.received())
        assert (pipe.ended("b").rate, pipe.ended("b").ecm) == (9_600, False)

    def test_packets_that_overtake_each_other_are_put_in_order(self, make_fax_call: MakeFax):
        fax = make_fax_call(1, network=Network(jitter=0.05))
        pipe = fax.over_audio()
        pipe.run()
        assert same_pages(fax.sent, fax.received())
        assert pipe.of_kind("a", PageEnded)[0].page.ecm_retries == 0

    def test_a_little_loss_is_corrected(self, make_fax_call: MakeFax):
        fax = make_fax_call(1, network=Network(loss=0.002, seed=4))
        pipe = fax.over_audio()
        pipe.run(900)
        assert same_pages(fax.sent, fax.received())

    def test_both_tones_are_heard(self, make_fax_call: MakeFax):
        pipe = make_fax_call(1).over_audio()
        pipe.run(until=lambda: bool(pipe.of_kind("a", FrameSeen)))
        assert [event.tone for event in pipe.of_kind("a", FaxHeard)] == ["CED"]
        assert [event.tone for event in pipe.of_kind("b", FaxHeard)] == ["CNG"]

    def test_a_far_end_that_says_nothing_runs_into_t30s_own_limit(self, make_fax_call: MakeFax):
        fax = make_fax_call(1)
        fax.sender.start(StartAudio("a", *RECEIVER, PCMA), fax.pipe.now)
        fax.pipe.run(90, until=lambda: bool(fax.pipe.ended("a")))
        assert fax.pipe.ended("a").t30_text == "Timed out waiting for initial communication"


class TestChangeOfMedia:
    def test_audio_gives_way_to_t38_and_says_no_word(self, make_fax_call: MakeFax):
        fax = make_fax_call(2)
        fax.over_audio().run(until=lambda: fax.pipe.now > 1003.0)
        pipe = fax.over_t38()
        pipe.run()
        assert same_pages(fax.sent, fax.received())
        assert [pipe.ended(key).t30_code for key in "ab"] == [0, 0]
        assert [event.page.number for event in pipe.of_kind("a", PageEnded)] == [1, 2]

    def test_a_second_t38_order_moves_the_far_address_and_keeps_the_fax(self, make_fax_call: MakeFax):
        fax = make_fax_call(2)
        pipe = fax.over_t38()
        pipe.run(until=lambda: bool(pipe.of_kind("a", PageStarted)))
        moved = ("192.0.2.2", 41_000)
        pipe.ends[moved] = pipe.ends.pop(RECEIVER)
        fax.sender.start(StartT38("a", *moved, 400), pipe.now)
        pipe.run()
        assert same_pages(fax.sent, fax.received())

    def test_the_far_end_may_send_from_another_port_of_its_host(self, make_fax_call: MakeFax):
        fax = make_fax_call(1)
        pipe = fax.over_t38()
        real = (SENDER[0], 55_555)
        pipe.ends[real] = pipe.ends.pop(SENDER)
        pipe.run()
        assert same_pages(fax.sent, fax.received())

    def test_another_host_is_not_heard(self, make_fax_call: MakeFax):
        fax = make_fax_call(1)
        pipe = fax.over_t38()
        pipe.ends["198.51.100.7", 40_000] = pipe.ends.pop(RECEIVER)
        pipe.run(20, until=lambda: pipe.now > 1015.0)
        assert pipe.of_kind("a", FaxHeard) == []

    def test_audio_that_is_late_is_not_taken_for_t38(self, make_fax_call: MakeFax):
        fax = make_fax_call(1)
        pipe = fax.over_t38()
        late = bytes([0x80, PCMA]) + bytes(10) + b"\xd5" * 160
        pipe.spoil = lambda octets: octets if pipe.dice.random() < 0.95 else late
        pipe.run()
        assert same_pages(fax.sent, fax.received())


class TestEnds:
    def test_closing_in_the_middle_of_a_page_gives_the_verdict(self, make_fax_call: MakeFax):
        fax = make_fax_call(2)
        pipe = fax.over_t38()
        pipe.run(until=lambda: [event.number for event in pipe.of_kind("a", PageStarted)] == [1, 2])
        fax.sender.close(pipe.now)
        pipe.step()
        ended = pipe.ended("a")
        assert (ended.t30_code, ended.pages, ended.t30_text) == (CALL_DROPPED, 1, "The call dropped prematurely")
        assert fax.sender.to_send() == []
        assert fax.sender.wake_at() is None

    def test_the_verdict_stands_when_the_far_end_hangs_up_right_after_the_last_confirmation(
        self, make_fax_call: MakeFax
    ):
        fax = make_fax_call(1)
        pipe = fax.over_t38()
        pipe.run(until=lambda: bool(pipe.of_kind("a", PageEnded)))
        fax.sender.close(pipe.now)
        pipe.step()
        assert (pipe.ended("a").t30_code, pipe.ended("a").pages) == (0, 1)

    def test_a_session_without_media_says_that_t30_never_began(self, make_fax_call: MakeFax):
        fax = make_fax_call(1)
        fax.sender.close(1000.0)
        fax.over_t38().step()
        assert (fax.pipe.ended("a").t30_code, fax.pipe.ended("a").t30_text) == (-1, "T.30 never began")

    def test_a_far_end_that_drops_in_the_second_page_leaves_one_confirmed(self, make_fax_call: MakeFax):
        fax = make_fax_call(3, receiving={"drop_in_page": 2})
        pipe = fax.over_t38()
        pipe.run(until=lambda: bool(pipe.ended("b")))
        assert (pipe.ended("b").pages, pipe.ended("b").t30_code) == (1, CALL_DROPPED)
        fax.sender.close(pipe.now)
        pipe.step()
        assert (pipe.ended("a").pages, pipe.ended("a").t30_code) == (1, CALL_DROPPED)
        assert pipe.of_kind("a", LastPageOut) == []
        assert same_pages(fax.sent[:1], fax.received())

    def test_a_page_shorter_than_the_drop_is_not_confirmed_either(self, make_fax_call: MakeFax):
        pipe = make_fax_call([page(1, lines=1, length=200)], receiving={"drop_in_page": 1}).over_t38()
        pipe.run(until=lambda: bool(pipe.ended("b")))
        assert pipe.ended("b").pages == 0

    @pytest.mark.parametrize("ecm", [True, False])
    def test_a_confirmation_withheld_leaves_the_last_page_out_and_unconfirmed(self, make_fax_call: MakeFax, ecm: bool):
        fax = make_fax_call(2, receiving={"withhold_confirmation": True, "ecm": ecm})
        pipe = fax.over_t38()
        pipe.run(until=lambda: bool(pipe.ended("b")))
        fax.sender.close(pipe.now + 0.1)
        pipe.step()
        assert len(pipe.of_kind("a", LastPageOut)) == 1
        assert [event.page.number for event in pipe.of_kind("a", PageEnded)] == [1]
        assert (pipe.ended("a").pages, pipe.ended("a").t30_code) == (1, CALL_DROPPED)

    def test_the_silent_machine_sends_nothing_at_all(self, make_fax_call: MakeFax):
        fax = make_fax_call(1, receiving={"silent": True})
        fax.over_audio()
        fax.pipe.run(30, until=lambda: fax.pipe.now > 1020.0)
        fax.over_t38()
        fax.pipe.run(30, until=lambda: fax.pipe.now > 1030.0)
        fax.receiver.close(fax.pipe.now)
        fax.pipe.step()
        assert fax.pipe.of_kind("a", FaxHeard) == []
        assert fax.pipe.ended("b").t30_code == -1

    def test_a_missing_document_is_said(self, make_fax_call: MakeFax, tmp_path):
        fax = make_fax_call(1)
        (tmp_path / "sent.tif").unlink()
        fax.over_t38().run()
        assert fax.pipe.ended("a").t30_text == "TIFF/F file cannot be opened"


def test_an_order_that_cannot_be_carried_out_says_why(tmp_path):
    with pytest.raises(MediaRefused, match="longer than 255"):
        Session(OpenSession("a", Role.SEND, True, "x" * 300, "1"))
    session = Session(OpenSession("a", Role.SEND, True, str(tmp_path / "x.tif"), "1"))
    with pytest.raises(MediaRefused, match="not an IP address"):
        session.start(StartT38("a", "fax.example", 1, 400), 0.0)
