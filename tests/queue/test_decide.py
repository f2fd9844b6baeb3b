"""What people decide, and that an old page's click has one effect and a sentence."""

import threading

import pytest
from django.db import connection

from caselli.fax.outcome import CallEnd, CallReport, PageReport
from caselli.fax.refusals import Refusal
from caselli.queue import report
from caselli.queue.claim import claim
from caselli.queue.decide import cancel, cancel_several, it_arrived, resend, resend_several, send_again, send_held
from caselli.store.models import Attempt, Delivery, Extension, Fax, ReceivedFax

BUSY_FOR_EVER = CallReport(CallEnd.REJECTED, sip_code=404)
CONFIRMED = CallReport(CallEnd.COMPLETED, answered=True, pages=(PageReport(1, confirmed=True),))
NOBODY_KNOWS = CallReport(CallEnd.FAR_HUNG_UP, answered=True, final_page_out=True)


def shown(fax):
    return Fax.objects.get(pk=fax.pk).shown_status


def run_calls(outcomes):
    while claimed := claim("dialer"):
        for one in claimed:
            report.dialled(one.attempt_id)
            report.ended(one.attempt_id, outcomes[one.delivery.destination])


def test_a_held_fax_goes_when_a_person_says_so(cast, make_fax):
    fax = make_fax("+12025550100", hold=True)
    assert shown(fax) == "Approved"
    send_held(fax, cast.alice, "192.0.2.1")
    assert shown(fax) == "Scheduled For Sending"
    assert len(claim("dialer")) == 1


def test_a_second_click_on_send_is_refused_in_words(cast, make_fax):
    fax = make_fax("+12025550100", hold=True)
    send_held(fax, cast.alice, None)
    with pytest.raises(Refusal, match="not waiting to be sent"):
        send_held(fax, cast.alice, None)


def test_from_an_extension_that_was_switched_off_nothing_is_sent_later(cast, make_fax):
    held, failed, unknown = make_fax("0003*211", hold=True), make_fax("+12025550107"), make_fax("+12025550108")
    run_calls({"+12025550107": BUSY_FOR_EVER, "+12025550108": NOBODY_KNOWS})
    Extension.objects.filter(pk=cast.desk.pk).update(fax_enabled=False)
    for verb, about in ((send_held, held), (resend, failed), (send_again, unknown.deliveries.get())):
        with pytest.raises(Refusal, match="Faxing is switched off for extension 210"):
            verb(about, cast.alice, None)
    assert not ReceivedFax.objects.exists()
    assert not claim("dialer")


def test_an_extension_that_was_switched_off_meanwhile_gets_nothing_and_it_goes_again_later(cast, make_fax):
    fax = make_fax("0003*211", hold=True)
    Extension.objects.filter(number="211").update(fax_enabled=False)
    send_held(fax, cast.alice, None)
    assert (shown(fax), Delivery.objects.get().cause) == ("Send Failed", "extension_off")
    assert not ReceivedFax.objects.exists()
    Extension.objects.filter(number="211").update(fax_enabled=True)
    resend(fax, cast.alice, None)
    assert shown(fax) == "Sent"
    assert ReceivedFax.objects.count() == 1


def test_resend_goes_to_those_who_have_not_got_it_and_to_them_only(cast, make_fax):
    fax = make_fax("+12025550100", "+12025550107", "+12025550108")
    run_calls({"+12025550100": CONFIRMED, "+12025550107": BUSY_FOR_EVER, "+12025550108": NOBODY_KNOWS})
    assert shown(fax) == "Partially Sent"
    resend(fax, cast.alice, None)
    assert [one.delivery.destination for one in claim("dialer")] == ["+12025550107"]


def test_nothing_failed_nothing_to_resend(cast, make_fax):
    fax = make_fax("+12025550100")
    run_calls({"+12025550100": CONFIRMED})
    with pytest.raises(Refusal, match="nothing to send again"):
        resend(fax, cast.alice, None)


def test_a_resent_fax_has_all_its_tries_again(cast, make_fax):
    fax = make_fax("+12025550107")
    run_calls({"+12025550107": BUSY_FOR_EVER})
    resend(fax, cast.alice, None)
    delivery = Delivery.objects.get()
    assert (delivery.dials, delivery.answered, delivery.gear, delivery.cause) == (0, 0, 0, "")
    assert Attempt.objects.count() == 1


@pytest.mark.parametrize("hold", [True, False])
def test_cancel_before_the_line(cast, make_fax, hold):
    fax = make_fax("+12025550100", hold=hold)
    cancel(fax, cast.alice, None)
    assert shown(fax) == "Canceled"
    assert claim("dialer") == []


def test_cancel_after_failure_closes_the_matter(cast, make_fax):
    fax = make_fax("+12025550107")
    run_calls({"+12025550107": BUSY_FOR_EVER})
    cancel(fax, cast.alice, None)
    assert shown(fax) == "Canceled"
    with pytest.raises(Refusal, match="nothing left to cancel"):
        cancel(fax, cast.alice, None)


def test_a_sent_fax_cannot_be_cancelled(cast, make_fax):
    fax = make_fax("+12025550100")
    run_calls({"+12025550100": CONFIRMED})
    with pytest.raises(Refusal):
        cancel(fax, cast.alice, None)
    assert shown(fax) == "Sent"


def test_a_person_says_that_an_unknown_fax_arrived(cast, make_fax):
    fax = make_fax("+12025550108")
    run_calls({"+12025550108": NOBODY_KNOWS})
    assert shown(fax) == "Send Failed"
    it_arrived(Delivery.objects.get(), cast.alice, None)
    assert shown(fax) == "Sent"


