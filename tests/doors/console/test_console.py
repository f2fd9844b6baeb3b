"""The command line over the use-cases: what it prints, and its exit status."""

import argparse
import json

import pytest
from django.db import transaction
from paper import letter

from caselli.doors.console import listing
from caselli.doors.console import send as sending
from caselli.doors.console.following_here import watched
from caselli.fax.outcome import CallEnd, CallReport, PageReport
from caselli.queue import report
from caselli.queue.claim import claim
from caselli.store.models import Delivery, Fax


def given(*files, to=("+12025550100",), sender="210", **flags):
    options = {"wait": False, "json": False, "hold": False} | flags
    return argparse.Namespace(sender=sender, to=list(to), files=[str(one) for one in files], **options)


def test_send_hands_in_and_says_its_id(cast, tmp_path, capsys):
    assert sending.send(given(letter(tmp_path))) == 0
    fax = Fax.objects.get()
    assert capsys.readouterr().out == f"{fax.uid}  Scheduled For Sending, 1 page\n"
    assert (fax.channel, fax.approved_how) == ("console", "console")


def test_send_as_json_has_the_fields_that_scripts_read(cast, tmp_path, capsys):
    assert sending.send(given(letter(tmp_path), json=True)) == 0
    told = json.loads(capsys.readouterr().out)
    assert set(told) == {"id", "extension", "channel", "status", "added_at", "deliveries"}
    assert told["extension"] == "0003*210"
    (delivery,) = told["deliveries"]
    assert set(delivery) == {"to", "status", "reason", "remedy", "next_try_at", "attempts"}


def test_a_fax_that_needs_a_second_persons_yes_says_whose(cast, tmp_path, capsys):
    cast.clinic.approve_all = True
    cast.clinic.save()
    assert sending.send(given(letter(tmp_path))) == 0
    said = capsys.readouterr()
    assert said.out.endswith("Not approved, 1 page\n")
    assert said.err == "It waits for a second person’s yes: Olivia or Admin is asked.\n"


def test_recipients_may_be_repeated_or_separated_by_commas(cast, tmp_path):
    sending.send(given(letter(tmp_path), to=["+12025550100, +12025550120", "211"]))
    assert Fax.objects.get().deliveries.count() == 3


def test_what_is_wrong_is_said_with_its_field_and_nothing_is_kept(cast, tmp_path, capsys):
    assert sending.send(given(letter(tmp_path), to=["hello"])) == 2
    said = capsys.readouterr().err
    assert said.startswith("recipients: “hello” is not a phone number.")
    assert "Write it like" in said
    assert not Fax.objects.exists()


def test_a_file_that_is_not_there_is_said(cast, tmp_path, capsys):
    assert sending.send(given(tmp_path / "missing.pdf")) == 2
    assert "There is no file" in capsys.readouterr().err


@pytest.mark.parametrize(("sender", "said"), [("999", "no extension 999"), ("0009*210", "no extension 0009*210")])
def test_an_extension_that_is_not_there_is_said(cast, tmp_path, capsys, sender, said):
    assert sending.send(given(letter(tmp_path), sender=sender)) == 2
    assert said in capsys.readouterr().err


def test_a_number_that_two_organizations_have_must_be_extended(cast, tmp_path, capsys):
    cast.foreign.number = "210"
    cast.foreign.save()
    assert sending.send(given(letter(tmp_path))) == 2
    assert "Several organizations" in capsys.readouterr().err
    assert sending.send(given(letter(tmp_path), sender="0003*210")) == 0


@pytest.mark.django_db(transaction=True)
def test_waiting_ends_with_zero_only_when_every_recipient_has_it(cast, tmp_path, capsys):
    assert sending.send(given(letter(tmp_path), to=["211"], wait=True)) == 0
    assert "Delivered: It lies in the received faxes of that extension." in capsys.readouterr().out


def test_the_list_is_newest_first(cast, make_fax, capsys):
    make_fax("+12025550100")
    make_fax("0003*211")
    assert listing.faxes(argparse.Namespace(sender=None, limit=20, json=False)) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "0003*211" in lines[1]
    assert "+1 202-555-0100" in lines[2]


def test_an_empty_list_says_what_to_do(cast, capsys):
    listing.faxes(argparse.Namespace(sender="210", limit=20, json=False))
    assert "caselli send" in capsys.readouterr().out


def test_show_tells_every_attempt_in_words(cast, make_fax, capsys):
    fax = make_fax("+12025550107")
    (one,) = claim("dialer")
    report.dialled(one.attempt_id)
    report.ended(one.attempt_id, CallReport(CallEnd.REJECTED, seconds=0.2, sip_code=404))
    assert listing.show(argparse.Namespace(id=str(fax.uid), json=False)) == 0
    said = capsys.readouterr().out
    assert "Send Failed" in said
    assert "There is no such number. Check the number with the recipient." in said
    assert "SIP 404" in said


def test_a_fax_that_is_not_there_is_said(cast, capsys):
    assert listing.show(argparse.Namespace(id="nonsense", json=False)) == 2
    assert "There is no fax nonsense" in capsys.readouterr().err


def test_the_words_while_it_happens(cast, make_fax):
    make_fax("+12025550101", pages=3)
    (one,) = claim("dialer")

    def now():
        return watched(Delivery.objects.get()).words

    assert now() == "On the line"
    report.phase(one.attempt_id, "dialling", 0)
    assert now() == "dialling"
    report.phase(one.attempt_id, "sending", 2)
    assert now() == "page 2 of 3"
    report.ended(one.attempt_id, CallReport(CallEnd.REJECTED, sip_code=486))
    assert now().startswith("The line was busy. Next try at ")
    with transaction.atomic():
        Delivery.objects.update(status="queued")
    (again,) = claim("dialer")
    pages = tuple(PageReport(number, confirmed=True) for number in (1, 2, 3))
    report.ended(again.attempt_id, CallReport(CallEnd.COMPLETED, pages=pages))
    assert now() == "Delivered: The far machine confirmed every page."
