import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caselli.line.sip.message import (
    MAX_FIELDS,
    Headers,
    MessageError,
    Request,
    Response,
    canonical_name,
    parse,
    peek_call_id,
    response_to,
)

INVITE = (
    b"INVITE sip:bob@biloxi.example.com SIP/2.0\r\n"
    b"Via: SIP/2.0/UDP pc33.example.com;branch=z9hG4bK776asdhds ;received=192.0.2.1\r\n"
    b"Max-Forwards: 70\r\n"
    b'To: "Bob, B." <sip:bob@biloxi.example.com>\r\n'
    b"From: Alice <sip:alice@atlanta.example.com>;tag=1928301774\r\n"
    b"Call-ID: a84b4c76e66710\r\n"
    b"CSeq: 314159 INVITE\r\n"
    b"Contact: <sip:alice@pc33.example.com>\r\n"
    b"Content-Length: 4\r\n\r\nbody"
)


def test_an_invite_of_the_rfc_is_read():
    message = parse(INVITE)
    assert isinstance(message, Request)
    assert (message.method, message.uri, message.body) == ("INVITE", "sip:bob@biloxi.example.com", b"body")
    assert message.cseq == (314159, "INVITE")
    assert message.sender.tag == "1928301774"
    assert message.recipient.display == "Bob, B."
    assert message.via.branch == "z9hG4bK776asdhds"
    assert message.contact is not None
    assert message.contact.uri == "sip:alice@pc33.example.com"


def test_compact_names_folded_lines_and_bare_line_feeds_are_read():
    message = parse(
        b"\r\n\r\nSIP/2.0 200 OK\nv: SIP/2.0/UDP a;branch=z9hG4bK1,\n SIP/2.0/UDP b;branch=z9hG4bK2\n"
        b"f: <sip:a@a>;tag=1\nt:\n\t<sip:b@b>\ni: x@y\ncseq: 1   INVITE\nl: 0\n\nrest"
    )
    assert isinstance(message, Response)
    assert message.headers.values("Via") == ("SIP/2.0/UDP a;branch=z9hG4bK1", "SIP/2.0/UDP b;branch=z9hG4bK2")
    assert message.recipient.uri == "sip:b@b"
    assert message.call_id == "x@y"
    assert message.body == b""


def test_commas_in_quotes_and_angle_brackets_separate_nothing():
    headers = Headers.of(("Route", '"a, b" <sip:x@y;p="1,2">, <sip:c,d@e>'), ("Route", "<sip:f@g>"))
    assert headers.values("route") == ('"a, b" <sip:x@y;p="1,2">', "<sip:c,d@e>", "<sip:f@g>")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"Content-Length: 4", b"Content-Length: 5"),
        (b"Content-Length: 4", b"Content-Length: -4"),
        (b"Call-ID: a84b4c76e66710\r\n", b""),
        (b"CSeq: 314159 INVITE", b"CSeq: 314159 BYE"),
        (b"CSeq: 314159 INVITE", b"CSeq: 4294967296 INVITE"),
        (b"CSeq: 314159 INVITE", b"CSeq: many INVITE"),
        (b"SIP/2.0/UDP pc33", b"HTTP pc33"),
        (b"Max-Forwards: 70", b"Max Forwards: 70"),
        (b"Max-Forwards: 70", b"Max-Forwards: 7\x000"),
        (b"com SIP/2.0\r\n", b"com SIP/3.0\r\n"),
        (b"\r\n\r\nbody", b""),
        (b"Max-Forwards: 70\r\n", b"X: y\r\n" * (MAX_FIELDS + 1)),
        (b"Max-Forwards: 70", b"X: " + b"y" * 40_000),
        (b"From: Alice <sip:alice@atlanta.example.com>", b"From: Alice"),
    ],
)
def test_what_nobody_could_answer_is_refused(old: bytes, new: bytes):
    assert old in INVITE
    with pytest.raises(MessageError):
        parse(INVITE.replace(old, new))


def test_a_value_cannot_break_out_of_its_line():
    request = Request(method="BYE", uri="sip:a@b", headers=Headers.of(("To", "<sip:a@b>\r\nEvil: yes")))
    with pytest.raises(ValueError, match="control character"):
        request.serialize()


def test_a_response_copies_what_identifies_its_request():
    request = parse(INVITE)
    assert isinstance(request, Request)
    response = response_to(request, 486, ("Retry-After", "5"), to_tag="t")
    assert response.serialize().startswith(b"SIP/2.0 486 Busy Here\r\nVia: SIP/2.0/UDP pc33.example.com")
    assert response.recipient.tag == "t"
    assert response.cseq == request.cseq
    assert parse(response.serialize()).headers.get("retry-after") == "5"


def test_a_header_is_replaced_where_it_stood():
    headers = Headers.of(("Via", "1"), ("To", "x"), ("Via", "2"), ("From", "y"))
    assert headers.replaced("v", "3", "4").fields == (("Via", "3"), ("Via", "4"), ("To", "x"), ("From", "y"))
    assert headers.replaced("To").fields == (("Via", "1"), ("Via", "2"), ("From", "y"))
    assert headers.replaced("Route", "r").fields[-1] == ("Route", "r")


def test_the_call_id_is_found_without_parsing():
    assert peek_call_id(INVITE) == "a84b4c76e66710"
    assert peek_call_id(INVITE.replace(b"Call-ID:", b"I \t:")) == "a84b4c76e66710"
    assert peek_call_id(b"\x80\x00RTP") is None


tokens = st.text(string.ascii_letters + string.digits + "-.!%*_+'~", min_size=1, max_size=20)
values = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters=" "), max_size=60
)
reserved = {"via", "from", "to", "call-id", "cseq", "content-length", "contact"}


@st.composite
def messages(draw: st.DrawFn) -> Request | Response:
    method = draw(tokens)
    extra = draw(st.lists(st.tuples(tokens, values), max_size=8))
    fields = [
        ("Via", f"SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK{draw(tokens)}"),
        ("From", f"<sip:{draw(tokens)}@a>;tag={draw(tokens)}"),
        ("To", f"<sip:{draw(tokens)}@b>"),
        ("Call-ID", draw(tokens)),
        ("CSeq", f"{draw(st.integers(0, 2**32 - 1))} {method}"),
        *((name, value) for name, value in extra if canonical_name(name).lower() not in reserved),
    ]
    body = draw(st.binary(max_size=200))
    fields.append(("Content-Length", str(len(body))))
    if draw(st.booleans()):
        return Request(method=method, uri=f"sip:{draw(tokens)}@c", headers=Headers.of(*fields), body=body)
    reason = draw(values).strip(" ")
    return Response(status=draw(st.integers(100, 699)), reason=reason, headers=Headers.of(*fields), body=body)


@given(messages())
def test_what_is_written_is_read_as_it_was(message: Request | Response):
    assert parse(message.serialize()) == message


@given(messages(), st.data())
def test_a_spoiled_message_is_read_or_refused_and_nothing_else(message: Request | Response, data: st.DataObject):
    octets = bytearray(message.serialize())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(octets) - 1))
        octets[at : at + data.draw(st.integers(0, 6))] = data.draw(st.binary(max_size=6))
    try:
        read = parse(bytes(octets))
    except MessageError:
        return
    assert read.cseq
    assert read.via
    assert parse(read.serialize()).serialize() == read.serialize()


@given(st.binary(max_size=300))
def test_noise_is_refused(noise: bytes):
    with pytest.raises(MessageError):
        parse(noise)
