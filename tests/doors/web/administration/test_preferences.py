"""Server fax preferences in the browser."""

import pytest

from caselli.doors.web.views.administration.preferences import PARTS
from caselli.store.models import AuditEntry, Preferences


@pytest.fixture
def preferences(at):
    return at("preferences")


def test_every_row_is_there_with_its_help(admin, preferences):
    answer = admin.get(preferences)
    fields = [bound for part in answer.context["shown"].parts for bound in part.fields]
    assert {bound.name for bound in fields} == {one.name for one in Preferences._meta.fields} - {"id"}
    assert all(bound.help_text for bound in fields)
    assert len(fields) == sum(len(part.names) for part in PARTS)


def test_what_is_saved_acts_at_once_and_is_on_the_audit_list(cast, admin, preferences, fill):
    answer = fill(admin, preferences, files_limit="7", email_accepted="on", fax_address="fax@例え.example")
    assert answer.url == preferences
    row = Preferences.current()
    assert (row.files_limit, row.email_accepted, row.fax_address) == (7, True, "fax@例え.example")
    entry = AuditEntry.objects.get()
    assert (entry.person, entry.ip, entry.kind) == (cast.admin, "192.0.2.7", "server fax preferences")
    assert {"field": "Files per fax", "old": "5", "new": "7"} in entry.changes
    assert {"field": "Accept faxes by email", "old": "off", "new": "on"} in entry.changes


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("mail_megabytes", "0"),
        ("mail_megabytes", "101"),
        ("files_limit", "11"),
        ("recipients_limit", "1000"),
        ("confirmation_interval", "59"),
        ("negotiation_limit", "301"),
        ("unconfirmed_days", "366"),
        ("sent_days", "3651"),
        ("files_limit", "many"),
        ("files_limit", ""),
        ("fax_address", "fax at example"),
        ("front_server", "mx.example.com; dmarc=pass"),
        ("approval_host", "https://fax.example.com"),
    ],
)
def test_a_wrong_value_is_said_beside_its_field_and_nothing_typed_is_lost(admin, preferences, fill, field, wrong):
    before = Preferences.current().__dict__ | {"_state": None}
    answer = fill(admin, preferences, **{"recipients_limit": "12", field: wrong})
    form = {bound.name: bound for part in answer.context["shown"].parts for bound in part.fields}
    assert [one.to for one in answer.context["shown"].troubles] == [f"id_{field}"]
    assert form[field].value() == wrong
    words = answer.content.decode()
    assert f'<a href="#id_{field}">' in words
    assert f'aria-describedby="id_{field}-hint id_{field}-errors"' in words
    assert field == "recipients_limit" or form["recipients_limit"].value() == "12"
    assert Preferences.current().__dict__ | {"_state": None} == before


def test_the_answer_to_a_wrong_number_says_what_may_stand_there(admin, preferences, fill, troubles):
    for wrong in ("0", "11", "many", "1.5", "9" * 40):
        answer = fill(admin, preferences, files_limit=wrong)
        assert troubles(answer) == [("Files per fax", "Write a whole number, 1 to 10.")]


def test_sent_faxes_can_be_kept_for_ever(admin, preferences, fill):
    fill(admin, preferences, sent_days="")
    assert Preferences.current().sent_days is None


def test_saving_what_is_so_already_is_no_change(admin, preferences, fill):
    fill(admin, preferences)
    assert not AuditEntry.objects.exists()
