"""The sender of a mail says yes by its link: once, to what was looked at; used again, it sends the rest again."""

import threading
from datetime import timedelta

import pytest
from django.core import signing
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from caselli.approval import confirm, decide, request, waiting
from caselli.approval.confirm import Became
from caselli.approval.request import content_of
from caselli.directory.access import faxes_seen_by
from caselli.fax.outcome import CallEnd, CallReport
from caselli.fax.refusals import Refusal, RefusalKind
from caselli.fax.status import FaxStatus
from caselli.history.declined import why_not_sent
from caselli.history.purge import purge
from caselli.intake.readdress import readdress
from caselli.queue import decide as queue
from caselli.queue import report
from caselli.queue.claim import claim
from caselli.store import blobs, journey
from caselli.store.models import (
    AuthorizedAddress,
    Delivery,
    Event,
    Fax,
    IncomingMail,
    Preferences,
    Share,
    User,
    searchable,
)
from caselli.store.promise import TELL

HOME, ABROAD = "+12025550100", "+493012345678"
SENDER = "alice@acme.example"
IP = "192.0.2.9"


@pytest.fixture
def by_mail(cast):
    """A fax as a mail leaves it, waiting for its sender."""
    AuthorizedAddress.objects.get_or_create(extension=cast.desk, address=SENDER)

    def make(*numbers, author=None, days=0):
        now = timezone.now()
        fax = Fax.objects.create(
            organization=cast.clinic,
            extension=cast.desk,
            channel="email",
            pages=1,
            pages_blob=blobs.keep(b"pages of a fax"),
            added_at=now - timedelta(days=days),
            added_by=author,
            sent_to=searchable(numbers or (HOME,)),
        )
        for position, number in enumerate(numbers or (HOME,), 1):
            Delivery.objects.create(
                fax=fax,
                organization=cast.clinic,
                extension=cast.desk,
                position=position,
                given=number,
                destination=number,
            )
        IncomingMail.objects.create(
            via="smtp", state="faxed", sender=SENDER, extension=cast.desk, received_at=now, ended_at=now, fax=fax
        )
        journey.advance_fax(fax, FaxStatus.RENDERED, journey.By(now))
        request.ask(fax, now)
        return fresh(fax)

    return make


def fresh(fax):
    return Fax.objects.get(pk=fax.pk)


def mail_of(fax):
    return IncomingMail.objects.get(fax=fax)


def notes_of(fax):
    return [one.note for one in Event.objects.filter(fax=fax, delivery=None) if one.note]


def told():
    """What was promised to be told, in order."""
    faxes = list(Fax.objects.values_list("pk", flat=True))  # those of other tests may have left their jobs
    jobs = ProcrastinateJob.objects.filter(task_name=TELL, args__fax_id__in=faxes)
    return list(jobs.order_by("id").values_list("args__what", flat=True))


def yes(fax, ip=IP):
    return confirm.confirm(fax, ip, content_of(fax))


def later(fax, seconds=301):
    """So much time passes since the link was used."""
    IncomingMail.objects.filter(fax=fax).update(link_used_at=timezone.now() - timedelta(seconds=seconds))


def fails(fax):
    for one in claim("dialer"):
        report.ended(one.attempt_id, CallReport(CallEnd.REJECTED, sip_code=404))
    return fresh(fax)


def refused(kind, deed, *arguments):
    with pytest.raises(Refusal) as found:
        deed(*arguments)
    assert found.value.kind is kind, found.value
    return str(found.value)


# The link


def test_the_link_leads_to_its_fax_as_long_as_it_waits(by_mail):
    fax = by_mail(days=2)
    token = confirm.token_of(fax)
    link = confirm.read_token(token)
    assert (link.fax, link.mail) == (fax, mail_of(fax))
    assert abs(link.ends_at - (fax.added_at + timedelta(days=7))) < timedelta(seconds=1)
    assert len(token) == 100
    assert set(token) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")
    assert token[-1].isalnum()
    assert SENDER not in token


def test_of_a_fax_that_does_not_wait_it_is_good_for_thirty_days(by_mail):
    fax = by_mail()
    yes(fax)
    ends_at = confirm.read_token(confirm.token_of(fresh(fax))).ends_at
    assert timedelta(days=29) < ends_at - timezone.now() <= timedelta(days=30)


