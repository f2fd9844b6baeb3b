"""The sender of a mail says yes or no to what was looked at, before any second person is asked; or says nothing."""

from datetime import timedelta

from approval.mailed import ABROAD, HOME, IP, fresh, later, mail_of, notes_of, refused, told, yes
from django.utils import timezone

from caselli.approval import confirm, decide, request, waiting
from caselli.approval.confirm import Became
from caselli.approval.request import content_of
from caselli.directory.access import faxes_seen_by
from caselli.fax.refusals import RefusalKind
from caselli.history.declined import why_not_sent
from caselli.history.purge import purge
from caselli.intake.readdress import readdress
from caselli.queue import decide as queue
from caselli.store.models import Fax, IncomingMail, Preferences, Share, User

# The yes


def test_its_sender_is_asked_and_no_second_person(cast, by_mail):
    fax = by_mail()
    assert request.unconfirmed(fax)
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
    assert not request.unconfirmed(fax)


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
