"""Users in the browser: added by an invitation, changed, switched off; nobody reaches beyond what is theirs."""

import pytest
from browsing import filled

from caselli.store.models import AuditEntry, Extension, Organization, Role, User

NEW = {"username": "dora", "first_name": "Dora", "last_name": "Desk", "email": "dora@acme.example"}


@pytest.fixture
def alice_page(cast, at):
    User.objects.filter(pk=cast.alice.pk).update(email="alice@acme.example")
    return at("user", cast.alice.pk)


def messages_of(browser, answer):
    return [str(one) for one in browser.get(answer.url).context["messages"]]


def test_a_new_user_is_invited_by_mail(cast, admin, at, fill, mailoutbox):
    answer = fill(admin, at("user-add"), **NEW, organization=str(cast.clinic.pk), role=Role.USER)
    dora = User.objects.get(username="dora")
    assert (dora.organization, dora.role, dora.has_usable_password()) == (cast.clinic, Role.USER, False)
    assert [one.to for one in mailoutbox] == [["dora@acme.example"]]
    assert "dora" in mailoutbox[0].body
    assert messages_of(admin, answer) == [
        "Dora Desk (dora) is added. The invitation is on its way to dora@acme.example."
    ]
    assert "Invited" in admin.get(at("users")).content.decode()


def test_a_link_to_set_a_new_password_goes_out_by_mail(cast, olivia, at, alice_page, mailoutbox):
    assert "Send a link to set a new password" in olivia.get(alice_page).content.decode()
    olivia.post(at("user-link", cast.alice.pk))
    assert [one.to for one in mailoutbox] == [["alice@acme.example"]]
    assert User.objects.get(pk=cast.alice.pk).check_password("secret")


def test_who_has_no_mail_address_is_told_about_instead(cast, olivia, at, mailoutbox):
    answer = olivia.post(at("user-link", cast.bob.pk))
    assert mailoutbox == []
    assert "has no mail address" in messages_of(olivia, answer)[0]


def test_who_is_switched_off_is_signed_out_at_once_and_stays_out(cast, olivia, browser_of, alice_page, at, fill):
    alice, other = browser_of(cast.alice), browser_of(cast.bob)
    assert alice.get(at("extensions")).status_code == 200
    fill(olivia, alice_page, is_active=None)
    assert alice.get(at("extensions")).url.startswith("/login")
    fill(olivia, alice_page, is_active="on")
    assert alice.get(at("extensions")).url.startswith("/login"), "the old session came back to life"
    assert other.get(at("extensions")).status_code == 200


def test_nobody_locks_themselves_out(cast, admin, at, fill):
    User.objects.filter(pk=cast.admin.pk).update(email="admin@acme.example")
    fill(admin, at("user", cast.admin.pk), role=Role.USER, is_active=None, first_name="Ada")
    kept = User.objects.get(pk=cast.admin.pk)
    assert (kept.first_name, kept.role, kept.is_active) == ("Ada", Role.ADMINISTRATOR, True)


def test_an_organizations_administrator_adds_only_to_their_own(cast, olivia, at, fill):
    fill(olivia, at("user-add"), **NEW, role=Role.USER, organization=str(cast.rival.pk))
    assert User.objects.get(username="dora").organization == cast.clinic


def test_an_organizations_administrator_cannot_make_administrators(cast, olivia, at, alice_page, fill, troubles):
    answer = fill(olivia, at("user-add"), **NEW, role=Role.ADMINISTRATOR)
    assert [field for field, _ in troubles(answer)] == ["Role"]
    answer = fill(olivia, alice_page, role=Role.ADMINISTRATOR)
    assert [field for field, _ in troubles(answer)] == ["Role"]
    fill(olivia, alice_page, is_superuser="on", is_staff="on", password="known", role=Role.ORGANIZATION_ADMINISTRATOR)
    alice = User.objects.get(pk=cast.alice.pk)
    assert (alice.role, alice.is_superuser, alice.is_staff) == (Role.ORGANIZATION_ADMINISTRATOR, False, False)
    assert alice.check_password("secret")


def test_an_organizations_administrator_moves_nobody_away(cast, olivia, alice_page, fill):
    fill(olivia, alice_page, organization=str(cast.rival.pk), first_name="Alicia")
    kept = User.objects.get(pk=cast.alice.pk)
    assert (kept.first_name, kept.organization) == ("Alicia", cast.clinic)


def test_an_administrator_is_no_organizations_to_change(cast, olivia, at):
    User.objects.filter(pk=cast.admin.pk).update(organization=cast.clinic)
    assert olivia.get(at("user", cast.admin.pk)).status_code == 404
    assert olivia.post(at("user-link", cast.admin.pk)).status_code == 404
    assert cast.admin not in olivia.get(at("users")).context["users"]


def test_only_an_administrator_of_the_server_needs_no_organization(cast, admin, at, fill, troubles):
    answer = fill(admin, at("user-add"), **NEW, role=Role.USER)
    assert troubles(answer) == [("Organization", "Choose the organization this person belongs to.")]
    assert filled(answer)["username"] == "dora"


def test_who_owns_extensions_stays_in_their_organization(cast, admin, alice_page, fill, troubles):
    answer = fill(admin, alice_page, organization=str(cast.rival.pk))
    assert troubles(answer) == [("Organization", "Give the extensions to somebody else first: 0003*210.")]


def test_who_moves_away_approves_no_more_where_they_were(cast, admin, alice_page, fill):
    Extension.objects.filter(pk=cast.desk.pk).update(owner=cast.bob)
    Extension.objects.filter(pk=cast.lab.pk).update(approver=cast.alice)
    assert fill(admin, alice_page, organization=str(cast.rival.pk)).status_code == 302
    assert Extension.objects.get(pk=cast.lab.pk).approver is None


def test_a_login_is_nobody_elses(cast, admin, at, fill, troubles):
    answer = fill(admin, at("user-add"), **NEW | {"username": "bob"}, organization=str(cast.clinic.pk))
    assert troubles(answer) == [("Login", "Somebody has this login already. Choose another one.")]


def test_users_are_found_by_name_login_and_mail(cast, admin, olivia, alice_page, at):
    def found(browser, query=""):
        return {one.username for one in browser.get(at("users") + query).context["users"]}

    assert found(admin) == {"admin", "olivia", "alice", "bob", "charlie"}
    assert found(admin, "?find=alice@acme") == {"alice"}
    assert found(admin, "?find=Char") == {"charlie"}
    assert found(admin, f"?organization={cast.rival.pk}") == {"charlie"}
    assert found(olivia, f"?organization={cast.rival.pk}") == {"olivia", "alice", "bob"}
    assert found(olivia, "?find=charlie") == set()


def test_what_was_changed_stands_on_the_audit_list(cast, olivia, alice_page, fill):
    fill(olivia, alice_page, role=Role.ORGANIZATION_ADMINISTRATOR)
    entry = AuditEntry.objects.get()
    assert (entry.person, entry.organization, entry.ip) == (cast.olivia, cast.clinic, "192.0.2.7")
    assert entry.changes == [{"field": "Role", "old": "User", "new": "Organization administrator"}]


def test_an_organization_that_is_empty_asks_for_its_first_user(admin, at):
    fresh = Organization.objects.create(number="9", name="Fresh")
    words = admin.get(f"{at('users')}?organization={fresh.pk}").content.decode()
    assert "There is no user yet" in words
    assert f"{at('user-add')}?organization={fresh.pk}" in words
