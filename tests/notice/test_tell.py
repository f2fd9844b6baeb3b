"""Who hears what of a fax, in a mail that any mail program reads."""

import datetime as dt

import pytest
from asgiref.sync import sync_to_async
from django.db import connections, transaction
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from caselli.approval.request import ask
from caselli.fax.causes import ALL
from caselli.fax.outcome import CallEnd, CallReport, PageReport, Transport
from caselli.fax.submission import Submission
from caselli.intake import promised
from caselli.notice import chores
from caselli.queue import decide
from caselli.store import blobs
from caselli.store.models import Document, Extension, Fax, Notify, OutgoingMail, Preferences, ReceivedFax, User

GOOD = "+12025550100"
BAD = "+12025550107"
CONFIRMED = CallReport(
    CallEnd.COMPLETED,
    seconds=44.4,
    answered=True,
    sip_code=200,
    t30_code=0,
    transport=Transport.T38,
    pages=(PageReport(1, confirmed=True, rate=14_400, ecm=True, width=1728, length=2292, size=25_600, seconds=18.8),),
)
REPORTS = {GOOD: CONFIRMED}


def name_documents(fax, *names):
    for position, name in enumerate(names, 1):
        Document.objects.create(fax=fax, position=position, name=name, kind="pdf", blob="0" * 64, size=1, pages=1)


def words(mail):
    return mail.get_body(("plain",)).get_content().replace("\r\n", "\n")


def test_a_sent_fax_is_told_to_the_owner_of_the_extension(make_fax, mails, end_calls):
    fax = make_fax(GOOD)
    name_documents(fax, "letter.pdf")
    end_calls(REPORTS)
    (mail,) = mails()
    assert mail["To"].addresses[0].addr_spec == "alice@acme.example"
    assert mail["Subject"] == "Sent: letter.pdf to +1 202-555-0100"
    assert f"https://fax.acme.example{reverse('fax', args=[fax.uid])}" in words(mail)
    assert "Status:     Sent\n" in words(mail)
    assert list(mail.iter_attachments()) == []


def test_a_fax_whose_files_never_came_is_told_once_as_a_failed_one(cast, mails):
    submission = Submission(cast.desk.pk, "api", (GOOD,), (), person_id=cast.alice.pk, pre_approved=True)
    promised.announce(submission, [promised.Announced("letter.pdf")])
    assert mails() == []
    for minutes in (11, 12):
        promised.drop_overdue(timezone.now() + dt.timedelta(minutes=minutes))
    (mail,) = mails()
    assert mail["To"].addresses[0].addr_spec == "alice@acme.example"
    assert mail["Subject"] == "Send Failed: letter.pdf to +1 202-555-0100"
    assert "Pages:      no pages\n" in words(mail)
    assert "“letter.pdf” never came, for which there were 10 minutes." in words(mail)
    assert ALL["never_whole"].sentence in words(mail)


def test_a_failed_fax_is_told_with_reason_and_remedy_for_each_recipient(make_fax, mails, end_calls):
    fax = make_fax(BAD)
    end_calls(REPORTS)
    (mail,) = mails()
    delivery = fax.deliveries.get()
    delivery.refresh_from_db()
    text = words(mail)
    assert "Status:     Send Failed\n" in text
    assert "- +1 202-555-0107: Failed\n" in text
    assert ALL[delivery.cause].sentence in text
    assert ALL[delivery.cause].remedy in text
    assert "Send it again, or see what happened: https://fax.acme.example/faxes/" in text


def test_a_fax_that_reached_some_says_whom(make_fax, mails, end_calls):
    make_fax(GOOD, BAD)
    end_calls(REPORTS)
    (mail,) = mails()
    assert mail["Subject"] == "Partially Sent: fax to 1 of 2 recipients"
    assert "Status:     Partially Sent" in words(mail)
    assert "- +1 202-555-0100: Delivered\n" in words(mail)
    assert "- +1 202-555-0107: Failed\n" in words(mail)


def test_sending_again_is_told_again_and_the_same_end_only_once(make_fax, mails, end_calls, cast):
    fax = make_fax(BAD)
    end_calls(REPORTS)
    first = ProcrastinateJob.objects.filter(task_name=chores.tell.name).latest("id")
    assert len(mails()) == 1
    chores.tell(**first.args)
    assert len(mails()) == 1
    decide.resend(Fax.objects.get(pk=fax.pk), cast.alice, None)
    end_calls(REPORTS)
    assert len(mails()) == 2


