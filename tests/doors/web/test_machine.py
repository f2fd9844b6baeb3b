"""The answering machine's page: what lies in its folder, told; and nothing else of the disk."""

import json
import os

import pytest
from django.urls import reverse
from PIL import Image

TOLD = {
    "called": "+12025550100",
    "calling": "+12025550210",
    "remote_id": "+1 202 555 0210",
    "started_at": "2026-11-20T14:31:00Z",
    "seconds": 44.1,
    "pages": 1,
    "transport": "t38",
    "rate": 14400,
    "ecm": True,
    "t30_code": 0,
    "result": "Received 1 page.",
    "tiff": "one.tiff",
}


@pytest.fixture
def folder(settings, tmp_path, cast):
    """The machine's folder, and a trunk of the clinic's that leads to it."""
    settings.CONFIGURATION = _with_home(settings.CONFIGURATION, tmp_path)
    cast.trunk.port = settings.CONFIGURATION.machine_sip.port
    cast.trunk.organization = cast.clinic
    cast.trunk.save()
    folder = tmp_path / "machine"
    folder.mkdir()
    return folder


def _with_home(configuration, home):
    from dataclasses import replace

    return replace(configuration, home=home)


def call(folder, name="one", at=1000, picture=True, **changes):
    if picture:
        Image.new("1", (1728, 1100), 1).save(folder / f"{name}.tiff", compression="group4", dpi=(204, 196))
    (folder / f"{name}.json").write_text(json.dumps(TOLD | changes))
    os.utime(folder / f"{name}.json", (at, at))


def test_before_the_first_call_one_is_told_what_to_try(folder, alice):
    folder.rmdir()
    page = alice.get("/machine/").content.decode()
    assert "Nobody has called yet" in page
    assert "hangs up after the last page without confirming it" in page


def test_calls_are_shown_the_newest_first(folder, alice):
    call(folder, "one", 1000)
    call(folder, "two", 2000, picture=False, called="+12025550104", pages=0, result="dropped", tiff=None)
    page = alice.get("/machine/").content.decode()
    assert page.index("+1 202-555-0104") < page.index("+1 202-555-0100</span>")
    assert reverse("machine-page-picture", args=["one", 1]) in page
    assert reverse("machine-page-picture", args=["two", 1]) not in page


def test_a_call_is_told_with_its_facts_and_pages(folder, alice):
    call(folder)
    page = alice.get(reverse("machine-call", args=["one"])).content.decode()
    for words in ("Received 1 page.", "14,400 bit/s", "T.38", "44 s", "+1 202-555-0210"):
        assert words in page
    assert alice.get(reverse("machine-page-picture", args=["one", 1]))["Content-Type"] == "image/png"
    assert alice.get(reverse("machine-pages", args=["one"])).content.startswith(b"%PDF-")


def test_a_call_without_pages_has_none(folder, alice):
    call(folder, picture=False, pages=0, transport=None, rate=0, t30_code=None)
    assert alice.get(reverse("machine-call", args=["one"])).status_code == 200
    for address in (reverse("machine-page-picture", args=["one", 1]), reverse("machine-pages", args=["one"])):
        assert alice.get(address).status_code == 404


@pytest.mark.parametrize("text", ["", "{", "[]", '{"called": 1}', '{"called": "1", "started_at": "x"}'])
def test_a_record_that_cannot_be_read_is_left_out(folder, alice, text):
    call(folder)
    (folder / "broken.json").write_text(text)
    assert "+1 202-555-0100" in alice.get("/machine/").content.decode()
    assert alice.get(reverse("machine-call", args=["broken"])).status_code == 404


def test_nothing_else_of_the_disk_can_be_reached(folder, alice):
    (folder.parent / "secret.json").write_text(json.dumps(TOLD))
    for name in ("../secret", "..%2Fsecret", "%2e%2e/secret", ".hidden", "a/../one"):
        assert alice.get(f"/machine/{name}").status_code == 404


def test_many_calls_come_in_pages(folder, alice):
    for number in range(53):
        call(folder, f"call-{number:02}", 1000 + number, picture=False, pages=0)
    first = alice.get("/machine/").content.decode()
    assert first.count('class="machine-words"') == 50
    second = alice.get("/machine/?older=call-03").content.decode()
    assert second.count('class="machine-words"') == 3
    assert "?older=call-03" in first


def test_who_cannot_send_to_it_does_not_see_it(cast, folder, browser_of):
    call(folder)
    for user, code in ((cast.alice, 200), (cast.bob, 200), (cast.admin, 200), (cast.charlie, 404)):
        browser = browser_of(user)
        assert browser.get("/machine/").status_code == code
        assert browser.get(reverse("machine-call", args=["one"])).status_code == code
        assert ("Answering machine" in browser.get("/extensions").content.decode()) is (code == 200)


def test_by_a_trunk_of_everybody_nobody_sees_what_another_organization_sent(cast, folder, browser_of):
    cast.trunk.organization = None
    cast.trunk.save()
    assert browser_of(cast.alice).get("/machine/").status_code == 404
    assert browser_of(cast.admin).get("/machine/").status_code == 200
    for one in (cast.foreign, cast.charlie, cast.rival):
        one.delete()
    assert browser_of(cast.alice).get("/machine/").status_code == 200
