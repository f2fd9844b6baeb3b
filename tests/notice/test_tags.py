"""The texts, their tags, and what the documentation says of both."""

import re
from pathlib import Path

import pytest

from caselli.notice import rules, wording
from caselli.notice.rules import Happening
from caselli.notice.tags import NEEDED, TAGS, names, samples, tags_of

PAGE = (Path(__file__).parents[2] / "docs/mail-templates.md").read_text()
ROW = re.compile(r"^\| `\{([a-z_]+)\}` \| (.+?) \| (.+?) \|$", re.MULTILINE)


def test_every_notice_has_a_text_and_no_text_is_of_none():
    assert {one.stem for one in wording.TEXTS.glob("*.txt")} == {one.value for one in Happening}


@pytest.mark.parametrize("happening", Happening)
def test_a_text_has_a_subject_and_only_tags_that_it_may_have(happening):
    text = wording.ours(happening)
    assert text.startswith("Subject: ")
    used = set(re.findall(r"\{(\w+)\}", text))
    assert used <= names(tags_of(happening))
    assert NEEDED.get(happening, "link") in used


@pytest.mark.parametrize("happening", Happening)
def test_samples_fill_the_whole_text_whose_own_lines_fit_any_screen(happening):
    subject, body = rules.fill(wording.ours(happening), samples(happening))
    assert "{" not in subject + body
    assert all(len(line) <= 78 for line in wording.ours(happening).split("\n"))


def test_the_documentation_tells_every_tag_and_where_it_may_stand():
    told = {name: (where, meaning) for name, where, meaning in ROW.findall(PAGE)}
    assert list(told) == [one.name for one in TAGS]
    for one in TAGS:
        assert told[one.name] == (where_in_words(one.where), one.means), one.name


def where_in_words(where):
    if where == set(Happening):
        return "all"
    return ", ".join(f"`{one}`" for one in Happening if one in where)


def test_the_documentation_tells_every_text():
    assert re.findall(r"^\| `([a-z_]+)` \|", PAGE, re.MULTILINE) == [one.value for one in Happening]


def test_the_documentation_tells_what_a_text_cannot_do_without():
    for happening, tag in NEEDED.items():
        assert re.search(rf"`{happening}`[^.|]*`\{{{tag}\}}`", PAGE.partition("## Tags")[2]), happening