def test_each_fax_has_a_link_of_its_own(by_mail):
    assert confirm.token_of(by_mail()) != confirm.token_of(by_mail())


@pytest.mark.parametrize("cut", [1, 20, 57, 90])
def test_a_link_that_was_cut_says_so(by_mail, cut):
    token = confirm.token_of(by_mail())
    assert "not whole" in refused(RefusalKind.LINK_INVALID, confirm.read_token, token[:-cut])


def test_a_link_that_was_changed_is_none(by_mail):
    token = confirm.token_of(by_mail())
    for place in (0, 20, 44, 60, 93):
        other = token[:place] + ("a" if token[place] != "a" else "b") + token[place + 1 :]
        assert "not one of ours" in refused(RefusalKind.LINK_INVALID, confirm.read_token, other)


def test_a_link_for_something_else_with_our_signature_is_none(by_mail):
    fax = by_mail()
    value = confirm.token_of(fax).partition(".")[2]
    signature = signing.Signer(sep=".").signature(value)
    refused(RefusalKind.LINK_INVALID, confirm.read_token, f"{signature}.{value}")


@pytest.mark.parametrize("text", ["", ".", "..", "a" * 300, "é.ü", "x." + "0" * 56])
def test_nonsense_is_no_link(db, text):
    refused(RefusalKind.LINK_INVALID, confirm.read_token, text)


def test_a_link_ends_and_says_when(by_mail):
    fax = by_mail(days=6)
    token = confirm.token_of(fax)
    link = confirm.read_token(token)
    Preferences.objects.update_or_create(id=1, defaults={"unconfirmed_days": 1})
    assert confirm.read_token(token).ends_at == link.ends_at  # a link is good for as long as its mail says
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(confirm.timezone, "now", lambda: link.ends_at)
        with pytest.raises(Refusal, match=r"good until \d+ \w+ \d{4}.*extension 210, or send the mail again") as found:
            confirm.read_token(token)
    assert found.value.field == "expired"


def test_a_link_to_an_erased_fax_says_so(by_mail):
    fax = by_mail()
    token = confirm.token_of(fax)
    Fax.objects.filter(pk=fax.pk).update(status="purged")
    assert "has been erased" in refused(RefusalKind.LINK_INVALID, confirm.read_token, token)


def test_an_address_that_is_authorized_no_more_has_no_link_and_no_yes(by_mail):
    fax = by_mail()
    token = confirm.token_of(fax)
    AuthorizedAddress.objects.all().delete()
    for deed in (lambda: confirm.read_token(token), lambda: yes(fax), lambda: confirm.decline(fax, IP)):
        assert "alice@acme.example may not send faxes" in refused(RefusalKind.LINK_INVALID, deed)
    assert fresh(fax).shown_status == "Not approved"


# The yes


def test_its_sender_is_asked_and_no_second_person(cast, by_mail):
    fax = by_mail()
    assert confirm.waits_for_sender(fax)
    assert told() == ["confirm"]


def test_the_yes_sends_it_and_tells_when_from_where_and_how(by_mail):
    fax = by_mail()
    assert yes(fax) is Became.SENT
    fax, mail = fresh(fax), mail_of(fax)
    assert fax.shown_status == "Scheduled For Sending"
    assert (fax.approved_by, fax.approved_ip, fax.approved_how) == (None, IP, "email")
    assert fax.approved_content == content_of(fax)
    assert (mail.confirmed_at, mail.confirmed_ip) == (fax.approved_at, IP)
    assert notes_of(fax) == [f"approved by email link from {IP}"]
    assert not confirm.waits_for_sender(fax)


def test_a_yes_to_what_it_was_before_changes_nothing(cast, by_mail):
    fax = by_mail()
    seen = content_of(fax)
    readdress(fax, cast.alice, IP, ["211"])
    refused(RefusalKind.CONTENT_CHANGED, confirm.confirm, fax, IP, seen)
    mail = mail_of(fax)
    assert (fresh(fax).shown_status, mail.confirmed_at, mail.link_used_at) == ("Not approved", None, None)
    assert told() == ["confirm", "confirm"]  # with the new recipients
    assert yes(fax) is Became.SENT


