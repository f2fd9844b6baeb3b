import pytest
from hypothesis import given
from hypothesis import strategies as st
from line.sip.rig import AUDIO, T38

from caselli.line.answer import answer, audio_offer, choose, t38_offer
from caselli.line.sip.sdp import Correction, Direction, LocalDescription, Sdp, SdpError

HEAD = b"v=0\r\no=far 7 9 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\n"
AUDIO_LINE = b"m=audio 4000 RTP/AVP 18 8 0 101\r\na=rtpmap:101 telephone-event/8000\r\n"
IMAGE_LINE = b"m=image 4002 udptl t38\r\na=T38FaxVersion:3\r\na=T38MaxBitRate:9600\r\na=T38FaxUdpEC:t38UDPFEC\r\n"


def local() -> LocalDescription:
    return LocalDescription("192.0.2.1", 42)


def shapes(sdp: Sdp) -> list[tuple[str, int]]:
    return [(media.kind, media.port) for media in sdp.media]


def test_an_audio_offer_is_read():
    sdp = Sdp.parse(HEAD + AUDIO_LINE)
    stream = choose(sdp, t38=True)
    assert stream is not None
    assert (stream.far, stream.payload, stream.t38) == (("192.0.2.9", 4000), 8, None)


def test_a_t38_offer_is_read_whatever_the_case_of_its_names():
    sdp = Sdp.parse(HEAD + IMAGE_LINE.replace(b"T38FaxUdpEC", b"t38faxudpec").replace(b"udptl t38", b"UDPTL T38"))
    stream = choose(sdp, t38=True)
    assert stream is not None
    assert stream.t38 is not None
    assert (stream.t38.version, stream.t38.max_bit_rate, stream.t38.correction) == (3, 9600, Correction.FEC)


def test_our_answer_to_t38_takes_the_lesser_rate_and_version_0():
    offer = Sdp.parse(HEAD + IMAGE_LINE)
    stream = choose(offer, t38=True)
    assert stream is not None
    (media,) = answer(local(), offer, stream, 31_000, 14_400).media
    assert media.attributes == (
        "T38FaxVersion:0",
        "T38MaxBitRate:9600",
        "T38FaxRateManagement:transferredTCF",
        "T38FaxMaxDatagram:400",
        "T38FaxUdpEC:t38UDPRedundancy",
    )


def test_who_wants_no_redundancy_gets_none():
    offer = Sdp.parse(HEAD + IMAGE_LINE.replace(b"t38UDPFEC", b"t38UDPNoEC"))
    stream = choose(offer, t38=True)
    assert stream is not None
    assert stream.redundancy == 0
    assert "T38FaxUdpEC:t38UDPNoEC" in answer(local(), offer, stream, 31_000, 14_400).media[0].attributes


@pytest.mark.parametrize(
    ("lines", "t38", "expected"),
    [
        (AUDIO_LINE + IMAGE_LINE, True, [("audio", 0), ("image", 31_000)]),
        (IMAGE_LINE + AUDIO_LINE, True, [("image", 31_000), ("audio", 0)]),
        (AUDIO_LINE.replace(b"4000", b"0") + IMAGE_LINE, True, [("audio", 0), ("image", 31_000)]),
        (AUDIO_LINE + IMAGE_LINE.replace(b"4002", b"0"), True, [("audio", 31_000), ("image", 0)]),
        (AUDIO_LINE + IMAGE_LINE, False, [("audio", 31_000), ("image", 0)]),
        (b"m=video 5 RTP/AVP 99\r\n" + AUDIO_LINE, True, [("video", 0), ("audio", 31_000)]),
        (AUDIO_LINE + AUDIO_LINE, True, [("audio", 31_000), ("audio", 0)]),
    ],
)
def test_an_answer_mirrors_the_lines_of_the_offer(lines: bytes, t38: bool, expected: list[tuple[str, int]]):
    offer = Sdp.parse(HEAD + lines)
    stream = choose(offer, t38=t38)
    assert stream is not None
    assert shapes(answer(local(), offer, stream, 31_000, 14_400)) == expected


