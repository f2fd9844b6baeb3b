import pytest
from hypothesis import given
from hypothesis import strategies as st

from caselli.line.sip.address import NameAddress, Uri, Via, split_list


def test_a_uri_is_taken_apart():
    uri = Uri.parse("SIP:+1%20202@[2001:db8::1]:5080;transport=udp;lr?Subject=x")
    assert (uri.user, uri.host, uri.port) == ("+1 202", "2001:db8::1", 5080)
    assert uri.parameter("transport") == "udp"
    assert uri.loose
    assert str(uri) == "sip:+1%20202@[2001:db8::1]:5080;transport=udp;lr?Subject=x"


def test_a_password_in_a_uri_is_dropped():
    assert Uri.parse("sip:bob:secret@example.com").user == "bob"


@pytest.mark.parametrize(
    "text", ["", "bob", "tel:+1202", "sip:", "sip:a@b:99999", "sip:a b@c", "sip:a@b c", "sip:a@<b>"]
)
def test_what_is_no_sip_uri_is_refused(text: str):
    with pytest.raises(ValueError, match="no SIP URI"):
        Uri.parse(text)


def test_without_angle_brackets_parameters_are_the_headers():
    address = NameAddress.parse("sip:bob@b.example;tag=1")
    assert (address.uri, address.tag) == ("sip:bob@b.example", "1")
    inside = NameAddress.parse("<sip:bob@b.example;tag=1>;tag=2")
    assert (inside.uri, inside.tag) == ("sip:bob@b.example;tag=1", "2")


def test_a_display_name_keeps_its_quotes_inside():
    address = NameAddress.parse(r'"Bob \"B\" <x>" <sip:bob@b>;tag=1')
    assert address.display == 'Bob "B" <x>'
    assert NameAddress.parse(str(address)) == address


def test_a_tag_is_replaced_not_doubled():
    assert str(NameAddress.parse("<sip:a@b>;tag=1;x").with_tag("2")) == "<sip:a@b>;x;tag=2"


def test_the_answer_goes_to_where_the_request_came_from():
    via = Via.parse("SIP / 2.0 / UDP  10.0.0.7:5062 ;rport;branch=z9hG4bK1")
    assert via.sent_by == "10.0.0.7:5062"
    assert via.response_address() == ("10.0.0.7", 5062)
    assert via.seen_from(("192.0.2.4", 999)).response_address() == ("192.0.2.4", 999)
    old = Via.parse("SIP/2.0/UDP 10.0.0.7;branch=z9hG4bK1")
    assert old.seen_from(("192.0.2.4", 999)).response_address() == ("192.0.2.4", 5060)


def test_lists_end_where_they_end():
    assert list(split_list(' a , "b,\\" c" , , <d,e> ,f')) == ["a", '"b,\\" c"', "<d,e>", "f"]


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=30))
def test_any_user_part_survives_a_round_trip(user: str):
    uri = Uri(user, "example.com", 5070)
    assert Uri.parse(str(uri)) == uri


@given(st.text(max_size=80))
def test_any_text_is_an_address_or_refused(text: str):
    for kind in (Uri, NameAddress, Via):
        try:
            read = kind.parse(text)
        except ValueError:
            continue
        assert kind.parse(str(read)) == read