def test_where_faxing_is_off_the_yes_is_refused_and_can_be_said_again(cast, by_mail):
    fax = by_mail()
    cast.desk.fax_enabled = False
    cast.desk.save()
    refused(RefusalKind.EXTENSION_FAX_OFF, yes, fax)
    cast.desk.fax_enabled = True
    cast.desk.save()
    assert yes(fax) is Became.SENT


def test_who_acts_on_the_extension_may_confirm_it_signed_in(cast, by_mail):
    for person in (cast.alice, cast.olivia, cast.admin):
        fax = by_mail()
        decide.approve(fax, person, IP, content_of(fax))
        fax = fresh(fax)
        assert (fax.shown_status, fax.approved_by, fax.approved_how) == ("Scheduled For Sending", person, "web")
        assert (mail_of(fax).confirmed_by, mail_of(fax).confirmed_ip) == (person, IP)


def test_a_named_approver_or_a_colleague_who_only_reads_may_not_confirm_it(cast, by_mail):
    cast.desk.approver = cast.bob
    cast.desk.save()
    Share.objects.create(extension=cast.desk, user=cast.bob)
    fax = by_mail()
    refused(RefusalKind.NOT_ALLOWED, decide.approve, fax, cast.bob, IP, content_of(fax))
    refused(RefusalKind.NOT_ALLOWED, decide.refuse, fax, cast.charlie, IP, "No.")
    Share.objects.update(may_act=True)
    decide.approve(fax, cast.bob, IP, content_of(fax))
    assert fresh(fax).shown_status == "Scheduled For Sending"


# The second person


@pytest.fixture
def abroad(cast, by_mail):
    """A mail's fax abroad, where the organization asks for a second person."""
    cast.clinic.approve_abroad = True
    cast.clinic.save()
    return lambda **more: by_mail(ABROAD, **more)


def test_a_second_person_is_asked_after_the_sender(cast, abroad):
    fax = abroad()
    refused(RefusalKind.NOT_ALLOWED, decide.approve, fax, User.objects.get(username="bob"), IP, content_of(fax))
    assert yes(fax) is Became.ASKED
    fax, mail = fresh(fax), mail_of(fax)
    assert (fax.shown_status, fax.approved_at, mail.confirmed_ip) == ("Not approved", None, IP)
    assert told() == ["confirm", "awaits"]
    assert notes_of(fax) == [f"confirmed by email link from {IP}"]
    decide.approve(fax, cast.olivia, "192.0.2.1", content_of(fax))
    fax = fresh(fax)
    assert (fax.shown_status, fax.approved_by, fax.approved_how) == ("Scheduled For Sending", cast.olivia, "web")


def test_the_sender_is_no_second_person(cast, abroad):
    fax = abroad(author=cast.olivia)
    yes(fax)
    refused(RefusalKind.NOT_ALLOWED, decide.approve, fax, cast.olivia, IP, content_of(fax))
    later(fax)
    assert yes(fax) is Became.ASKED
    assert fresh(fax).shown_status == "Not approved"


def test_who_confirmed_it_signed_in_is_no_second_person(cast, abroad):
    fax = abroad()
    decide.approve(fax, cast.olivia, IP, content_of(fax))
    assert fresh(fax).shown_status == "Not approved"
    refused(RefusalKind.NOT_ALLOWED, decide.approve, fresh(fax), cast.olivia, IP, content_of(fax))
    decide.approve(fresh(fax), cast.admin, IP, content_of(fax))
    assert fresh(fax).shown_status == "Scheduled For Sending"


def test_where_nobody_is_left_as_second_person_the_yes_is_refused(cast, abroad):
    fax = abroad()
    User.objects.filter(pk=cast.admin.pk).update(is_active=False)
    refused(RefusalKind.NO_APPROVER, decide.approve, fax, cast.olivia, IP, content_of(fax))
    assert mail_of(fax).confirmed_at is None
    assert yes(fax) is Became.ASKED