@pytest.mark.parametrize(
    "lines",
    [
        IMAGE_LINE,
        AUDIO_LINE.replace(b"RTP/AVP", b"RTP/SAVP"),
        AUDIO_LINE.replace(b"18 8 0 101", b"18 101"),
        AUDIO_LINE.replace(b"4000", b"0"),
        IMAGE_LINE.replace(b"udptl t38", b"tcp t38"),
    ],
)
def test_an_offer_without_g711_leaves_nothing_when_t38_is_not_wanted(lines: bytes):
    assert choose(Sdp.parse(HEAD + lines), t38=False) is None


def test_hold_is_mirrored():
    held = Sdp.parse(HEAD + AUDIO_LINE + b"a=sendonly\r\n")
    stream = choose(held, t38=True)
    assert stream is not None
    assert answer(local(), held, stream, 31_000, 14_400).media[0].direction is Direction.RECEIVE
    old_way = Sdp.parse(HEAD.replace(b"c=IN IP4 192.0.2.9", b"c=IN IP4 0.0.0.0") + AUDIO_LINE)
    assert old_way.direction_of(old_way.media[0]) is Direction.NONE


def test_an_address_of_the_stream_goes_before_that_of_the_session():
    sdp = Sdp.parse(HEAD + AUDIO_LINE + b"c=IN IP6 2001:db8::9\r\n" + IMAGE_LINE)
    assert sdp.address(sdp.media[0]) == ("2001:db8::9", 4000)
    assert sdp.address(sdp.media[1]) == ("192.0.2.9", 4002)


def test_the_version_goes_up_only_when_something_changes():
    description = local()
    first = audio_offer(description, 31_000)
    description.agree()
    assert description.current().origin == first.origin
    fax = t38_offer(description, 31_000, 14_400)
    assert int(fax.origin[2]) == int(first.origin[2]) + 1
    assert t38_offer(description, 31_000, 14_400).origin == fax.origin
    # It was refused: what holds is audio again, and that is a change against what was said last.
    back = description.current()
    assert shapes(back) == [("audio", 31_000)]
    assert int(back.origin[2]) == int(fax.origin[2]) + 1


def test_our_offer_has_never_fewer_lines_than_were_agreed():
    description = local()
    offer = Sdp.parse(HEAD + AUDIO_LINE + IMAGE_LINE.replace(b"4002", b"0"))
    stream = choose(offer, t38=True)
    assert stream is not None
    answer(description, offer, stream, 31_000, 14_400)
    assert shapes(t38_offer(description, 31_000, 14_400)) == [("audio", 0), ("image", 31_000)]


def test_a_slot_changes_from_audio_to_image():
    description = local()
    audio_offer(description, 31_000)
    description.agree()
    assert shapes(t38_offer(description, 31_000, 14_400)) == [("image", 31_000)]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"v=0\r\n",
        HEAD,
        HEAD.replace(b"o=far 7 9 IN IP4 192.0.2.9\r\n", b"") + AUDIO_LINE,
        HEAD.replace(b"c=IN IP4 192.0.2.9\r\n", b"") + AUDIO_LINE,
        HEAD.replace(b"c=IN IP4 192.0.2.9", b"c=IN IP4 fax.example.com") + AUDIO_LINE,
        HEAD + b"m=audio 70000 RTP/AVP 0\r\n",
        HEAD + b"m=audio\r\n",
        HEAD + b"nonsense\r\n",
        HEAD + AUDIO_LINE * 17,
    ],
)
def test_what_cannot_be_read_is_refused(body: bytes):
    with pytest.raises(SdpError):
        Sdp.parse(body)


@given(st.sampled_from([AUDIO, T38, HEAD + AUDIO_LINE + IMAGE_LINE]), st.data())
def test_a_spoiled_description_is_read_or_refused_and_nothing_else(body: bytes, data: st.DataObject):
    octets = bytearray(body)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(octets) - 1))
        octets[at : at + data.draw(st.integers(0, 5))] = data.draw(st.binary(max_size=5))
    try:
        sdp = Sdp.parse(bytes(octets))
    except SdpError:
        return
    stream = choose(sdp, t38=True)
    if stream is not None:
        reply = Sdp.parse(answer(local(), sdp, stream, 31_000, 14_400).serialize())
        assert len(reply.media) == len(sdp.media)
