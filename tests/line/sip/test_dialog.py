from line.sip.rig import TRUNK

from caselli.line.sip.dialog import Dialog, socket_address
from caselli.line.sip.message import Headers, Request, Response

INVITE = Request(
    method="INVITE",
    uri="sip:b@trunk.example",
    headers=Headers.of(
        ("From", "<sip:a@x>;tag=1"),
        ("To", "<sip:b@trunk.example>"),
        ("Call-ID", "c"),
        ("CSeq", "4 INVITE"),
        ("Contact", "<sip:a@192.0.2.1:5070>"),
        ("Record-Route", "<sip:192.0.2.50;lr>, <sip:192.0.2.51;lr>"),
    ),
)


def answered(*fields: tuple[str, str]) -> Response:
    head = [("From", "<sip:a@x>;tag=1"), ("To", "<sip:b@trunk.example>;tag=2"), ("Call-ID", "c"), ("CSeq", "4 INVITE")]
    return Response(status=200, headers=Headers.of(*head, *fields))


def test_the_caller_goes_by_the_recorded_route_from_behind():
    response = answered(
        ("Record-Route", "<sip:192.0.2.50;lr>"),
        ("Record-Route", "<sip:192.0.2.51:5080;lr>"),
        ("Contact", "<sip:far@192.0.2.60>"),
    )
    dialog = Dialog.of_response(INVITE, response, TRUNK)
    bye = dialog.request("BYE")
    assert bye.uri == "sip:far@192.0.2.60"
    assert bye.headers.values("Route") == ("<sip:192.0.2.51:5080;lr>", "<sip:192.0.2.50;lr>")
    assert bye.headers.get("To") == "<sip:b@trunk.example>;tag=2"
    assert bye.cseq == (5, "BYE")
    assert dialog.address() == ("192.0.2.51", 5080)


def test_the_callee_goes_by_the_recorded_route_in_its_order():
    dialog = Dialog.of_request(INVITE, "9", "<sip:me@192.0.2.9>", TRUNK)
    reinvite = dialog.request("INVITE")
    assert reinvite.uri == "sip:a@192.0.2.1:5070"
    assert reinvite.headers.values("Route") == ("<sip:192.0.2.50;lr>", "<sip:192.0.2.51;lr>")
    assert reinvite.sender.tag == "9"
    assert reinvite.recipient.tag == "1"
    assert reinvite.headers.get("Contact") == "<sip:me@192.0.2.9>"


def test_a_strict_router_becomes_the_request_uri():
    response = answered(("Record-Route", "<sip:192.0.2.51>"), ("Contact", "<sip:far@192.0.2.60>"))
    bye = Dialog.of_response(INVITE, response, TRUNK).request("BYE")
    assert bye.uri == "sip:192.0.2.51"
    assert bye.headers.values("Route") == ("<sip:far@192.0.2.60>",)


def test_a_contact_by_name_is_reached_where_its_answer_came_from():
    dialog = Dialog.of_response(INVITE, answered(("Contact", "<sip:far@gateway.example>")), TRUNK)
    assert dialog.address() == TRUNK
    assert dialog.request("BYE").uri == "sip:far@gateway.example"


def test_without_a_contact_the_dialog_goes_where_the_invite_went():
    dialog = Dialog.of_response(INVITE, answered(), TRUNK)
    assert dialog.request("BYE").uri == "sip:b@trunk.example"


def test_requests_out_of_order_are_noticed():
    dialog = Dialog.of_request(INVITE, "9", "<sip:me@192.0.2.9>", TRUNK)
    later = INVITE.with_headers(INVITE.headers.replaced("CSeq", "6 INVITE"))
    assert dialog.follows(later)
    assert not dialog.follows(later)
    assert not dialog.follows(INVITE)


def test_only_an_address_is_a_destination():
    assert socket_address("sip:a@[2001:db8::1]:5070") == ("2001:db8::1", 5070)
    assert socket_address("sip:a@gw.example;maddr=192.0.2.7") == ("192.0.2.7", 5060)
    assert socket_address("sip:a@gw.example") is None
    assert socket_address("tel:+1202") is None
