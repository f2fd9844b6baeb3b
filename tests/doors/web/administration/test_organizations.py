"""Organizations in the browser."""

import pytest

from caselli.doors.web.views.administration.organizations import PARTS
from caselli.store.models import AuditEntry, Organization


def test_every_field_of_the_form_is_on_the_page(admin, at):
    shown = admin.get(at("organization-add")).context["shown"]
    form = {bound.name for bound in shown.parts[0].fields[0].form}
    assert {bound.name for part in shown.parts for bound in part.fields} == form
    assert {name for part in PARTS for name in part.names} == form


def test_an_organization_is_added_and_leads_on(admin, at, fill):
    answer = fill(
        admin, at("organization-add"), number="0005", name="New", country="germany", time_zone="europe/berlin"
    )
    kept = Organization.objects.get(number="0005")
    assert answer.url == at("organization", kept.pk)
    assert (kept.country, kept.time_zone, kept.enabled, kept.dials_limit) == ("DE", "Europe/Berlin", True, 12)
    words = admin.get(answer.url).content.decode()
    assert "0 users" in words
    assert f"{at('users')}?organization={kept.pk}" in words
    assert AuditEntry.objects.get().deed == "added"


@pytest.mark.parametrize(
    ("field", "wrong", "sentence"),
    [
        ("number", "0003", "Another organization has this number already. Choose another one."),
        ("number", "a", "Write 1 to 6 digits, like 0004."),
        ("name", "", "Fill this in."),
        ("country", "Atlantis", "There is no country “Atlantis”. Write its name, or its two letters like US or DE."),
        ("time_zone", "Mars/Base", "There is no time zone “Mars/Base”. Write it like Europe/Berlin."),
        ("ring_limit", "4", "Write a whole number, 5 to 300."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(admin, cast, at, fill, troubles, field, wrong, sentence):
    right = {"number": "0005", "name": "New", "country": "DE"}
    answer = fill(admin, at("organization-add"), **right | {field: wrong})
    assert [text for _, text in troubles(answer)] == [sentence]
    assert answer.context["shown"].troubles[0].to == f"id_{field}"


def test_its_own_administrator_sets_what_is_theirs(cast, olivia, at, fill):
    page = at("organization", cast.clinic.pk)
    facts = {one.name: one.value for part in olivia.get(page).context["shown"].parts for one in part.facts}
    assert facts == {"Number": "0003", "In service": "yes"}
    fill(olivia, page, approve_over_pages="20", number="0009", enabled=None)
    kept = Organization.objects.get(pk=cast.clinic.pk)
    assert (kept.approve_over_pages, kept.number, kept.enabled) == (20, "0003", True)


def test_organizations_are_listed_with_how_much_belongs_to_them(cast, admin, at):
    found = {one.number: (one.people, one.phones) for one in admin.get(at("organizations")).context["organizations"]}
    assert found == {"0003": (3, 2), "0004": (1, 1)}
    assert [one.number for one in admin.get(f"{at('organizations')}?find=rival").context["organizations"]] == ["0004"]
    assert "No organization is called “nothing”" in admin.get(f"{at('organizations')}?find=nothing").content.decode()


def test_where_there_is_none_the_list_says_what_to_do(admin, at, cast):
    cast.admin.organization = None
    for one in (cast.desk, cast.lab, cast.foreign, cast.olivia, cast.alice, cast.bob, cast.charlie):
        one.delete()
    Organization.objects.all().delete()
    assert "There is no organization yet" in admin.get(at("organizations")).content.decode()
    assert "There is no organization yet" in admin.get(at("extension-add")).content.decode()