def test_a_fax_to_a_colleague_is_told_to_both(make_fax, mails):
    make_fax("0003*211", pages=2)
    by_person = {one["To"].addresses[0].addr_spec: one for one in mails()}
    assert set(by_person) == {"alice@acme.example", "bob@acme.example"}
    got = by_person["bob@acme.example"]
    assert got["Subject"] == "Fax received from 0003*210, 2 pages"
    received = ReceivedFax.objects.get()
    assert f"https://fax.acme.example{reverse('received-fax', args=[received.pk])}" in words(got)
    assert "erased" not in words(got)


def test_who_wants_no_mail_gets_none(make_fax, mails, end_calls):
    Extension.objects.update(notify=Notify.OFF)
    make_fax(GOOD, "0003*211")
    end_calls(REPORTS)
    assert mails() == []


def test_who_wants_the_fax_gets_it_as_pdf(make_fax, mails, tmp_path, a_page):
    Extension.objects.update(notify=Notify.FAX)
    fax = make_fax("0003*211")
    digest = blobs.keep(a_page)
    Fax.objects.filter(pk=fax.pk).update(pages_blob=digest)
    ReceivedFax.objects.update(blob=digest)
    for mail in mails():
        (attached,) = mail.iter_attachments()
        assert attached.get_content_type() == "application/pdf"
        assert attached.get_content().startswith(b"%PDF-")
        assert "The fax is attached." in words(mail)


def test_where_the_pages_are_gone_the_mail_comes_without_them(make_fax, mails):
    Extension.objects.update(notify=Notify.FAX)
    make_fax("0003*211")
    ReceivedFax.objects.update(blob="0" * 64)
    Fax.objects.update(pages_blob="")
    assert [list(one.iter_attachments()) for one in mails()] == [[], []]


def test_what_a_person_cancelled_is_not_told(make_fax, mails, cast):
    fax = make_fax(GOOD)
    decide.cancel(fax, cast.alice, None)
    assert mails() == []


def test_who_is_switched_off_or_has_no_address_gets_no_mail(make_fax, mails, cast):
    User.objects.filter(pk=cast.alice.pk).update(is_active=False)
    User.objects.filter(pk=cast.bob.pk).update(email="")
    make_fax("0003*211")
    assert mails() == []


def test_times_are_those_of_the_extension(make_fax, mails, cast):
    Extension.objects.update(time_zone="Europe/Berlin")
    fax = make_fax("0003*211")
    Fax.objects.filter(pk=fax.pk).update(added_at=dt.datetime(2026, 7, 1, 22, 5, tzinfo=dt.UTC))
    mail = next(one for one in mails() if "alice" in one["To"])
    assert "Handed in:  2 July 2026, 00:05\n" in words(mail)
    assert "Times are in Europe/Berlin." in words(mail)


@pytest.mark.parametrize(
    "name",
    ["x\r\nBcc: everybody@example.com\r\n\r\nbody.pdf", "Übersicht für Zoë – 请.pdf", "{link}.pdf", "a" * 255],
)
def test_the_name_of_a_document_is_only_a_name(make_fax, mails, name):
    fax = make_fax("0003*211")
    name_documents(fax, name)
    mail = next(one for one in mails() if "alice" in one["To"])
    assert mail["Bcc"] is None
    assert mail["Subject"].startswith(f"Sent: {' '.join(name.split())[:20]}")
    assert len(mail["Subject"]) <= 180
    assert [one.addr_spec for one in mail["To"].addresses] == ["alice@acme.example"]
    assert mail.defects == []


def test_a_mail_says_what_it_is_to_other_mail_programs(make_fax, mails, home):
    make_fax("0003*211")
    for mail in mails():
        assert mail["Auto-Submitted"] == "auto-generated"
        assert mail["Message-ID"].endswith("@fax.acme.example>")
        assert mail["From"].addresses[0].addr_spec == "caselli@fax.acme.example"
        assert mail["Date"].datetime.tzinfo is not None
    for file in (home / "mail").iterdir():
        assert file.stat().st_mode & 0o777 == 0o600
        assert b"\n" not in file.read_bytes().replace(b"\r\n", b"")