def test_who_changes_the_recipients_after_the_yes_vouches_in_place_of_the_sender(cast, abroad):
    fax = abroad()
    yes(fax)
    readdress(fresh(fax), cast.olivia, "192.0.2.5", [ABROAD, HOME])
    mail = mail_of(fax)
    assert (mail.confirmed_by, mail.confirmed_ip) == (cast.olivia, "192.0.2.5")
    assert told() == ["confirm", "awaits"]
    refused(RefusalKind.NOT_ALLOWED, decide.approve, fresh(fax), cast.olivia, IP, content_of(fax))
    decide.approve(fresh(fax), cast.admin, IP, content_of(fax))


def test_what_waits_is_open_to_who_may_say_yes_now(cast, abroad):
    def of(query):
        return {one.username for one in User.objects.all() if query(one).exists()}

    cast.desk.approver = cast.bob
    cast.desk.save()
    fax = abroad()
    assert of(waiting.open_to) == {"admin", "olivia", "alice"}
    assert of(waiting.asked_of) == {"alice"}
    assert of(faxes_seen_by) == {"admin", "olivia", "alice"}
    for person in User.objects.all():
        assert request.may_approve(person, fresh(fax)) == waiting.open_to(person).exists()
    yes(fax)
    assert of(waiting.open_to) == {"admin", "olivia", "bob"}
    assert of(waiting.asked_of) == {"bob"}
    assert of(faxes_seen_by) == {"admin", "olivia", "alice", "bob"}
    IncomingMail.objects.update(confirmed_by=cast.bob)
    assert of(waiting.open_to) == of(waiting.asked_of) == {"admin", "olivia"}
    assert of(faxes_seen_by) == {"admin", "olivia", "alice"}
    for person in User.objects.all():
        assert request.may_approve(person, fresh(fax)) == waiting.open_to(person).exists()


# The second click


def test_a_second_click_too_soon_is_refused_and_changes_nothing(by_mail):
    fax = by_mail()
    yes(fax)
    fails(fax)
    used, events = mail_of(fax).link_used_at, Event.objects.count()
    for deed in (lambda: yes(fax), lambda: confirm.again(fax, IP)):
        assert "in 5 minutes" in refused(RefusalKind.LINK_TOO_SOON, deed)
    assert fresh(fax).shown_status == "Send Failed"
    assert (mail_of(fax).link_used_at, Event.objects.count()) == (used, events)
    assert confirm.again_at(fax) == used + timedelta(seconds=300)


def test_how_long_it_takes_is_said_as_one_would_say_it(by_mail):
    fax = by_mail()
    yes(fax)
    for ago, said in ((260, "in 40 seconds"), (299, "in 1 second."), (30, "in 5 minutes")):
        later(fax, ago)
        assert said in refused(RefusalKind.LINK_TOO_SOON, confirm.again, fax, IP)
    Preferences.objects.update_or_create(id=1, defaults={"confirmation_interval": 36_000})
    assert "in 10 hours" in refused(RefusalKind.LINK_TOO_SOON, confirm.again, fax, IP)


def test_after_that_it_sends_again_what_has_not_arrived_and_only_that(by_mail):
    fax = by_mail(HOME, "+12025550101")
    yes(fax)
    first = fax.deliveries.order_by("position")[0]
    fails(fax)
    Delivery.objects.filter(pk=first.pk).update(status="delivered", cause="delivered")
    later(fax)
    assert confirm.again(fax, "192.0.2.10") is Became.AGAIN
    assert list(fax.deliveries.order_by("position").values_list("status", flat=True)) == ["delivered", "queued"]
    assert notes_of(fax)[-1] == "sent again by email link from 192.0.2.10"
    assert fresh(fax).approved_ip == IP
    refused(RefusalKind.LINK_TOO_SOON, confirm.again, fax, IP)


def test_what_is_on_its_way_or_there_is_not_sent_again(by_mail):
    fax = by_mail()
    yes(fax)
    later(fax)
    used = mail_of(fax).link_used_at
    assert yes(fax) is Became.UNDER_WAY
    Delivery.objects.update(status="delivered", cause="delivered")
    assert confirm.again(fax, IP) is Became.ARRIVED
    assert mail_of(fax).link_used_at == used


