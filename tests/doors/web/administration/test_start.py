"""Where administration begins."""

import re

import pytest


def tiles(answer):
    return re.findall(r'class="tile" href="([^"]+)"', answer.content.decode())


@pytest.mark.parametrize(("who", "finds_it"), [("admin", True), ("olivia", True), ("alice", False), ("charlie", False)])
def test_only_who_administers_finds_administration_in_the_navigation(cast, browser_of, at, who, finds_it):
    words = browser_of(getattr(cast, who)).get(at("extensions")).content.decode()
    assert (f'href="{at("administration")}"' in words) is finds_it


def test_the_tiles_lead_where_one_may_go(cast, admin, olivia, at):
    for browser in (admin, olivia):
        for address in tiles(browser.get(at("administration"))):
            assert browser.get(address).status_code == 200, address
    assert at("preferences") in tiles(admin.get(at("administration")))
    assert at("organization", cast.clinic.pk) in tiles(olivia.get(at("administration")))


def test_each_page_says_where_one_is(cast, admin, at):
    words = admin.get(at("user", cast.alice.pk)).content.decode()
    crumbs = re.search(r'class="crumbs".*?</nav>', words, re.DOTALL).group()
    assert re.findall(r'<(?:a href="[^"]+"|span aria-current="page")>([^<]+)<', crumbs) == [
        "Administration",
        "Users",
        "Alice (alice)",
    ]


def test_a_title_never_shows_what_was_only_typed(cast, admin, at, fill):
    answer = fill(admin, at("organization", cast.clinic.pk), name="Typed", number="0004")
    assert "<h1>0003 Acme Clinic</h1>" in answer.content.decode()
