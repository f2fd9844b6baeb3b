"""Every number of the answering machine, and ten faxes at once: all handed in together, then read."""

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from paper import letter
from PIL import Image, ImageSequence

from caselli.documents.coding import code_page
from caselli.documents.header_line import ROWS, HeaderLine, join
from caselli.documents.tiff import CodedPage, write_class_f

PATIENCE = 300.0
WIDTH = 1728
HEADER = ROWS * WIDTH // 8
MINUTE = timedelta(minutes=1)

NUMBERS = {
    # number: (status, reason, attempts, facts of the last attempt)
    "+12025550100": (
        "Sent",
        "The far machine confirmed every page.",
        1,
        {"transport": "t38", "ecm": True, "rate": 14_400},
    ),
    "+12025550101": ("Send Failed", "The line was busy.", 3, {"sip_code": 486, "transport": None}),
    "+12025550102": ("Send Failed", "It rang, but nobody answered.", 3, {"sip_code": 487, "transport": None}),
    "+12025550103": ("Send Failed", "No fax answered: a person or a voice mail may have.", 3, {"sip_code": 200}),
    "+12025550104": (
        "Send Failed",
        "The connection broke off before every page was confirmed.",
        3,
        {"pages_confirmed": 0, "sip_code": 200},
    ),
    "+12025550105": ("Sent", "The far machine confirmed every page.", 1, {"transport": "g711"}),
    "+12025550106": ("Sent", "The far machine confirmed every page.", 1, {"rate": 9_600, "ecm": False}),
    "+12025550107": ("Send Failed", "There is no such number.", 1, {"sip_code": 404}),
    "+12025550108": (
        "Send Failed",
        "The line died after the last page, before its confirmation: the fax may have arrived.",
        1,
        {"pages_confirmed": 0},
    ),
    "+12025550109": ("Send Failed", "The trunk is down or overloaded.", 3, {"sip_code": 503}),
    "+12025550110": ("Sent", "The far machine confirmed every page.", 1, {"transport": "t38"}),
    "+12025550111": ("Sent", "The far machine confirmed every page.", 1, {"transport": "t38"}),
}
TEN = [f"+1202555{last:04}" for last in range(120, 130)]


def at_rest(told):
    return told["status"] not in {"Scheduled For Sending", "Approved"}


@pytest.fixture(scope="module")
def ended(caselli, tmp_path_factory):
    """All faxes, handed in at once and waited for: number -> what ``caselli show`` tells."""
    folder = tmp_path_factory.mktemp("papers")
    one = letter(folder, pages=1, words="One page")
    three = {number: letter(folder, pages=3, words=number, name=number) for number in TEN}
    papers = dict.fromkeys(NUMBERS, one) | three
    with ThreadPoolExecutor(2) as hands:
        faxes = dict(zip(papers, hands.map(lambda number: caselli.send(number, papers[number]), papers), strict=True))
        stories = hands.map(lambda number: caselli.wait_for(faxes[number], at_rest, PATIENCE), faxes)
        return dict(zip(faxes, stories, strict=True))


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_of_the_machine_ends_in_its_status_with_its_reason(ended, number):
    status, reason, attempts, facts = NUMBERS[number]
    told = ended[number]
    (delivery,) = told["deliveries"]
    assert told["status"] == status
    assert delivery["reason"] == reason
    assert len(delivery["attempts"]) == attempts
    last = delivery["attempts"][-1]
    assert {name: last[name] for name in facts} == facts
    assert last["trunk"] == "Answering machine"
    assert delivery["remedy"] or status == "Sent"


@pytest.mark.parametrize("number", TEN)
def test_ten_faxes_of_three_pages_handed_in_at_once_are_all_sent(ended, number):
    told = ended[number]
    assert told["status"] == "Sent"
    (attempt,) = told["deliveries"][0]["attempts"]
    assert (attempt["pages_confirmed"], attempt["t30_code"]) == (3, 0)


def sheets(file):
    with Image.open(file) as image:
        return [page.convert("1").tobytes() for page in ImageSequence.Iterator(image)]


@pytest.mark.parametrize("number", TEN)
def test_what_the_machine_received_equals_what_was_sent_pixel_for_pixel_below_the_header_line(caselli, ended, number):
    (record,) = [one for one in caselli.received if one["called"] == number]
    received = sheets(caselli.home / "machine" / record["tiff"])
    assert len(received) == record["pages"] == 3
    below = [page[HEADER:] for page in received]
    assert below in [[page[HEADER:] for page in sheets(blob)] for blob in tiffs(caselli.home / "documents")]


@pytest.mark.parametrize("number", TEN[:2])
def test_the_header_line_tells_the_far_end_when_it_was_sent_by_whom_and_which_page_it_is(caselli, ended, number):
    (record,) = [one for one in caselli.received if one["called"] == number]
    (attempt,) = ended[number]["deliveries"][0]["attempts"]
    received = [page[:HEADER] for page in sheets(caselli.home / "machine" / record["tiff"])]
    started = datetime.fromisoformat(attempt["started_at"]).astimezone(ZoneInfo("America/New_York"))
    lines = [f"{moment:%Y-%m-%d %H:%M}   Front desk   +1 202 555 0210" for moment in (started, started + MINUTE)]
    assert received in [[written(line, page) for page in (1, 2, 3)] for line in lines]


def written(line, page):
    """The header line, as it stands on a white page."""
    white = CodedPage(WIDTH, ROWS, code_page(np.zeros((ROWS, WIDTH // 8), np.uint8), WIDTH))
    with Image.open(io.BytesIO(write_class_f([join(white, HeaderLine(line), page, 3)]))) as image:
        return image.convert("1").tobytes()[:HEADER]


def tiffs(folder):
    return [blob for blob in folder.glob("*/*") if blob.read_bytes()[:2] in {b"II", b"MM"}]


def test_nothing_of_the_silent_the_absent_and_the_busy_was_received(caselli, ended):
    got = {one["called"] for one in caselli.received if one["pages"]}
    assert not got & {"+12025550101", "+12025550102", "+12025550103", "+12025550107", "+12025550109"}


def test_no_process_had_to_be_started_again(caselli, ended):
    assert not [line for line in caselli.said if "starting it again" in line]
