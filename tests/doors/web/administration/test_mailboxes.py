"""The mailboxes that faxes are fetched from, in the browser. What happens in them: tests/doors/mail/test_fetch.py."""

from datetime import timedelta

import pytest
from django.utils import timezone

from caselli.store.models import AuditEntry, MailSource

NEW = {"name": "Provider", "host": "imap.example.com", "username": "fax@example.com", "password": "very-secret"}
BY_TOKEN = {
    "token_url": "https://login.example.com/token",
    "client_id": "caselli",
    "client_secret": "hush-hush",
    "refresh_token": "token-of-old",
    "password": "",
}


@pytest.fixture
def ours(db):
    return MailSource.objects.create(**NEW)


def words_of(answer):
    return " ".join(answer.content.decode().split())


def test_a_mailbox_is_added_and_its_secrets_are_never_shown(admin, at, fill):
    assert "No mailbox yet" in words_of(admin.get(at("mailboxes")))
    answer = fill(admin, at("mailbox-add"), **NEW | BY_TOKEN)
    kept = MailSource.objects.get()
    assert (kept.port, kept.security, kept.folder, kept.done_folder, kept.refused_folder) == (
        993,
        "tls",
        "INBOX",
        "Faxed",
        "Not faxed",
    )
    assert (kept.client_secret, kept.refresh_token, kept.enabled) == ("hush-hush", "token-of-old", True)
    told = words_of(admin.get(answer.url)) + words_of(admin.get(at("audit"))) + str(AuditEntry.objects.get().changes)
    for secret in ("hush-hush", "token-of-old"):
        assert secret not in told
    assert "Provider" in words_of(admin.get(at("mailboxes")))


def test_empty_secrets_leave_them_as_they_are(admin, ours, at, fill):
    fill(admin, at("mailbox", ours.pk), name="Renamed")
    kept = MailSource.objects.get()
    assert (kept.name, kept.password) == ("Renamed", "very-secret")
    assert [one["field"] for one in AuditEntry.objects.get().changes] == ["Name"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"host": "https://imap.example.com"}, "host"),
        ({"port": "0"}, "port"),
        ({"token_url": "http://login.example.com/token"}, "token_url"),
        ({"token_url": "https://login.example.com/token", "refresh_token": "x"}, "client_id"),
        ({"token_url": "https://login.example.com/token", "client_id": "x"}, "refresh_token"),
        ({"done_folder": "inbox"}, "done_folder"),
        ({"done_folder": "Same", "refused_folder": "Same"}, "refused_folder"),
        ({"refused_folder": ""}, "refused_folder"),
    ],
)
def test_what_cannot_work_is_said_beside_its_field(admin, ours, at, fill, changes, field):
    answer = fill(admin, at("mailbox", ours.pk), **changes)
    assert answer.status_code == 422
    assert f"id_{field}" in [one.to for one in answer.context["shown"].troubles]


def test_a_mailbox_needs_a_password_or_what_oauth_needs(admin, at, fill):
    wanting = fill(admin, at("mailbox-add"), **NEW | {"password": ""})
    assert [one.to for one in wanting.context["shown"].troubles] == ["id_password"]
    own = BY_TOKEN | {"refresh_token": "", "token_scope": "https://outlook.office365.com/.default"}
    assert fill(admin, at("mailbox-add"), **NEW | own).status_code == 302


def test_a_mailbox_is_switched_off_and_on_and_two_clicks_are_one(admin, ours, at):
    for wish, enabled in (("off", False), ("off", False), ("on", True)):
        admin.post(at("mailbox-switch", ours.pk), {"enabled": wish})
        assert MailSource.objects.get().enabled is enabled
    changes = [one.changes[0] for one in AuditEntry.objects.order_by("pk")]
    assert [(one["old"], one["new"]) for one in changes] == [("on", "off"), ("off", "on")]


def test_a_mailbox_is_removed_after_a_question(admin, ours, at):
    page = at("mailbox-remove", ours.pk)
    assert "Remove the mailbox Provider?" in words_of(admin.get(page))
    assert admin.post(page).url == at("mailboxes")
    assert not MailSource.objects.exists()
    assert admin.post(page).status_code == 404


@pytest.mark.parametrize(
    ("state", "word"),
    [
        ({"enabled": False, "trouble": "old"}, "Switched off"),
        ({"trouble": "imap.example.com refused the login"}, "Trouble"),
        ({}, "Not looked at yet"),
        ({"looked_at": timedelta(minutes=2)}, "Fetching"),
        ({"looked_at": timedelta(minutes=20)}, "Not looked at"),
    ],
)
def test_the_pages_say_how_it_goes(admin, ours, at, state, word):
    if "looked_at" in state:
        state = state | {"looked_at": timezone.now() - state["looked_at"]}
    MailSource.objects.update(**state)
    for page in (at("mailboxes"), at("mailbox", ours.pk)):
        answer = admin.get(page)
        assert f"{word}</span>" in answer.content.decode()
        assert ("refused the login" in answer.content.decode()) == (word == "Trouble")


def test_the_last_refused_mails_are_shown_with_the_reason(admin, ours, at):
    entry = {
        "at": timezone.now().isoformat(),
        "key": "<1@example.com>",
        "sender": "<b>mallory</b>@example.com",
        "subject": "+12025550100",
        "words": "Nobody may fax from this address.\nAsk an administrator.",
        "answered": False,
    }
    MailSource.objects.update(refused=[entry])
    words = words_of(admin.get(at("mailbox", ours.pk)))
    assert "&lt;b&gt;mallory&lt;/b&gt;@example.com" in words
    assert "<p>Nobody may fax from this address.</p><p>Ask an administrator.</p>" in words
    assert "Nobody was told" in words


def test_a_test_says_in_words_what_is_wrong(admin, ours, at):
    MailSource.objects.update(host="127.0.0.1", port=1)
    answer = admin.post(at("mailbox-test", ours.pk), follow=True)
    assert "Nothing listens at 127.0.0.1:1. Check the port" in words_of(answer)
    assert MailSource.objects.get().trouble == ""
