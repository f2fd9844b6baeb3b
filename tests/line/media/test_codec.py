"""Every message of the seam travels as one line and comes back as it was."""

import pytest

from caselli.fax.outcome import PageReport
from caselli.line.media import messages
from caselli.line.media.codec import CodecError, decode, encode

EVERY_MESSAGE = [
    messages.OpenSession("a", messages.Role.SEND, True, "/private/ä.tif", "+1", first_page=2, pages=3),
    messages.StartAudio("a", "192.0.2.1", 30_000, 8),
    messages.StartT38("a", "2001:db8::1", 30_000, 400),
    messages.CloseSession("a"),
    messages.SessionOpened("a", 30_000),
    messages.FaxHeard("a", 1.5, "CED"),
    messages.FrameSeen("a", 1.5, True, "DCS", "ff13"),
    messages.Negotiated("a", 1.5, 'a "far" id\n', 14_400, True),
    messages.PageStarted("a", 1.5, 1),
    messages.LastPageOut("a", 1.5),
    messages.PageEnded("a", 1.5, PageReport(number=1, confirmed=True, rate=14_400, seconds=18.8)),
    messages.SessionEnded("a", 1.5, 0, "OK", 1, 14_400, True, "far"),
]


@pytest.mark.parametrize("message", EVERY_MESSAGE, ids=lambda message: type(message).__name__)
def test_a_message_comes_back_as_it_was(message):
    line = encode(message)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert decode(line) == message


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"nothing",
        b"[]",
        b"{}",
        b'{"type":"Wish"}',
        b'{"type":"CloseSession"}',
        b'{"type":"OpenSession","key":"a","role":"sing","calling":true,"document":"d","station_id":"s"}',
        b'{"type":"PageEnded","key":"a","at":1,"page":7}',
    ],
)
def test_what_is_no_message_is_refused(line):
    with pytest.raises(CodecError):
        decode(line)
