"""The link to the sender of a mail: for one fax and one address, not for ever; used again, it sends the rest again."""

import threading
from datetime import timedelta

import pytest
from approval.mailed import HOME, IP, SENDER, fails, fresh, later, mail_of, notes_of, refused, yes
from django.core import signing
from django.db import connection
from django.utils import timezone

from caselli.approval import confirm
from caselli.approval.confirm import Became
from caselli.approval.request import content_of
from caselli.fax.refusals import Refusal, RefusalKind
from caselli.store.models import AuthorizedAddress, Delivery, Event, Fax, Preferences

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
