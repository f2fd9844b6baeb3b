"""Answers to mails that were to be faxed: to the authorized address alone, once, in their thread, to no machine."""

import datetime as dt
import re
from email.parser import BytesParser
from email.policy import SMTP

import pytest
from django.db.models import F
from django.utils import timezone

from caselli.approval import confirm, decide
from caselli.approval.request import ask, content_of
from caselli.notice import answer
from caselli.queue import decide as queue_decide
from caselli.store import blobs, journey
from caselli.store.models import (
    AuthorizedAddress,
    Channel,
    Extension,
    Fax,
    IncomingMail,
    MailTemplate,
    Notify,
    Organization,
    Preferences,
    Role,
    User,
)
from caselli.store.promise import TELL, promise

GOOD = "+12025550100"
BAD = "+12025550107"
MESSAGE_ID = f"<{'AM0PR01MB1234567890ABCDEF' * 4}@AM0PR01.eurprd01.prod.exchangelabs.example>"


@pytest.fixture
def take_mail(cast, make_fax):
    """A mail of Zoe's, who has no login, as it is when it has become a fax that waits for her yes."""
    AuthorizedAddress.objects.create(extension=cast.desk, address="zoe@practice.example")

    def take(*numbers, sender="zoe@practice.example", subject="+1 202 555 0100", fax=True, **columns):
        mail = IncomingMail.objects.create(
            via="smtp",
            sender=sender,
            subject=subject,
            message_id=MESSAGE_ID,
            extension=cast.desk,
            received_at=timezone.now(),
            **{"state": "faxed" if fax else "refused", "dmarc": "pass"} | columns,
        )
        if fax:
            made = make_fax(*numbers or (GOOD,), hold=True)
            Fax.objects.filter(pk=made.pk).update(channel=Channel.EMAIL, added_by=None, seconds_on_line=64.6)
            IncomingMail.objects.filter(pk=mail.pk).update(fax=made)
            ask(Fax.objects.get(pk=made.pk), timezone.now())
        return IncomingMail.objects.get(pk=mail.pk)

    return take


def promised(what, **arguments):
    promise(TELL, what=what, **arguments)


def answers(mails, to="zoe@practice.example"):
    return [one for one in mails() if [a.addr_spec for a in one["To"].addresses] == [to]]


def words(mail):
    return mail.get_body(("plain",)).get_content().replace("\r\n", "\n")


def link_in(mail):
    (found,) = re.findall(r"https://\S*/confirm/(\S+)", words(mail))
    return found


def test_who_sent_a_fax_by_mail_is_asked_for_a_yes(take_mail, mails, settings):
    Preferences.objects.update_or_create(id=1, defaults={"approval_host": "yes.acme.example"})
    mail = take_mail(GOOD, "0003*211", left_out=["invite.ics is a calendar entry."])
    promised("confirm", fax_id=mail.fax_id)
    (asked,) = answers(mails)
    text = words(asked)
    assert asked["Subject"] == "Waits for your yes: fax to +1 202-555-0100, 0003*211 Lab, 1 page"
    assert "To:         +1 202-555-0100, 0003*211 Lab\n" in text
    assert "Pages:      1 page, about 1 min 05 s on the line\n" in text
    assert "Extension:  210 Front desk\n" in text
    assert "Your mail:  +1 202 555 0100\n" in text
    assert "Sender:     proven: practice.example stands behind this mail (DMARC)\n" in text
    assert "Not in the fax:\n- invite.ics is a calendar entry.\n" in text
    assert "You have not sent this mail?" in text
    assert "second person" not in text
    assert "https://yes.acme.example/confirm/" in text
    assert confirm.read_token(link_in(asked)).fax == mail.fax
    assert "{" not in text


def test_the_question_belongs_to_the_thread_of_the_mail(take_mail, mails, home):
    promised("confirm", fax_id=take_mail().fax_id)
    (asked,) = answers(mails)
    assert asked["In-Reply-To"] == asked["References"] == MESSAGE_ID
    assert asked["Auto-Submitted"] == "auto-replied"
    assert asked["X-Auto-Response-Suppress"] == "All"
    raw = b"".join(file.read_bytes() for file in (home / "mail").iterdir())
    assert f"In-Reply-To: {MESSAGE_ID}\r\n" in re.sub(rb"\r\n[ \t]+", b" ", raw).decode()


@pytest.mark.parametrize("broken", ["", "no id", "<a@b>\r\nBcc: x@y.example", "<a b@c>", "<" + "a" * 290 + "@b>"])
def test_a_message_id_that_is_none_is_not_repeated(take_mail, mails, broken):
    take_mail()
    IncomingMail.objects.update(message_id=broken)
    (asked,) = answers(mails)
    assert (asked["In-Reply-To"], asked["Bcc"], asked.defects) == (None, None, [])


