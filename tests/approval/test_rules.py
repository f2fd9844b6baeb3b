"""Which faxes need a second person's yes, who may give it, and what it is given to."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caselli.approval.rules import (
    Asked,
    Person,
    Policy,
    Reason,
    content_hash,
    in_words,
    may_approve,
    needs_second_person,
)

AT_HOME = ["+12025550100"]
FREELY = Policy()


@pytest.mark.parametrize(
    ("policy", "pages", "destinations", "reasons"),
    [
        (FREELY, 500, ["+493012345678"], ()),
        (Policy(all=True), 1, ["0003*211"], (Reason.ALL,)),
        (Policy(abroad=True), 1, AT_HOME, ()),
        (Policy(abroad=True), 1, ["0003*211", "0004*310"], ()),
        (Policy(abroad=True), 1, [*AT_HOME, "+493012345678"], (Reason.ABROAD,)),
        (Policy(abroad=True), 1, ["+14165550123"], (Reason.ABROAD,)),  # Toronto has the same country code
        (Policy(abroad=True), 1, ["+18004444444"], ()),
        (Policy(abroad=True), 1, ["+rubbish"], (Reason.ABROAD,)),
        (Policy(over_pages=3), 3, AT_HOME, ()),
        (Policy(over_pages=3), 4, AT_HOME, (Reason.PAGES,)),
        (Policy(all=True, abroad=True, over_pages=1), 2, ["+493012345678"], (Reason.ALL, Reason.ABROAD, Reason.PAGES)),
    ],
)
def test_each_rule_of_the_policy_alone_suffices(policy, pages, destinations, reasons):
    assert needs_second_person(policy, pages, destinations, "US") == reasons


def test_the_reasons_are_sentences():
    policy = Policy(all=True, abroad=True, over_pages=1)
    abroad = [f"+4930123456{number}" for number in range(10, 15)]
    said = in_words(tuple(Reason), policy, 2, [*AT_HOME, *abroad], "US", "Acme Clinic")
    assert said == (
        "Acme Clinic asks for a second person’s yes for every fax.",
        "It goes abroad: +49 30 12345610, +49 30 12345611, +49 30 12345612 and 2 more.",
        "It has 2 pages, more than 1.",
    )


ASKED = Asked(organization_id=3, approver_id=20, authors=frozenset({10}))
NAMED = Person(id=20, active=True, organization_id=3, administers=False)
ADMINISTRATOR = Person(id=30, active=True, organization_id=3, administers=True)


def test_whom_the_extension_names_may_and_administrators_always():
    assert may_approve(NAMED, ASKED)
    assert may_approve(ADMINISTRATOR, ASKED)
    assert may_approve(replace(ADMINISTRATOR, organization_id=None), ASKED)
    assert may_approve(ADMINISTRATOR, replace(ASKED, approver_id=None))


def test_nobody_else_may():
    assert not may_approve(replace(NAMED, id=21), ASKED)
    assert not may_approve(NAMED, replace(ASKED, approver_id=None))


def test_who_was_switched_off_or_moved_to_another_organization_may_not():
    assert not may_approve(replace(NAMED, active=False), ASKED)
    assert not may_approve(replace(ADMINISTRATOR, active=False), ASKED)
    assert not may_approve(replace(NAMED, organization_id=4), ASKED)


@pytest.mark.parametrize("person", [NAMED, ADMINISTRATOR])
def test_never_the_person_whose_own_it_is(person):
    assert not may_approve(person, replace(ASKED, authors=frozenset({10, person.id})))


DIGESTS = st.lists(st.text("0123456789abcdef", min_size=1, max_size=64), max_size=4)


@given(DIGESTS, DIGESTS, DIGESTS, DIGESTS)
def test_two_contents_have_one_hash_only_where_they_are_the_same(documents, destinations, others, elsewhere):
    same = (documents, destinations) == (others, elsewhere)
    assert (content_hash(documents, "pages", destinations) == content_hash(others, "pages", elsewhere)) == same


def test_pages_and_the_order_belong_to_the_content():
    known = content_hash(["a", "b"], "pages", ["1", "2"])
    assert (
        len({known, content_hash(["b", "a"], "pages", ["1", "2"]), content_hash(["a", "b"], "pages", ["2", "1"])}) == 3
    )
    assert content_hash(["a", "b"], "other pages", ["1", "2"]) != known
    assert content_hash(["a", "b", "pages"], "", ["1", "2"]) != known