def test_a_name_in_any_script_is_encoded(make_fax, mails, cast):
    User.objects.filter(pk=cast.bob.pk).update(first_name="Zoë", last_name="“Quotes”, Ltd", email="zoe@bücher.example")
    make_fax("0003*211")
    mail = next(one for one in mails() if "Fax received" in one["Subject"])
    assert mail["To"].addresses[0].display_name == "Zoë “Quotes”, Ltd"
    assert mail["To"].addresses[0].addr_spec == "zoe@xn--bcher-kva.example"


def test_an_address_in_any_script_is_kept_as_it_is(make_fax, mails, cast):
    User.objects.filter(pk=cast.bob.pk).update(email="zoë@bücher.example")
    make_fax("0003*211")
    assert len(mails()) == 2
    assert OutgoingMail.objects.filter(recipients=["zoë@xn--bcher-kva.example"]).exists()


@pytest.mark.django_db(transaction=True)
def test_no_notice_is_promised_of_what_did_not_happen(cast, make_fax):
    ProcrastinateJob.objects.all().delete()

    def all_for_nothing():
        with transaction.atomic():
            make_fax("0003*211")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        all_for_nothing()
    assert not ProcrastinateJob.objects.exists()
    make_fax("0003*211")
    assert sorted(one.args["what"] for one in ProcrastinateJob.objects.all()) == ["ended", "received"]


def test_who_may_say_yes_hears_that_a_fax_waits(make_fax, mails, cast):
    User.objects.exclude(pk__in=[cast.olivia.pk, cast.admin.pk]).update(email="")
    fax = make_fax(GOOD, hold=True)
    ask(fax, timezone.now())
    first, second = mails()
    assert {first["To"].addresses[0].addr_spec, second["To"].addresses[0].addr_spec} == {
        "olivia@acme.example",
        "admin@acme.example",
    }
    assert first["Subject"] == "Waits for your approval: fax to +1 202-555-0100"
    assert "Status:     Not approved\n" in words(first)
    assert "By:         Alice\n" in words(first)
    assert f"https://fax.acme.example{reverse('approval', args=[fax.uid])}" in words(first)
    assert "cancelled after 7 days" in words(first)


def test_the_link_of_an_approval_leads_to_the_host_of_the_preferences(make_fax, mails, cast):
    Preferences.objects.update_or_create(id=1, defaults={"approval_host": "yes.acme.example"})
    fax = make_fax(GOOD, hold=True)
    ask(fax, timezone.now())
    assert f"https://yes.acme.example{reverse('approval', args=[fax.uid])}" in words(mails()[0])


def test_only_the_named_one_hears_it_and_nobody_after_it_was_decided(make_fax, mails, cast):
    Extension.objects.update(approver=cast.bob)
    ask(make_fax(GOOD, hold=True), timezone.now())
    (mail,) = mails()
    assert mail["To"].addresses[0].addr_spec == "bob@acme.example"
    decided = make_fax(GOOD, hold=True)
    ask(decided, timezone.now())
    decide.cancel(Fax.objects.get(pk=decided.pk), cast.alice, None)
    assert len(mails()) == 1


def test_all_tags_of_a_notice_are_filled(make_fax, mails, end_calls):
    make_fax(GOOD)
    make_fax(BAD)
    make_fax(GOOD, BAD, "0003*211")
    end_calls(REPORTS)
    for mail in mails():
        assert "{" not in mail["Subject"] + words(mail)


def test_the_same_mail_is_put_down_once(make_fax, mails):
    make_fax("0003*211")
    mails()
    for one in OutgoingMail.objects.all():
        assert (one.state, bytes(one.content)) == ("kept", b"")


@pytest.mark.django_db(transaction=True)
async def test_a_notice_whose_process_died_over_it_is_told_all_the_same(cast, make_fax):
    def die_over_it():
        make_fax("0003*211")
        ProcrastinateJob.objects.filter(status="todo").update(status="doing")

    def states():
        return set(ProcrastinateJob.objects.filter(task_name=chores.tell.name).values_list("status", flat=True))

    await sync_to_async(die_over_it)()
    await chores.take_up_stalled(timestamp=0)
    assert await sync_to_async(states)() == {"todo"}
    await sync_to_async(connections.close_all)()  # the thread's own