def test_an_unknown_outcome_is_not_sent_again_by_a_link(by_mail):
    fax = by_mail()
    yes(fax)
    later(fax)
    Delivery.objects.update(status="unknown", cause="unknown")
    assert "Ask the recipient" in refused(RefusalKind.STEP_IMPOSSIBLE, confirm.again, fax, IP)
    assert fax.deliveries.get().status == "unknown"


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_have_one_effect(by_mail):
    fax = by_mail()
    seen, barrier, said = content_of(fax), threading.Barrier(2), []

    def click():
        try:
            barrier.wait(30)
            said.append(confirm.confirm(fax, IP, seen).name)
        except Refusal as refusal:
            said.append(refusal.kind.value)
        finally:
            connection.close()

    threads = [threading.Thread(target=click) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    assert sorted(said) == ["SENT", "link_too_soon"]
    assert Event.objects.filter(fax=fax, delivery=None, new="released").count() == 1


# The no, and no answer


def test_the_no_cancels_it_and_says_who_and_from_where(by_mail):
    fax = by_mail()
    confirm.decline(fax, IP)
    fax = fresh(fax)
    assert fax.shown_status == "Canceled"
    assert notes_of(fax) == ["declined by its sender", f"declined by email link from {IP}"]
    assert why_not_sent([fax]) == {fax.pk: "Its sender declined to send it."}
    for deed in (lambda: yes(fax), lambda: confirm.again(fax, IP), lambda: confirm.decline(fax, IP)):
        assert "declined by its sender" in refused(RefusalKind.STEP_IMPOSSIBLE, deed)


def test_the_sender_may_say_no_until_the_second_persons_yes(cast, abroad):
    fax, other = abroad(), abroad()
    yes(fax)
    confirm.decline(fax, IP)
    assert fresh(fax).shown_status == "Canceled"
    yes(other)
    decide.approve(fresh(other), cast.olivia, None, content_of(other))
    assert "approved already by Olivia" in refused(RefusalKind.STEP_IMPOSSIBLE, confirm.decline, other, IP)


def test_a_click_after_somebody_cancelled_it_says_so(cast, by_mail):
    fax = by_mail()
    queue.cancel(fax, cast.alice, None)
    assert "cancelled by Alice" in refused(RefusalKind.STEP_IMPOSSIBLE, yes, fax)


def test_what_nobody_confirms_is_erased_a_day_after_its_sender_was_warned_once(by_mail):
    fax = by_mail(days=5)
    purge()
    assert mail_of(fax).warned_at is None
    Fax.objects.update(added_at=timezone.now() - timedelta(days=6, hours=1))
    purge()
    purge()
    assert told() == ["confirm", "erased_soon"]
    assert confirm.holds_until(fresh(fax)) == mail_of(fax).warned_at + timedelta(days=1)
    Fax.objects.update(added_at=timezone.now() - timedelta(days=7, hours=1))
    purge()
    assert fresh(fax).shown_status == "Not approved"  # warned a moment ago
    IncomingMail.objects.update(warned_at=timezone.now() - timedelta(hours=25))
    purge()
    assert fresh(fax).shown_status == "Canceled"
    assert why_not_sent([fresh(fax)]) == {fax.pk: "Nobody approved it in the days allowed."}


def test_of_a_single_day_half_is_the_warning(by_mail):
    Preferences.objects.update_or_create(id=1, defaults={"unconfirmed_days": 1})
    fax = by_mail()
    Fax.objects.update(added_at=timezone.now() - timedelta(hours=11))
    purge()
    assert told() == ["confirm"]
    Fax.objects.update(added_at=timezone.now() - timedelta(hours=13))
    purge()
    assert told() == ["confirm", "erased_soon"]
    assert confirm.holds_until(fresh(fax)) == mail_of(fax).warned_at + timedelta(hours=12)


def test_a_confirmed_one_that_no_second_person_wants_is_given_up_without_a_warning_to_its_sender(abroad):
    fax = abroad()
    yes(fax)
    Fax.objects.update(added_at=timezone.now() - timedelta(days=8))
    purge()
    assert fresh(fax).shown_status == "Canceled"
    assert "erased_soon" not in told()
