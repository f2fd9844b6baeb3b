"""Extensions in the browser: who they are, and their fax settings."""

import pytest
from browsing import filled

from caselli.store.models import AuditEntry, Extension, Organization, Share


@pytest.fixture
def settings_page(cast, at):
    return at("extension-settings", cast.desk.extended)


def extensions_in(answer):
    return [one.extended for one in answer.context["extensions"]]


def test_an_administrator_chooses_the_organization_first(cast, admin, at, fill):
    words = admin.get(at("extension-add")).content.decode()
    assert f"{at('extension-add')}?organization={cast.rival.pk}" in words
    add = f"{at('extension-add')}?organization={cast.rival.pk}"
    owners = next(
        bound for part in admin.get(add).context["shown"].parts for bound in part.fields if bound.name == "owner"
    )
    assert [str(one) for _, one in owners.field.choices] == ["choose a user", "Charlie (charlie)"]
    answer = fill(admin, add, number="320", name="Desk", owner=str(cast.charlie.pk))
    assert answer.url == at("extension-settings", "0004*320")
    assert Extension.objects.get(number="320").organization == cast.rival


def test_an_extension_belongs_to_a_user_of_its_organization(cast, admin, olivia, at, fill, troubles):
    for browser in (admin, olivia):
        add = f"{at('extension-add')}?organization={cast.clinic.pk}"
        answer = fill(browser, add, number="320", name="Desk", owner=str(cast.charlie.pk))
        assert [field for field, _ in troubles(answer)] == ["Owner"]
        answer = fill(browser, at("administered-extension", cast.desk.pk), owner=str(cast.charlie.pk))
        assert [field for field, _ in troubles(answer)] == ["Owner"]
    assert not Extension.objects.filter(owner=cast.charlie).exclude(pk=cast.foreign.pk).exists()


def test_no_extension_moves_to_another_organization(cast, admin, olivia, at, fill):
    for browser in (admin, olivia):
        fill(browser, at("administered-extension", cast.desk.pk), organization=str(cast.rival.pk), name="Moved")
    fill(
        olivia, f"{at('extension-add')}?organization={cast.rival.pk}", number="330", name="New", owner=str(cast.bob.pk)
    )
    assert set(Extension.objects.filter(organization=cast.rival).values_list("number", flat=True)) == {"310"}
    assert Extension.objects.get(number="330").organization == cast.clinic


def test_an_organization_without_users_asks_for_one_first(admin, at):
    fresh = Organization.objects.create(number="9", name="Fresh")
    words = admin.get(f"{at('extension-add')}?organization={fresh.pk}").content.decode()
    assert "Fresh has no user yet" in words
    assert f"{at('user-add')}?organization={fresh.pk}" in words


def test_extensions_are_found_across_organizations(cast, admin, olivia, at):
    page = at("administered-extensions")
    assert extensions_in(admin.get(page)) == ["0003*210", "0003*211", "0004*310"]
    assert extensions_in(admin.get(f"{page}?find=charlie")) == ["0004*310"]
    assert extensions_in(admin.get(f"{page}?organization={cast.clinic.pk}&find=lab")) == ["0003*211"]
    assert extensions_in(olivia.get(page)) == ["0003*210", "0003*211"]
    assert extensions_in(olivia.get(f"{page}?organization={cast.rival.pk}")) == ["0003*210", "0003*211"]


def test_manage_extensions_is_in_groups_for_an_administrator(cast, admin, olivia, at):
    words = admin.get(at("extensions")).content.decode()
    assert words.index("<h2>Acme Clinic") < words.index("Front desk") < words.index("<h2>Rival Lab")
    narrowed = admin.get(f"{at('extensions')}?organization={cast.rival.pk}")
    assert [one.extended for one, _ in narrowed.context["extensions"]] == ["0004*310"]
    assert "<h2>" not in olivia.get(at("extensions")).content.decode()


def test_the_owner_sets_what_is_theirs_and_reads_the_rest(cast, browser_of, settings_page, fill):
    alice = browser_of(cast.alice)
    facts = {one.name: one.value for part in alice.get(settings_page).context["shown"].parts for one in part.facts}
    assert facts == {
        "Fax is on": "yes",
        "Who approves": "the organization’s administrators",
        "Proven senders need not confirm": "no",
        "Caller number": "–",
        "Storage allowance, MB": "–",
    }
    given = {
        "authorized": "Alice@Acme.example, bob@acme.example",
        "mail_content": "both",
        "mail_cut": "on",
        "mail_cover": "on",
        "station_id": "+1 202 555 0210",
        "header_line": "Acme",
        "time_zone": "europe/paris",
        "delete_after_days": "30",
        "notify": "fax",
    }
    forbidden = {
        "fax_enabled": None,
        "approver": str(cast.alice.pk),
        "caller_number": "+12025550100",
        "storage_megabytes": "999",
        "mail_trusted": "on",
    }
    assert fill(alice, settings_page, **given, **forbidden).url == settings_page
    desk = Extension.objects.get(pk=cast.desk.pk)
    assert (desk.fax_enabled, desk.approver, desk.caller_number, desk.storage_megabytes) == (True, None, "", None)
    assert (desk.time_zone, desk.delete_after_days, desk.notify) == ("Europe/Paris", 30, "fax")
    assert (desk.mail_content, desk.mail_cut, desk.mail_cover, desk.mail_trusted) == ("both", True, True, False)
    assert [one.address for one in desk.authorized_addresses.all()] == ["alice@acme.example", "bob@acme.example"]