def test_the_same_question_is_asked_once_and_again_where_the_fax_was_changed(take_mail, mails):
    mail = take_mail()
    for _ in range(2):
        promised("confirm", fax_id=mail.fax_id)
        assert len(answers(mails)) == 1
    mail.fax.deliveries.update(destination=BAD)
    promised("confirm", fax_id=mail.fax_id)
    assert len(answers(mails)) == 2


def test_nobody_is_asked_about_what_was_decided(take_mail, mails):
    mail = take_mail()
    confirm.decline(mail.fax, "192.0.2.7")
    promised("confirm", fax_id=mail.fax_id)
    promised("erased_soon", fax_id=mail.fax_id)
    assert answers(mails) == []


def test_a_second_persons_yes_is_announced(take_mail, mails):
    Organization.objects.update(approve_all=True)
    promised("confirm", fax_id=take_mail().fax_id)
    assert "After your yes, Acme Clinic asks a second person for theirs.\n" in words(answers(mails)[0])


@pytest.mark.parametrize("happening", ["confirm", "erased_soon", "mail_refused", "ended"])
@pytest.mark.parametrize("why", ["automatic", "address taken away", "organization switched off"])
def test_some_are_never_answered(take_mail, mails, end_calls, happening, why):
    mail = take_mail(fax=happening != "mail_refused", automatic=why == "automatic")
    if happening == "ended":
        confirmed(mail)
        end_calls({})
    if why == "address taken away":
        AuthorizedAddress.objects.all().delete()
    if why == "organization switched off":
        Organization.objects.update(enabled=False)
    if happening == "mail_refused":
        promised(happening, mail_id=mail.pk)
    elif happening != "ended":
        promised(happening, fax_id=mail.fax_id)
    assert answers(mails) == []


def test_a_fax_that_will_be_erased_is_announced_with_its_link(take_mail, mails):
    Extension.objects.update(time_zone="Europe/Berlin")
    mail = take_mail()
    Fax.objects.update(added_at=dt.datetime(2030, 6, 24, 22, 5, tzinfo=dt.UTC))
    promised("erased_soon", fax_id=mail.fax_id)
    warned = answers(mails)[-1]
    assert warned["Subject"] == "Not sent, erased soon: fax to +1 202-555-0100, 1 page"
    assert "It is erased on 2 July 2030, 00:05.\n" in words(warned)
    assert confirm.read_token(link_in(warned)).fax == mail.fax


def test_who_sent_it_hears_that_a_second_person_declined(take_mail, mails, cast):
    Organization.objects.update(approve_all=True)
    mail = take_mail()
    confirmed(mail)
    decide.refuse(Fax.objects.get(pk=mail.fax_id), cast.olivia, None, "It belongs into the post.")
    (told,) = [one for one in answers(mails) if one["Subject"].startswith("Not sent")]
    assert "Olivia declined to send it: It belongs into the post.\n" in words(told)
    assert "/confirm/" in words(told)


def test_who_sent_it_hears_that_somebody_cancelled_it(take_mail, mails, cast):
    mail = take_mail()
    queue_decide.cancel(Fax.objects.get(pk=mail.fax_id), cast.alice, None)
    assert [one["Subject"] for one in answers(mails)] == ["Not sent: fax to +1 202-555-0100, 1 page"]
    assert "Alice cancelled it.\n" in words(answers(mails)[0])


@pytest.mark.parametrize("who", ["sender", "nobody"])
def test_who_said_no_or_nothing_is_not_told_so(take_mail, mails, who):
    mail = take_mail()
    if who == "sender":
        confirm.decline(mail.fax, None)
    else:
        journey.cancel_unreleased(Fax.objects.get(pk=mail.fax_id), journey.By(timezone.now()))
    assert answers(mails) == []


def confirmed(mail):
    confirm.confirm(mail.fax, "192.0.2.7", content_of(mail.fax))


def kinds(mail):
    return [(one.get_filename()[:6], one.get_content()[:5]) for one in mail.iter_attachments()]


def test_who_sent_it_gets_the_report(take_mail, mails, end_calls, cast, a_page):
    Extension.objects.update(notify=Notify.OFF)
    mail = take_mail(BAD)
    confirmed(mail)
    end_calls({})
    (told,) = answers(mails)
    assert told["Subject"] == "Send Failed: fax to +1 202-555-0107"
    assert kinds(told) == [("report", b"%PDF-")]
    assert "The transmission report is attached.\n" in words(told)
    assert "There is no such number.\n" in words(told)
    assert confirm.read_token(link_in(told)).fax == mail.fax
    assert told["In-Reply-To"] == MESSAGE_ID
    assert answers(mails, "alice@acme.example") == []


