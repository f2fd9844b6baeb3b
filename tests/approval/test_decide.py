"""A second person says yes or no: one effect, given to what was looked at, and to nothing else."""

import io
import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from PIL import Image, ImageDraw

from caselli.approval import request, waiting
from caselli.approval.decide import approve, refuse
from caselli.approval.request import content_of
from caselli.fax.refusals import Refusal, RefusalKind, Refusals
from caselli.fax.submission import HandedFile, Submission
from caselli.history.purge import purge
from caselli.intake.readdress import readdress
from caselli.intake.submit import submit
from caselli.queue import decide
from caselli.store.models import ApprovedHow, Event, Fax, Role, Trunk, User

ABROAD = "+49 30 12345678"
HOME = "+12025550100"


def picture():
    image = Image.new("L", (850, 1100), 255)
    ImageDraw.Draw(image).text((100, 100), "A letter abroad", fill=0)
    file = io.BytesIO()
    image.save(file, "PNG", dpi=(100, 100))
    return HandedFile("letter.png", file.getvalue())


LETTER = picture()


@pytest.fixture
def hand_in(cast):
    """A real fax from Alice's extension, whose organization asks for a second person's yes abroad."""
    cast.clinic.approve_abroad = True
    cast.clinic.save()

    def send(*recipients, person=cast.alice, channel="web", **more):
        asked = Submission(
            cast.desk.pk, channel, recipients or (ABROAD,), (LETTER,), person_id=person and person.pk, **more
        )
        return Fax.objects.get(pk=submit(asked).pk)

    return send


def fresh(fax):
    return Fax.objects.get(pk=fax.pk)


def notes_of(fax):
    return [one.note for one in Event.objects.filter(fax=fax, delivery=None) if one.note]


def test_a_fax_within_the_policy_goes_out_by_its_upload_and_keeps_what_was_approved(hand_in):
    fax = hand_in(HOME)
    assert fax.shown_status == "Scheduled For Sending"
    assert fax.approved_content == content_of(fax)


@pytest.mark.parametrize("channel", ["web", "console"])
def test_a_fax_abroad_waits_whatever_door_it_came_by(cast, hand_in, channel):
    fax = hand_in(channel=channel, person=cast.alice if channel == "web" else None)
    assert (fax.status, fax.shown_status, fax.approved_at) == ("awaiting_approval", "Not approved", None)
    assert list(fax.deliveries.values_list("status", flat=True)) == ["waiting"]


def test_the_yes_sends_it_and_records_who_when_where_and_how(cast, hand_in):
    fax = hand_in()
    approve(fax, cast.olivia, "192.0.2.9", content_of(fax))
    fax = fresh(fax)
    assert fax.shown_status == "Scheduled For Sending"
    assert (fax.approved_by, fax.approved_ip, fax.approved_how) == (cast.olivia, "192.0.2.9", "web")
    assert fax.approved_content == content_of(fax)
    assert notes_of(fax) == ["approved by web from 192.0.2.9"]


def test_a_held_fax_waits_for_its_sender_after_the_yes(cast, hand_in):
    fax = hand_in(hold=True)
    approve(fax, cast.olivia, None, content_of(fax))
    assert fresh(fax).shown_status == "Approved"
    decide.send_held(fax, cast.alice, None)
    assert fresh(fax).shown_status == "Scheduled For Sending"


def test_a_mails_link_approves_without_a_person(hand_in):
    fax = hand_in()
    approve(fax, None, "192.0.2.9", content_of(fax), ApprovedHow.EMAIL)
    assert (fresh(fax).approved_how, fresh(fax).approved_by) == ("email", None)


def test_nobody_approves_their_own_fax_not_even_an_administrator(cast, hand_in):
    for person in (cast.admin, cast.olivia):
        fax = hand_in(person=person)
        with pytest.raises(Refusal) as refused:
            approve(fax, person, None, content_of(fax))
        assert refused.value.kind == RefusalKind.NOT_ALLOWED
        assert fresh(fax).shown_status == "Not approved"


def test_who_is_named_may_and_another_colleague_may_not(cast, hand_in):
    fax = hand_in()
    with pytest.raises(Refusal, match="You may not decide"):
        approve(fax, cast.bob, None, content_of(fax))
    cast.desk.approver = cast.bob
    cast.desk.save()
    approve(fax, cast.bob, None, content_of(fax))
    assert fresh(fax).approved_by == cast.bob