def test_a_person_sends_an_unknown_fax_again(cast, make_fax):
    fax = make_fax("+12025550108")
    run_calls({"+12025550108": NOBODY_KNOWS})
    send_again(Delivery.objects.get(), cast.alice, None)
    assert shown(fax) == "Scheduled For Sending"
    with pytest.raises(Refusal, match="is known by now"):
        send_again(Delivery.objects.get(), cast.alice, None)


def test_a_fax_to_an_extension_arrives_without_a_call(cast, make_fax):
    fax = make_fax("0003*211", pages=2)
    assert shown(fax) == "Sent"
    received = ReceivedFax.objects.get()
    assert (received.extension, received.pages, received.blob) == (cast.lab, 2, fax.pages_blob)
    attempt = Attempt.objects.get()
    assert (attempt.cause, attempt.pages_confirmed, attempt.remote_id) == ("delivered", 2, "Lab")


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_have_one_effect(cast, make_fax):
    fax = make_fax("+12025550100", hold=True)
    barrier, said = threading.Barrier(2), []

    def click():
        try:
            barrier.wait()
            send_held(fax, cast.alice, None)
            said.append("sent")
        except Refusal as refusal:
            said.append(refusal.sentence)
        finally:
            connection.close()

    threads = [threading.Thread(target=click) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(30)
    assert sorted(said) == ["This fax is not waiting to be sent.", "sent"]
    assert Delivery.objects.get().status == "queued"


@pytest.mark.django_db(transaction=True)
def test_a_cancel_that_meets_a_claim_ends_in_a_wish_or_in_canceled_and_never_in_between(cast, make_fax):
    for _ in range(10):
        fax = make_fax("+12025550100")
        barrier = threading.Barrier(2)

        def wish(fax=fax, barrier=barrier):
            barrier.wait()
            cancel(fax, cast.alice, None)
            connection.close()

        thread = threading.Thread(target=wish)
        thread.start()
        barrier.wait()
        claimed = claim("dialer")
        thread.join(30)
        delivery = Delivery.objects.get(fax=fax)
        assert (delivery.status, delivery.cancel_wished) in {("canceled", False), ("sending", True)}
        for one in claimed:
            report.ended(one.attempt_id, CallReport(CallEnd.CANCELED))
        assert shown(fax) == "Canceled"


def test_several_go_again_and_what_one_refuses_holds_up_no_other(cast, make_fax):
    dead, sent = make_fax("+12025550107", "0003*211"), make_fax("+12025550100")
    held, other = make_fax("+12025550101", hold=True), make_fax("+12025550108", pages=3)
    run_calls({"+12025550107": BUSY_FOR_EVER, "+12025550100": CONFIRMED, "+12025550108": BUSY_FOR_EVER})
    Delivery.objects.filter(fax=other).update(pages_confirmed=2)
    refused = resend_several([other, sent, dead, held], cast.alice, None)
    assert {pk: one.sentence.partition(":")[0] for pk, one in refused.items()} == dict.fromkeys(
        (sent.pk, held.pk), "There is nothing to send again"
    )
    assert [shown(one) for one in (dead, sent, held, other)] == [
        "Scheduled For Sending",
        "Sent",
        "Approved",
        "Scheduled For Sending",
    ]
    again = Delivery.objects.filter(status="queued").order_by("id")
    assert list(again.values_list("destination", "pages_confirmed")) == [("+12025550107", 0), ("+12025550108", 2)]


def test_several_are_cancelled_each_in_its_own_state(cast, make_fax):
    sent, failed = make_fax("+12025550100"), make_fax("+12025550107")
    run_calls({"+12025550100": CONFIRMED, "+12025550107": BUSY_FOR_EVER})
    calling = make_fax("+12025550102")
    assert claim("dialer")
    held, waiting = make_fax("+12025550103", hold=True), make_fax("+12025550104")
    refused = cancel_several([sent, failed, calling, held, waiting], cast.alice, None)
    assert refused.keys() == {sent.pk}
    fates = {one.fax_id: (one.status, one.cancel_wished) for one in Delivery.objects.all()}
    assert [fates[one.pk] for one in (sent, failed, calling, held, waiting)] == [
        ("delivered", False),
        ("canceled", False),
        ("sending", True),
        ("canceled", False),
        ("canceled", False),
    ]


def test_many_cost_no_more_statements_than_few(cast, make_fax, django_assert_max_num_queries):
    faxes = [make_fax(f"+120255501{number}") for number in range(10, 40)]
    with django_assert_max_num_queries(12):
        assert not cancel_several(faxes, cast.alice, None)
    Delivery.objects.update(status="failed")
    Fax.objects.update(shown_status="Send Failed")
    with django_assert_max_num_queries(12):
        assert not resend_several(faxes, cast.alice, None)
    assert Delivery.objects.filter(status="queued").count() == len(faxes)


@pytest.mark.django_db(transaction=True)
def test_two_who_decide_about_the_same_many_faxes_do_not_lock_each_other_out(cast, make_fax):
    faxes = [make_fax(f"+120255501{number}") for number in range(10, 20)]
    run_calls({one.deliveries.get().destination: BUSY_FOR_EVER for one in faxes})
    barrier, refused = threading.Barrier(2), []

    def decide(verb, chosen):
        barrier.wait()
        refused.append(verb(chosen, cast.alice, None))
        connection.close()

    ways = ((resend_several, faxes), (cancel_several, faxes[::-1]))
    threads = [threading.Thread(target=decide, args=way) for way in ways]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    assert len(refused) == 2
    assert {shown(one) for one in faxes} == {"Canceled"}
