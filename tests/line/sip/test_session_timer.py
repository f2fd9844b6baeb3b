import pytest

from caselli.line.sip.message import Headers, Request, Response
from caselli.line.sip.session_timer import SessionTimer

SUPPORTS = ("Supported", "timer")


def request(*fields: tuple[str, str]) -> Request:
    return Request(method="INVITE", uri="sip:a@b", headers=Headers.of(*fields))


def response(status: int, *fields: tuple[str, str]) -> Response:
    return Response(status=status, headers=Headers.of(*fields))


def test_we_refresh_at_half_the_interval():
    timer = SessionTimer()
    timer.confirmed(response(200, ("Session-Expires", "1800;refresher=uac")), 10.0)
    assert (timer.ours, timer.at) == (True, 910.0)
    assert timer.request_fields()[0] == ("Session-Expires", "1800;refresher=uac")


def test_we_hang_up_shortly_before_the_far_ends_last_moment():
    timer = SessionTimer()
    timer.confirmed(response(200, ("x", "90 ; refresher=uas")), 0.0)
    assert (timer.ours, timer.at) == (False, 60.0)


def test_a_far_end_without_timers_has_none():
    timer = SessionTimer()
    timer.confirmed(response(200), 0.0)
    assert timer.at is None


def test_a_422_raises_what_we_ask_for_once():
    timer = SessionTimer()
    too_small = response(422, ("Min-SE", "3600"))
    assert timer.raise_to(too_small)
    assert timer.request_fields()[0] == ("Session-Expires", "3600")
    assert not timer.raise_to(too_small)
    assert not timer.raise_to(response(422))


@pytest.mark.parametrize(
    ("fields", "said", "ours"),
    [
        (
            (("Session-Expires", "600"), SUPPORTS),
            (("Require", "timer"), ("Session-Expires", "600;refresher=uac")),
            False,
        ),
        (
            (("Session-Expires", "600;refresher=uas"), SUPPORTS),
            (("Require", "timer"), ("Session-Expires", "600;refresher=uas")),
            True,
        ),
        ((("Session-Expires", "600"),), (("Session-Expires", "600;refresher=uas"),), True),
        ((), (), False),
    ],
)
def test_what_an_invite_asks_is_answered(
    fields: tuple[tuple[str, str], ...], said: tuple[tuple[str, str], ...], ours: bool
):
    timer = SessionTimer()
    assert timer.accept(request(*fields), 0.0) == said
    assert timer.ours is ours


def test_an_interval_too_small_is_refused_only_to_who_understands():
    timer = SessionTimer()
    assert timer.too_small(request(("Session-Expires", "60"), SUPPORTS))
    assert not timer.too_small(request(("Session-Expires", "60")))
    assert not timer.too_small(request(("Session-Expires", "90"), SUPPORTS))