def test_who_changed_the_recipients_last_cannot_approve_them(cast, hand_in):
    fax = hand_in()
    assert readdress(fax, cast.olivia, None, [ABROAD, "211"])
    with pytest.raises(Refusal, match="second person"):
        approve(fax, cast.olivia, None, content_of(fax))
    approve(fax, cast.admin, None, content_of(fax))


def test_a_yes_to_what_it_was_before_approves_nothing(cast, hand_in):
    fax = hand_in()
    looked_at = content_of(fax)
    readdress(fax, cast.alice, None, ["+49 30 87654321"])
    with pytest.raises(Refusal, match="has been changed since you looked at it, and nothing was approved"):
        approve(fax, cast.olivia, None, looked_at)
    assert fresh(fax).shown_status == "Not approved"


def test_other_recipients_need_another_yes(cast, hand_in):
    fax = hand_in(hold=True)
    approve(fax, cast.olivia, "192.0.2.9", content_of(fax))
    readdress(fax, cast.alice, None, [ABROAD, HOME])
    fax = fresh(fax)
    assert (fax.shown_status, fax.approved_at, fax.approved_by, fax.approved_content) == (
        "Not approved",
        None,
        None,
        "",
    )
    assert fax.sent_to == "+493012345678\n+12025550100"
    assert [one.destination for one in fax.deliveries.all()] == ["+493012345678", "+12025550100"]
    assert "recipients: added +12025550100" in notes_of(fax)
    with pytest.raises(Refusal):
        decide.send_held(fax, cast.alice, None)
    approve(fax, cast.olivia, None, content_of(fax))
    assert fresh(fax).shown_status == "Approved"


def test_a_held_fax_that_needs_nobody_is_approved_anew_by_who_changes_it(cast, hand_in):
    fax = hand_in(HOME, hold=True)
    readdress(fax, cast.olivia, "192.0.2.5", ["211"])
    fax = fresh(fax)
    assert (fax.shown_status, fax.approved_by, fax.approved_ip) == ("Approved", cast.olivia, "192.0.2.5")
    decide.send_held(fax, cast.alice, None)
    assert fresh(fax).shown_status == "Sent"


def test_a_held_fax_cannot_be_led_abroad_without_a_yes(cast, hand_in):
    fax = hand_in(HOME, hold=True)
    readdress(fax, cast.alice, None, [ABROAD])
    assert fresh(fax).shown_status == "Not approved"


def test_other_recipients_are_checked_as_at_the_door(cast, hand_in):
    fax = hand_in(hold=True)
    for given, kind in ((["999"], RefusalKind.RECIPIENT_UNKNOWN_EXTENSION), ([], RefusalKind.RECIPIENT_MISSING)):
        with pytest.raises(Refusals) as refused:
            readdress(fax, cast.alice, None, given)
        assert [one.kind for one in refused.value.all] == [kind]
    Trunk.objects.update(prefix="+49")
    with pytest.raises(Refusals, match="No trunk leads to"):
        readdress(fax, cast.alice, None, [HOME])
    assert fresh(fax).deliveries.get().destination == "+493012345678"


def test_the_same_recipients_leave_everything_as_it_was(cast, hand_in):
    fax = hand_in()
    assert not readdress(fax, cast.alice, None, ["+493012345678"])
    assert fresh(fax).changed_by is None


def test_what_is_on_its_way_keeps_its_recipients(cast, hand_in):
    fax = hand_in(HOME)
    with pytest.raises(Refusals, match="cannot be changed any more"):
        readdress(fax, cast.alice, None, ["211"])


def test_a_held_fax_that_is_not_what_was_approved_is_not_sent(cast, hand_in):
    fax = hand_in(HOME, hold=True)
    fax.deliveries.update(destination="+12025550199")  # behind our back
    with pytest.raises(Refusal, match="not any more what was approved"):
        decide.send_held(fax, cast.alice, None)
    assert (fresh(fax).shown_status, fresh(fax).approved_at) == ("Not approved", None)


def test_a_no_cancels_the_fax_and_says_why(cast, hand_in):
    fax = hand_in()
    refuse(fax, cast.olivia, "192.0.2.9", "  Wrong\npatient ")
    fax = fresh(fax)
    assert fax.shown_status == "Canceled"
    assert notes_of(fax) == ["declined: Wrong patient", "declined from 192.0.2.9"]
    assert list(fax.deliveries.values_list("status", flat=True)) == ["canceled"]


