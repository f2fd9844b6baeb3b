"""What holds for a call whatever the far end, the media process and the clock do to it."""

from collections.abc import Callable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from line.sip.rig import AUDIO, NO_STREAM, T38, TRUNK, Rig

from caselli.fax.outcome import CallEnd, PageReport
from caselli.line.media.messages import (
    CloseSession,
    FaxHeard,
    FrameSeen,
    LastPageOut,
    Negotiated,
    OpenSession,
    PageEnded,
    PageStarted,
    SessionEnded,
    SessionOpened,
)

bodies = st.sampled_from([b"", AUDIO, T38, NO_STREAM, b"nonsense"])
headers = st.sampled_from(
    [
        (),
        (("Session-Expires", "90;refresher=uas"), ("Supported", "timer")),
        (("Session-Expires", "1800;refresher=uac"),),
        (("Retry-After", "3"),),
        (("Require", "100rel"),),
        (("Min-SE", "4000"),),
        (("Contact", "<sip:other@192.0.2.40>"),),
        (("Contact", "<tel:+1202>"),),
        (("Record-Route", "<sip:192.0.2.41;lr>"),),
        (("WWW-Authenticate", 'Digest realm="r", nonce="n", qop="auth", stale=true'),),
        (("WWW-Authenticate", 'Digest realm="r", nonce="n"'),),
        (("Reason", "Q.850;cause=31"),),
    ]
)
statuses = st.sampled_from([100, 180, 183, 200, 202, 302, 401, 407, 408, 422, 481, 486, 487, 488, 491, 500, 503, 606])


def responds(
    which: int, status: int, fields: tuple[tuple[str, str], ...], body: bytes, tag: str
) -> Callable[[Rig], None]:
    def act(rig: Rig) -> None:
        requests = [one for method in ("INVITE", "BYE", "CANCEL", "UPDATE") for one in rig.requests(method)]
        if requests:
            rig.reply(requests[-1 - which % len(requests)], status, *fields, body=body, tag=tag)

    return act


def requests(method: str, fields: tuple[tuple[str, str], ...], body: bytes, again: bool) -> Callable[[Rig], None]:
    def act(rig: Rig) -> None:
        if rig.requests("INVITE"):
            rig.demand(method, *fields, body=body, cseq=rig._cseq if again else None)

    return act


def says(kind: int) -> Callable[[Rig], None]:
    def act(rig: Rig) -> None:
        now = rig.now
        events = [
            SessionOpened("k1", 31_000),
            FaxHeard("k1", now, "CED"),
            FrameSeen("k1", now, False, "DIS", "ff"),
            Negotiated("k1", now, "+1", 14_400, True),
            PageStarted("k1", now, 1),
            LastPageOut("k1", now),
            PageEnded("k1", now, PageReport(1, confirmed=True)),
            PageEnded("k1", now, PageReport(1, confirmed=False)),
            SessionEnded("k1", now, 0, "OK", 1, 14_400, True, "+1"),
            SessionEnded("k1", now, -1, "", 0, 0, False, ""),
        ]
        rig.media(events[kind % len(events)])

    return act


def spoils(octets: bytes, at: int) -> Callable[[Rig], None]:
    """Something of our own comes back, damaged."""

    def act(rig: Rig) -> None:
        if rig.sent:
            data = bytearray(rig.sent[at % len(rig.sent)][1].serialize())
            data[at % len(data) : at % len(data) + len(octets)] = octets
            rig.call.receive(bytes(data), TRUNK, rig.now)
            rig.pump()

    return act


def lets(seconds: float) -> Callable[[Rig], None]:
    return lambda rig: rig.run(seconds)


def ends(how: int) -> Callable[[Rig], None]:
    def act(rig: Rig) -> None:
        if how == 0:
            rig.call.media_lost(rig.now)
        else:
            rig.call.hang_up(rig.now, CallEnd.UNRECORDED if how == 1 else CallEnd.CANCELED)
        rig.pump()

    return act


methods = st.sampled_from(["INVITE", "INVITE", "ACK", "BYE", "UPDATE", "OPTIONS", "CANCEL", "INFO", "PRACK"])
actions = st.one_of(
    st.builds(responds, st.integers(0, 3), statuses, headers, bodies, st.sampled_from(["far", "far", "fork"])),
    st.builds(requests, methods, headers, bodies, st.booleans()),
    st.builds(says, st.integers(0, 9)),
    st.builds(lets, st.sampled_from([0.01, 0.6, 1.1, 5.0, 33.0, 100.0])),
    st.builds(spoils, st.binary(max_size=4), st.integers(0, 5000)),
)
finals = st.one_of(st.builds(ends, st.integers(0, 2)), st.just(lets(0)))


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(actions, max_size=25), finals, st.booleans())
def test_a_call_ends_once_and_leaves_nothing_behind(
    before: list[Callable[[Rig], None]], final: Callable[[Rig], None], opened: bool
):
    rig = Rig(call_limit=600.0, far_allows="INVITE, UPDATE")
    if opened:
        rig.dial()
    for act in [*before, final]:
        act(rig)
        assert len(rig.reports()) <= 1
    rig.run(700)
    assert len(rig.reports()) == 1
    rig.run(200)
    assert rig.call.over
    assert rig.call.wake_at() is None
    assert len(rig.ordered(OpenSession)) == len(rig.ordered(CloseSession)) == 1
    report = rig.report
    assert (report.end is CallEnd.COMPLETED) == (report.pages_confirmed == 1)
    assert report.seconds <= 610
    assert all(entry.at <= report.seconds for entry in report.ladder)


@settings(max_examples=200)
@given(st.lists(actions, max_size=20))
def test_a_tick_always_leads_on(acts: list[Callable[[Rig], None]]):
    """A call that wants to be woken now, and again now, would stop all the others."""
    rig = Rig(call_limit=600.0)
    rig.dial()
    for act in acts:
        act(rig)
        rig.run(0)
        at = rig.call.wake_at()
        assert at is None or at > rig.now