def test_an_administrator_sets_every_row(cast, olivia, settings_page, fill):
    shown = olivia.get(settings_page).context["shown"]
    fields = [bound for part in shown.parts for bound in part.fields]
    assert {bound.name for bound in fields} == {bound.name for bound in fields[0].form}
    answer = fill(olivia, settings_page, approver=str(cast.bob.pk), caller_number="(202) 555-0210", fax_enabled=None)
    assert answer.status_code == 302
    desk = Extension.objects.get(pk=cast.desk.pk)
    assert (desk.approver, desk.caller_number, desk.fax_enabled) == (cast.bob, "+12025550210", False)


@pytest.mark.parametrize(
    ("field", "wrong", "said"),
    [
        ("authorized", "alice at acme", "is not a mail address"),
        ("station_id", "ACME", "Write digits, plus signs and blanks alone, like +1 202 555 0210."),
        ("station_id", "+1 202 555 0210 12345", "Write at most 20 characters; these are 21."),
        ("header_line", "x" * 61, "Write at most 60 characters; these are 61."),
        ("caller_number", "211", "That is an extension."),
        ("time_zone", "Nowhere", "There is no time zone “Nowhere”."),
        ("storage_megabytes", "0", "Write a whole number, 1 to 1,000,000."),
        ("delete_after_days", "3651", "Write a whole number, 1 to 3,650."),
    ],
)
def test_a_wrong_row_is_said_beside_its_field(olivia, settings_page, fill, troubles, field, wrong, said):
    answer = fill(olivia, settings_page, **{field: wrong})
    assert said in troubles(answer)[0][1]
    assert answer.context["shown"].troubles[0].to == f"id_{field}"
    assert filled(answer)[field] == wrong


def test_an_approver_of_another_organization_is_refused(cast, olivia, settings_page, fill, troubles):
    assert [field for field, _ in troubles(fill(olivia, settings_page, approver=str(cast.charlie.pk)))] == [
        "Who approves"
    ]


def test_who_only_sends_from_it_does_not_set_it(cast, browser_of, settings_page, at):
    Share.objects.create(extension=cast.desk, user=cast.bob, may_act=True)
    bob = browser_of(cast.bob)
    assert bob.get(settings_page).status_code == 404
    assert "Fax settings" not in bob.get(at("extension", cast.desk.extended)).content.decode()
    assert "Fax settings" in browser_of(cast.alice).get(at("extension", cast.desk.extended)).content.decode()


def test_an_address_on_two_extensions_is_told_to_whom_both_concern(cast, admin, olivia, settings_page, fill, at):
    fill(olivia, at("extension-settings", cast.lab.extended), authorized="a@acme.example")
    fill(admin, at("extension-settings", cast.foreign.extended), authorized="a@acme.example")
    fill(olivia, settings_page, authorized="A@Acme.example\nb@acme.example")
    words = olivia.get(settings_page).content.decode()
    assert "On other extensions too: a@acme.example (211). The subjects of mails from there begin with" in words
    assert "a@acme.example (211), a@acme.example (0004*310)" in admin.get(settings_page).content.decode()


def test_the_audit_list_tells_the_rows(cast, browser_of, settings_page, fill):
    fill(browser_of(cast.alice), settings_page, header_line="Acme", authorized="a@acme.example", mail_content="text")
    changes = {one["field"]: (one["old"], one["new"]) for one in AuditEntry.objects.get().changes}
    assert changes == {"Header line": ("–", "Acme"), "Authorized sender addresses": ("–", "a@acme.example")} | {
        "What of a mail is sent": ("the attachments; the text where there are none", "the text")
    }


def test_manage_extensions_leads_to_the_settings_of_those_one_sets_up(cast, browser_of, at):
    Share.objects.create(extension=cast.desk, user=cast.bob, may_act=True)
    words = browser_of(cast.bob).get(at("extensions")).content.decode()
    assert at("extension-settings", cast.lab.extended) in words
    assert at("sent", cast.desk.extended) in words
    assert at("extension-settings", cast.desk.extended) not in words
