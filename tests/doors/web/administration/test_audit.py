"""The audit list in the browser."""

import pytest
from django.utils import timezone

from caselli.directory.audit import Actor, Change, note
from caselli.doors.web.views.administration.audit import PAGE_SIZE
from caselli.store.models import AuditEntry, Organization


@pytest.fixture
def changed(cast):
    def change(subject, organization=None, kind="trunk", **fields):
        actor = Actor(cast.admin, "192.0.2.9")
        note(actor, AuditEntry.Deed.CHANGED, kind, subject, organization, [Change("Name", "<old>", "new")])

    return change


def subjects(answer):
    return [one.subject for one, _ in answer.context["entries"]]


def test_it_tells_who_when_from_where_what_old_and_new(cast, admin, changed, at):
    changed("Provider", cast.clinic)
    words = admin.get(at("audit")).content.decode()
    for said in (
        "Admin (admin)",
        "changed trunk",
        "Provider",
        "192.0.2.9",
        "Acme Clinic",
        "Name",
        "&lt;old&gt;",
        "new",
    ):
        assert said in words
    assert f'datetime="{AuditEntry.objects.get().at.isoformat()}"' in words


def test_an_organizations_administrator_sees_only_theirs(cast, olivia, changed, at):
    for subject, organization in (("Ours", cast.clinic), ("Foreign", cast.rival), ("Server", None)):
        changed(subject, organization)
    assert subjects(olivia.get(at("audit"))) == ["Ours"]


def test_its_pages_are_turned_by_key_and_keep_the_search(admin, changed, at):
    for count in range(PAGE_SIZE + 3):
        changed(f"Trunk {count}")
    changed("Other", kind="user")
    first = admin.get(f"{at('audit')}?kind=trunk&find=Trunk")
    assert subjects(first) == [f"Trunk {count}" for count in range(PAGE_SIZE + 2, 2, -1)]
    changed("Trunk new")
    second = admin.get(f"{at('audit')}?{first.context['older']}")
    assert subjects(second) == ["Trunk 2", "Trunk 1", "Trunk 0"]
    assert second.context["older"] == ""


def test_it_is_searched_by_kind_person_and_thing(cast, admin, changed, at):
    changed("Provider")
    changed("Alice", kind="user")
    page = at("audit")
    assert subjects(admin.get(f"{page}?kind=user")) == ["Alice"]
    assert subjects(admin.get(f"{page}?find=prov")) == ["Provider"]
    assert subjects(admin.get(f"{page}?find=admin")) == ["Alice", "Provider"]
    assert "No change like that is on the list" in admin.get(f"{page}?find=nothing").content.decode()
    assert subjects(admin.get(f"{page}?kind=nonsense&older=nonsense")) == ["Alice", "Provider"]


def test_an_empty_list_says_what_it_is_for(admin, at):
    assert "Nothing was changed yet" in admin.get(at("audit")).content.decode()


def test_times_are_told_in_the_zone_of_the_reader(cast, olivia, changed, at):
    changed("Ours", cast.clinic)
    assert Organization.objects.get(pk=cast.clinic.pk).time_zone == "America/New_York"
    assert "Times are in America/New York" in olivia.get(at("audit")).content.decode()
    assert AuditEntry.objects.get().at <= timezone.now()
