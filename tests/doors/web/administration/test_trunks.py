"""Trunks and blocked destinations in the browser."""

from datetime import timedelta

import pytest
from django.utils import timezone

from caselli.store.models import AuditEntry, BlockedDestination, Trunk

NEW = {"name": "Berlin", "host": "sip.example.com", "port": "5070", "username": "us", "password": "very-secret"}


@pytest.fixture
def ours(cast):
    """A trunk of the clinic's own, taken before the other."""
    return Trunk.objects.create(
        organization=cast.clinic, name="Ours", host="127.0.0.2", password="very-secret", position=5
    )


def test_trunks_stand_in_the_order_they_are_taken(cast, admin, olivia, ours, at):
    assert [one.trunk.name for one in admin.get(at("trunks")).context["trunks"]] == ["Ours", "Provider"]
    assert [one.trunk.name for one in olivia.get(at("trunks")).context["trunks"]] == ["Ours"]
    narrowed = admin.get(f"{at('trunks')}?organization={cast.rival.pk}")
    assert "Rival Lab has no trunk of its own" in narrowed.content.decode()


def test_a_trunk_that_did_not_answer_says_so_and_when_it_gets_calls_again(admin, olivia, ours, at):
    ours.down_until = timezone.now() + timedelta(minutes=4)
    ours.save()
    for person in (admin, olivia):
        assert "Does not answer" in person.get(at("trunks")).content.decode()
        page = person.get(at("trunk", ours.pk)).content.decode()
        assert "It did not answer: other trunks that lead to a number are taken before it. That ends at " in page
    ours.down_until = timezone.now() - timedelta(seconds=1)
    ours.save()
    assert "Does not answer" not in admin.get(at("trunks")).content.decode()


def test_a_trunk_is_added_and_its_password_never_shown(cast, admin, at, fill):
    add = f"{at('trunk-add')}?organization={cast.clinic.pk}"
    answer = fill(admin, add, **NEW)
    kept = Trunk.objects.get(name="Berlin")
    assert (kept.organization, kept.port, kept.password, kept.channels) == (cast.clinic, 5070, "very-secret", 2)
    assert "very-secret" not in admin.get(answer.url).content.decode()
    assert "very-secret" not in str(AuditEntry.objects.get().changes)
    assert "very-secret" not in admin.get(at("audit")).content.decode()


def test_an_empty_password_leaves_it_as_it_is(admin, ours, at, fill):
    fill(admin, at("trunk", ours.pk), name="Renamed")
    kept = Trunk.objects.get(pk=ours.pk)
    assert (kept.name, kept.password) == ("Renamed", "very-secret")
    assert [one["field"] for one in AuditEntry.objects.get().changes] == ["Name"]


@pytest.mark.parametrize(
    ("field", "wrong"),
    [("host", "sip:example.com"), ("port", "65536"), ("channels", "0"), ("prefix", "0049"), ("calls_a_second", "1001")],
)
def test_a_wrong_row_is_said_beside_its_field(admin, at, fill, troubles, field, wrong):
    answer = fill(admin, at("trunk-add"), **NEW | {field: wrong, "password": ""})
    troubles(answer)
    assert [one.to for one in answer.context["shown"].troubles] == [f"id_{field}"]


def test_a_password_is_asked_for_again_where_something_else_is_wrong(admin, at, fill, troubles):
    answer = fill(admin, at("trunk-add"), **NEW | {"port": "0"})
    told = dict(troubles(answer))
    assert told.keys() == {"Port", "Password"}
    assert told["Password"].startswith("Type it again")
    assert "very-secret" not in answer.content.decode()


def test_a_trunk_is_switched_off_and_on_and_two_clicks_are_one(admin, ours, at):
    for wish, enabled in (("off", False), ("off", False), ("on", True)):
        admin.post(at("trunk-switch", ours.pk), {"enabled": wish})
        assert Trunk.objects.get(pk=ours.pk).enabled is enabled
    changes = [one.changes[0] for one in AuditEntry.objects.order_by("pk")]
    assert [(one["old"], one["new"]) for one in changes] == [("on", "off"), ("off", "on")]


def test_a_trunk_is_removed_after_a_question(admin, ours, at):
    page = at("trunk-remove", ours.pk)
    assert "Remove the trunk Ours?" in admin.get(page).content.decode()
    assert admin.post(page).url == at("trunks")
    assert not Trunk.objects.filter(pk=ours.pk).exists()
    assert AuditEntry.objects.get().deed == "removed"
    assert admin.post(page).status_code == 404


def test_an_organizations_administrator_reads_their_trunk(cast, olivia, ours, at):
    answer = olivia.get(at("trunk", ours.pk))
    facts = {one.name: one.value for one in answer.context["facts"]}
    assert (facts["Host"], facts["For"], facts["In service"]) == ("127.0.0.2", "0003 Acme Clinic", "yes")
    words = answer.content.decode()
    assert "very-secret" not in words
    assert "Switch off" not in words
    for name in ("trunk", "trunk-switch", "trunk-remove"):
        assert olivia.post(at(name, ours.pk), NEW).status_code == 404
    assert olivia.get(at("trunk", cast.trunk.pk)).status_code == 404
    assert Trunk.objects.get(pk=ours.pk).name == "Ours"


def test_a_destination_is_blocked_and_unblocked(cast, olivia, at, fill):
    fill(olivia, at("blocked-add"), prefix="+1 900", reason="premium numbers")
    blocked = BlockedDestination.objects.get()
    assert (blocked.organization, blocked.prefix) == (cast.clinic, "+1900")
    assert "Unblock +1900?" in olivia.get(at("blocked-remove", blocked.pk)).content.decode()
    olivia.post(at("blocked-remove", blocked.pk))
    assert not BlockedDestination.objects.exists()
    assert [one.deed for one in AuditEntry.objects.order_by("pk")] == ["added", "removed"]


def test_an_organizations_administrator_blocks_for_their_own_alone(cast, olivia, at, fill):
    for organization in ("", str(cast.rival.pk)):
        fill(olivia, at("blocked-add"), prefix=f"+88{len(organization)}", organization=organization)
    assert set(BlockedDestination.objects.values_list("organization", flat=True)) == {cast.clinic.pk}


def test_what_is_blocked_for_everybody_stays_for_an_organizations_administrator(olivia, admin, at):
    everywhere = BlockedDestination.objects.create(prefix="+882")
    assert "set by the server’s administrator" in olivia.get(at("blocked")).content.decode()
    assert olivia.post(at("blocked-remove", everywhere.pk)).status_code == 404
    assert admin.post(at("blocked-remove", everywhere.pk)).status_code == 302


def test_a_destination_is_blocked_once(cast, admin, at, fill, troubles):
    BlockedDestination.objects.create(prefix="+882")
    assert troubles(fill(admin, at("blocked-add"), prefix="+882"))[0][1] == "+882 is on the list already."
    assert fill(admin, at("blocked-add"), prefix="+882", organization=str(cast.clinic.pk)).status_code == 302
    assert "a plus, then digits" in troubles(fill(admin, at("blocked-add"), prefix="1900"))[0][1]
