"""What the driver does about a mistake, and about an address it has to choose itself."""

from pathlib import Path

import pytest
from line.media.papers import page, write_document
from line.sip.loopback import HOST, both

from caselli.fax.outcome import CallEnd
from caselli.line.endpoint import reachable_host
from caselli.line.orders import Peer


async def test_a_call_that_cannot_be_written_costs_itself_only(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    document = write_document(tmp_path / "sent.tif", [page(1, lines=4, length=600)])
    async with both(tmp_path, document) as here:
        here.place("0102")
        # A trunk's domain is checked where it is typed in; here it would break out of its header line.
        unwritable = Peer("bad", HOST, here.machine.address[1], domain="bad\r\nVia: x")
        here.line.place(here.order("0100", "bad", peer=unwritable))
        (report,) = await here.ended("bad")
        assert report.end is CallEnd.SIGNALLING_LOST
        assert "a mistake in call bad" in caplog.text
        await here.until(lambda: "ringing" in here.phases("0102"))
        assert here.reports("0102") == []


def test_a_socket_bound_to_every_address_names_the_one_that_faces_the_trunk():
    assert reachable_host("0.0.0.0", (HOST, 5060)) == HOST
    assert reachable_host("192.0.2.1", (HOST, 5060)) == "192.0.2.1"