def test_a_no_needs_a_reason(cast, hand_in):
    fax = hand_in()
    with pytest.raises(Refusal) as refused:
        refuse(fax, cast.olivia, None, "  ")
    assert (refused.value.kind, fresh(fax).shown_status) == (RefusalKind.REASON_MISSING, "Not approved")


def test_a_click_that_comes_too_late_changes_nothing_and_says_what_became_of_the_fax(cast, hand_in):
    approved, declined, cancelled = hand_in(), hand_in(), hand_in()
    approve(approved, cast.olivia, None, content_of(approved))
    refuse(declined, cast.olivia, None, "No.")
    decide.cancel(cancelled, cast.alice, None)
    for fax, said in (
        (approved, "approved already by Olivia"),
        (declined, "declined by Olivia"),
        (cancelled, "cancelled by Alice"),
    ):
        shown = fresh(fax).shown_status
        with pytest.raises(Refusal, match=said):
            approve(fax, cast.admin, None, content_of(fax))
        with pytest.raises(Refusal, match=said):
            refuse(fax, cast.admin, None, "Too late.")
        assert fresh(fax).shown_status == shown


@pytest.mark.django_db(transaction=True)
def test_two_yeses_at_once_are_one(cast, hand_in):
    fax = hand_in()
    seen, barrier, said = content_of(fax), threading.Barrier(2), []

    def click(person):
        try:
            barrier.wait()
            approve(fax, person, None, seen)
            said.append("approved")
        except Refusal as refusal:
            said.append(refusal.sentence)
        finally:
            connection.close()

    threads = [threading.Thread(target=click, args=[one]) for one in (cast.olivia, cast.admin)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    first = fresh(fax).approved_by
    assert sorted(said) == [f"This fax has been approved already by {first.called}.", "approved"]
    assert Event.objects.filter(fax=fax, delivery=None, new="released").count() == 1


def test_where_nobody_could_ever_approve_it_is_refused_at_the_door(cast, hand_in):
    User.objects.filter(role=Role.ADMINISTRATOR).update(is_active=False)
    with pytest.raises(Refusals, match=r"nobody but you may give it\. Name somebody else who approves") as refused:
        hand_in(person=cast.olivia)
    assert [one.kind for one in refused.value.all] == [RefusalKind.NO_APPROVER]
    assert not Fax.objects.exists()
    assert hand_in(person=cast.alice).shown_status == "Not approved"


def test_nobody_decides_in_the_days_allowed_and_it_is_cancelled(hand_in):
    fax = hand_in()
    purge()
    assert fresh(fax).shown_status == "Not approved"
    Fax.objects.update(added_at=timezone.now() - timedelta(days=8))
    purge()
    assert fresh(fax).shown_status == "Canceled"
    assert notes_of(fax) == ["nobody confirmed it"]


def test_what_waits_is_counted_for_who_is_asked_and_open_to_who_may(cast, hand_in):
    def counts(query):
        return {one.username: query(one).count() for one in User.objects.order_by("id")}

    nobody = {"admin": 0, "olivia": 0, "alice": 0, "bob": 0, "charlie": 0}
    assert {one.username: waiting.how_many_asked_of(one) for one in User.objects.all()} == nobody
    fax = hand_in()
    everybody = nobody | {"admin": 1, "olivia": 1}
    assert {one.username: waiting.how_many_asked_of(one) for one in User.objects.all()} == everybody
    assert counts(waiting.asked_of) == counts(waiting.open_to) == everybody
    cast.desk.approver = cast.bob
    cast.desk.save()
    assert counts(waiting.asked_of) == {"admin": 0, "olivia": 0, "alice": 0, "bob": 1, "charlie": 0}
    assert counts(waiting.open_to) == {"admin": 1, "olivia": 1, "alice": 0, "bob": 1, "charlie": 0}
    assert [one.username for one in request.approvers(fax.extension, fax.added_by_id)] == ["bob"]
    cast.desk.approver = cast.alice  # her own fax: the administrators are asked
    cast.desk.save()
    assert counts(waiting.asked_of) == everybody
    assert {one.username for one in request.approvers(cast.desk, fax.added_by_id)} == {"admin", "olivia"}
    cast.desk.approver = cast.charlie  # who moved to another organization
    cast.desk.save()
    assert counts(waiting.asked_of) == counts(waiting.open_to) == everybody
