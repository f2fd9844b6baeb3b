"""An organization's own words for its mails: written, looked at, kept, taken back; and sent."""

import html
import re

import pytest
from browsing import filled

from caselli.notice import wording
from caselli.notice.rules import Happening
from caselli.store.models import AuditEntry, MailTemplate

SUBJECT, BODY = "Fax {document}: done", "Good day,\n\nit went to {to}.\n\n{link}"


@pytest.fixture
def place(cast, at):
    return lambda happening="sent", what="mail-template": at(what, cast.clinic.pk, happening)


def words_of(answer):
    return html.unescape(re.sub(r"<[^>]+>", "", answer.content.decode()))


def test_the_list_says_which_mails_are_in_ones_own_words(cast, olivia, at, place, fill):
    fill(olivia, place(), subject=SUBJECT, body=BODY)
    rows = olivia.get(at("mail-templates", cast.clinic.pk)).context["rows"]
    assert [one.happening for one in rows] == [one.value for one in Happening]
    assert [(one.happening, one.subject) for one in rows if one.own] == [("sent", SUBJECT)]
    assert "1 in its own words" in words_of(olivia.get(at("organization", cast.clinic.pk)))


def test_own_words_begin_with_ours_and_are_kept_with_an_entry_in_the_audit_list(cast, olivia, place, fill):
    assert filled(olivia.get(place()))["subject"] == wording.parted(wording.ours(Happening.SENT))[0]
    assert fill(olivia, place(), subject=SUBJECT, body=BODY.replace("\n", "\r\n")).status_code == 302
    assert wording.text_of(Happening.SENT, cast.clinic.pk) == f"Subject: {SUBJECT}\n\n{BODY}"
    assert wording.text_of(Happening.SENT, cast.rival.pk) == wording.ours(Happening.SENT)
    entry = AuditEntry.objects.get()
    assert (entry.deed, entry.kind, entry.subject, entry.organization) == ("added", "mail text", "sent", cast.clinic)
    told = {one["field"]: one["new"] for one in entry.changes}
    assert told == {"Subject": SUBJECT, "Text": "Good day, it went to {to}. {link}"}


@pytest.mark.parametrize(
    ("happening", "changes", "label", "said"),
    [
        ("sent", {"body": "See {lnik}"}, "Text", "{lnik} is no tag of this mail. Did you mean {link}?"),
        ("sent", {"body": "To { To }"}, "Text", "{ To } is no tag of this mail. Did you mean {to}?"),
        ("received", {"subject": "{fates}"}, "Subject", "{fates} is no tag of this mail."),
        ("sent", {"subject": "One\nTwo"}, "Subject", "Subject has a line break in it. Write it in one line."),
        ("sent", {"subject": "{fates}"}, "Subject", "{fates} may have several lines: put it into the text."),
        ("sent", {"subject": ""}, "Subject", "Fill this in."),
        ("sent", {"body": "a" * 10_001}, "Text", "Write at most 10,000 characters; these are 10,001."),
        ("confirm", {"body": "Press the button."}, "Text", "Put {link} into the text"),
        ("erased_soon", {"body": "Too late."}, "Text", "Put {link} into the text"),
        ("mail_refused", {"body": "No."}, "Text", "Put {refusals} into the text"),
        ("sent", {}, "", "These are Caselli’s own words. There is nothing to keep."),
    ],
)
def test_what_cannot_be_sent_is_said_beside_its_field(olivia, place, fill, troubles, happening, changes, label, said):
    answer = fill(olivia, place(happening), **changes)
    ((where, words),) = troubles(answer)
    assert where == label
    assert words.startswith(said)
    assert not MailTemplate.objects.exists()


def test_two_who_write_at_once_hear_of_each_other(olivia, admin, place, fill):
    fill(olivia, place(), subject=SUBJECT, body=BODY)
    opened = filled(olivia.get(place()))
    fill(admin, place(), subject="Theirs")
    answer = olivia.post(place(), opened | {"subject": "Mine"})
    assert answer.status_code == 422
    assert "it is “Theirs” now, you chose “Mine”" in words_of(answer)


def test_the_preview_shows_what_is_typed_with_sample_values_and_keeps_nothing(olivia, place, htmx):
    typed = filled(olivia.get(place())) | {"subject": "Fax to {to}", "body": "Dear {nobody},\r\n\r\n{link}"}
    alone = olivia.post(place(what="mail-template-preview"), typed, headers=htmx(place()))
    told = words_of(alone)
    assert "Fax to +1 202-555-0100" in told
    assert "Dear {nobody},\n\nhttps://fax.example.com/" in told
    assert "{nobody} is no tag of this mail." in told
    assert "<html" not in alone.content.decode()
    whole = olivia.post(place(what="mail-template-preview"), typed)
    assert whole.status_code == 200
    assert filled(whole)["body"].replace("\r\n", "\n") == "Dear {nobody},\n\n{link}"
    assert "nothing was saved" not in words_of(whole)
    assert not MailTemplate.objects.exists()


def test_a_preview_does_not_make_one_forget_what_others_did(olivia, admin, place, fill):
    fill(olivia, place(), subject=SUBJECT, body=BODY)
    opened = filled(olivia.get(place()))
    fill(admin, place(), subject="Theirs")
    looked = filled(olivia.post(place(what="mail-template-preview"), opened | {"subject": "Mine"}))
    assert olivia.post(place(), looked).status_code == 422


def test_ours_are_taken_again_after_a_question(cast, olivia, place, fill):
    assert olivia.get(place(what="mail-template-ours")).status_code == 404
    fill(olivia, place(), subject=SUBJECT, body=BODY)
    assert "Take Caselli’s words" in words_of(olivia.get(place(what="mail-template-ours")))
    assert olivia.post(place(what="mail-template-ours")).url == place()
    assert wording.text_of(Happening.SENT, cast.clinic.pk) == wording.ours(Happening.SENT)
    assert AuditEntry.objects.latest("id").deed == "removed"


def test_a_mail_that_there_is_not_has_no_page(olivia, place):
    assert olivia.get(place("birthday")).status_code == 404
