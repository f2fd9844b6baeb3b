"""The pages of a call: with their header line, and no longer than the call."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from PIL import Image

from caselli.documents.coding import code_page
from caselli.documents.tiff import CodedPage, write_class_f
from caselli.queue.claim import claim
from caselli.store import blobs
from caselli.store.models import Extension
from caselli.workers.papers import Papers, header_of

NOON = datetime(2026, 3, 8, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "2026-03-08 12:00   Front desk"),
        ({"header_line": "Acme Clinic"}, "2026-03-08 12:00   Acme Clinic"),
        ({"caller_number": "+12025550210"}, "2026-03-08 12:00   Front desk   +1 202-555-0210"),
        ({"caller_number": "+12025550210", "station_id": "+49 30 1"}, "2026-03-08 12:00   Front desk   +49 30 1"),
    ],
)
def test_the_header_line_says_what_the_extension_is_set_to(settings, said):
    assert header_of(Extension(number="210", name="Front desk", **settings), NOON).said == said


def test_a_program_may_give_a_fax_a_header_line_of_its_own():
    extension = Extension(number="210", name="Front desk", header_line="Acme Clinic", caller_number="+12025550210")
    assert header_of(extension, NOON, "Radiology").said == "2026-03-08 12:00   Radiology   +1 202-555-0210"


@pytest.fixture
def papers():
    papers = Papers("a dialer/of two")
    papers.clear()
    return papers


@pytest.fixture
def call(make_fax):
    """A claimed call whose fax is a white page."""
    make_fax("+12025550100")
    (claimed,) = claim("a")
    white = CodedPage(1728, 100, code_page(np.zeros((100, 216), np.uint8), 1728))
    return replace(claimed, pages_blob=blobs.keep(write_class_f([white])))


def test_the_pages_lie_there_for_the_call_alone(papers, call):
    paper = papers.ready(call)
    with Image.open(paper) as page:
        assert page.size == (1728, 100)
        assert page.convert("L").getextrema() == (0, 255)
    papers.done(call.attempt_id)
    assert not paper.exists()
    papers.done(call.attempt_id)


def test_what_a_dead_dialer_left_behind_is_erased_by_the_next_of_its_name(papers, call):
    paper = papers.ready(call)
    Papers("another").clear()
    assert paper.exists()
    Papers("a dialer/of two").clear()
    assert not paper.exists()


def test_pages_that_no_line_can_be_written_on_go_as_they_are(papers, call):
    other = replace(call, pages_blob=blobs.keep(b"not a fax as we keep it"))
    assert papers.ready(other) == blobs.path(other.pages_blob)
