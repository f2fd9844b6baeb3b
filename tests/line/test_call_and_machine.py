"""Our call and the answering machine, both whole, over a network that loses, delays and doubles, in virtual time."""

from collections.abc import Callable
from pathlib import Path

import pytest
from line.media.papers import page, read_document, same_pages, write_document
from line.sip.world import Network, World

from caselli.fax.causes import judge
from caselli.fax.outcome import CallEnd, Transport

MakeWorld = Callable[..., World]


@pytest.fixture
def make_world(tmp_path: Path) -> MakeWorld:
    document = write_document(tmp_path / "sent.tif", [page(1, lines=4, length=600)])

    def make(number: str, network: Network | None = None, **changes: object) -> World:
        return World(document, tmp_path / "kept.tif", f"+1202555{number}", network, **changes)

    return make


def arrived_whole(tmp_path: Path) -> bool:
    return same_pages(read_document(tmp_path / "sent.tif"), read_document(tmp_path / "kept.tif"))


def test_a_fax_arrives_pixel_for_pixel(make_world: MakeWorld, tmp_path: Path):
    world = make_world("0100")
    world.run()
    report = world.report
    assert (report.end, report.pages_confirmed, report.transport) == (CallEnd.COMPLETED, 1, Transport.T38)
    assert report.remote_id == "+12025550100"
    assert arrived_whole(tmp_path)
    (taken,) = world.taken
    assert (taken.called, taken.calling, taken.result) == ("+12025550100", "+12025550200", "Received 1 page.")
    assert taken.report.remote_id == "+1 202 555 0200"


@pytest.mark.parametrize("seed", range(6))
def test_signalling_survives_a_bad_network(make_world: MakeWorld, tmp_path: Path, seed: int):
    """A fifth of the datagrams lost, a tenth doubled, and up to 300 ms for each to overtake the others."""
    network = Network(seed=seed, loss=0.2, jitter=0.3, doubling=0.1)
    world = make_world("0100", network)
    world.run()
    assert judge(world.report, 1).slug == "delivered", world.wire
    assert arrived_whole(tmp_path)
    assert len(world.taken) == 1


@pytest.mark.parametrize("seed", range(4))
def test_a_challenge_survives_a_bad_network(make_world: MakeWorld, tmp_path: Path, seed: int):
    world = make_world("0110", Network(seed=seed, loss=0.2, jitter=0.3, doubling=0.1))
    world.run()
    assert judge(world.report, 1).slug == "delivered", world.wire
    assert arrived_whole(tmp_path)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("number", ["0101", "0102", "0107", "0109"])
def test_a_call_that_is_not_answered_ends_the_same_way_over_a_bad_network(
    make_world: MakeWorld, number: str, seed: int
):
    world = make_world(number, Network(seed=seed, loss=0.3, jitter=0.4, doubling=0.2), ring_limit=20.0)
    world.run()
    slugs = {"0101": "busy", "0102": "no_answer", "0107": "no_such_number", "0109": "trunk_down"}
    assert judge(world.report, 1).slug == slugs[number], world.wire
    assert world.taken == []


@pytest.mark.parametrize(
    ("number", "slug", "transport"),
    [
        ("0103", "no_fax", None),
        ("0104", "line_dropped", Transport.T38),
        ("0105", "delivered", Transport.G711),
        ("0106", "delivered", Transport.T38),
        ("0108", "unknown", Transport.T38),
        ("0110", "delivered", Transport.T38),
        ("0111", "delivered", Transport.T38),
        ("0199", "delivered", Transport.T38),
    ],
)
def test_each_number_does_what_it_is_for(
    make_world: MakeWorld, tmp_path: Path, number: str, slug: str, transport: Transport | None
):
    world = make_world(number)
    world.run()
    report = world.report
    assert judge(report, 1).slug == slug
    assert report.transport is transport
    assert (slug != "delivered") or arrived_whole(tmp_path)
    if number == "0106":
        assert (report.rate, report.ecm) == (9600, False)


def test_hanging_up_in_mid_page_ends_both_ends(make_world: MakeWorld):
    world = make_world("0100")
    world.run(until=lambda: any(getattr(event, "page", 0) == 1 for event in world.events))
    world.caller.hang_up(world.now)
    world._settle(world.caller)
    world.run()
    assert world.report.end is CallEnd.CANCELED
    assert world.report.pages_confirmed == 0
    assert world.taken[0].result == "No page came: the caller hung up."