def test_the_fax_is_attached_where_the_extension_wants_it_and_the_owner_hears_too(take_mail, mails, end_calls, a_page):
    Extension.objects.update(notify=Notify.FAX)
    mail = take_mail("0003*211")
    Fax.objects.update(pages_blob=blobs.keep(a_page))
    confirmed(mail)
    (told,) = answers(mails)
    assert [one[0] for one in kinds(told)] == ["report", "fax fa"]
    assert "The transmission report and the fax are attached.\n" in words(told)
    owner = next(one for one in answers(mails, "alice@acme.example") if one["Subject"].startswith("Sent"))
    assert kinds(owner) == [("fax fa", b"%PDF-")]
    assert "/faxes/" in words(owner)
    assert owner["In-Reply-To"] is None


def test_an_owner_who_sent_it_by_mail_hears_once(take_mail, mails, cast):
    AuthorizedAddress.objects.create(extension=cast.desk, address="alice@acme.example")
    confirmed(take_mail("0003*211", sender="alice@acme.example"))
    (told,) = [one for one in answers(mails, "alice@acme.example") if one["Subject"].startswith("Sent")]
    assert kinds(told) == [("report", b"%PDF-")]


def test_of_a_mail_that_is_forgotten_nobody_is_told(mails):
    promise(TELL, what="mail_refused", mail_id=999_999)
    assert mails() == []


def test_a_refused_mail_is_told_once_with_what_to_mend_and_an_example(take_mail, mails, cast):
    Preferences.objects.update_or_create(id=1, defaults={"fax_address": "fax@acme.example"})
    AuthorizedAddress.objects.create(extension=cast.lab, address="zoe@practice.example")
    said = "The subject names nobody.\nletter.doc is a Word document. Save it as PDF."
    mail = take_mail(fax=False, subject="Hello\r\nBcc: x@y.example", words=said)
    promised("mail_refused", mail_id=mail.pk)
    promised("mail_refused", mail_id=mail.pk)
    (told,) = answers(mails)
    assert told["Subject"] == "Not faxed: Hello Bcc: x@y.example"
    assert told["Bcc"] is None
    assert "- The subject names nobody.\n- letter.doc is a Word document. Save it as PDF.\n" in words(told)
    assert "    To:        fax@acme.example\n    Subject:   0003*210: +1 201-555-0123\n" in words(told)


def test_a_machine_that_answers_our_answers_is_not_answered_for_ever(take_mail, mails):
    for _ in range(answer.REFUSALS_AN_HOUR + 3):
        mail = take_mail(fax=False, words="No.", ended_at=timezone.now())
        promised("mail_refused", mail_id=mail.pk)
    assert len(answers(mails)) == answer.REFUSALS_AN_HOUR
    IncomingMail.objects.update(ended_at=F("ended_at") - dt.timedelta(hours=1))
    promised("mail_refused", mail_id=take_mail(fax=False, words="No.", ended_at=timezone.now()).pk)
    assert len(answers(mails)) == answer.REFUSALS_AN_HOUR + 1


def test_a_reply_goes_to_a_person_where_our_sender_takes_none(take_mail, mails, settings, cast):
    promised("confirm", fax_id=take_mail().fax_id)
    (asked,) = answers(mails)
    assert asked["Reply-To"].addresses[0].addr_spec == "alice@acme.example"
    User.objects.filter(pk=cast.alice.pk).update(is_active=False)
    assert User.objects.get(pk=cast.olivia.pk).role == Role.ORGANIZATION_ADMINISTRATOR
    promised("confirm", fax_id=take_mail(BAD).fax_id)
    assert answers(mails)[-1]["Reply-To"].addresses[0].addr_spec == "olivia@acme.example"


def test_an_organization_says_it_in_its_own_words(take_mail, mails, cast):
    MailTemplate.objects.create(
        organization=cast.clinic, happening="confirm", subject="Your fax to {to}", body="Go on:\n{left_out}\n{link}"
    )
    take_mail(subject="{link}")
    (asked,) = answers(mails)
    assert asked["Subject"] == "Your fax to +1 202-555-0100"
    assert words(asked).startswith("Go on:\nhttps://fax.acme.example/confirm/")


def test_the_mails_are_read_by_any_program(take_mail, mails, home):
    promised("confirm", fax_id=take_mail(subject="Ü" * 90).fax_id)
    mails()
    for file in (home / "mail").iterdir():
        content = file.read_bytes()
        parsed = BytesParser(policy=SMTP).parsebytes(content)
        assert parsed.defects == []
        assert max(len(line) for line in content.split(b"\r\n")) < 998
