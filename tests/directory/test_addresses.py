"""One writing for each mail address."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caselli.directory.addresses import ascii_domain, canonical, is_mail_address, unicode_domain

LABEL = st.text(st.characters(categories=["Ll", "Lu", "Nd", "Mn"]), min_size=1, max_size=12)


@pytest.mark.parametrize(("written", "one"), [
    (" Alice@Acme.Example ", "alice@acme.example"),
    ("Büro@XN--MNCHEN-3YA.example.", "büro@münchen.example"),
    ("BÜRO@MÜNCHEN.EXAMPLE", "büro@münchen.example"),
    ("bu\u0308ro@mu\u0308nchen.example", "büro@münchen.example"),
    ("a@straße.example", "a@straße.example"),
    ("a@xn--strae-oqa.example", "a@straße.example"),
    ("fax@例え。テスト", "fax@例え.テスト"),
    ("a@xn--abc-.example", "a@xn--abc-.example"),
    ("a@xn--99999999999.example", "a@xn--99999999999.example"),
    ("nobody", "nobody"),
    ("", ""),
])  # fmt: skip
def test_the_same_address_is_the_same_text(written, one):
    assert canonical(written) == one
    assert canonical(one) == one


def test_dns_has_its_own_writing():
    assert ascii_domain("München.Example") == "xn--mnchen-3ya.example"
    assert ascii_domain("straße.example") == "xn--strae-oqa.example", "it is no double s: that is another domain"


@given(st.lists(LABEL, min_size=1, max_size=3).map(".".join))
def test_both_writings_of_a_domain_are_of_the_same(domain):
    assert unicode_domain(ascii_domain(domain)) == unicode_domain(domain)
    assert ascii_domain(unicode_domain(domain)) == ascii_domain(domain)
    assert ascii_domain(domain).isascii()


@given(st.text(max_size=30))
def test_any_text_has_one_writing(text):
    assert canonical(canonical(text)) == canonical(text)


@pytest.mark.parametrize(
    "address", ["alice@acme.example", "a+fax@acme.example", "büro@münchen.example", "o'x@a.example"]
)
def test_an_address_is_known_as_one(address):
    assert is_mail_address(address)


@pytest.mark.parametrize("text", [
    "", "alice", "alice@", "@acme.example", "a b@acme.example", "a@b@acme.example", "Alice <a@acme.example>",
    "a\n@acme.example", "a@acme example", f"{'x' * 250}@acme.example", "ü" * 130 + "@acme.example",
    "a\u00a0@acme.example",
])  # fmt: skip
def test_what_is_none_is_known_too(text):
    assert not is_mail_address(text)
