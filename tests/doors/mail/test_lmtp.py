"""LMTP: what a mail server of one's own hands over, with one answer for each recipient."""

import smtplib
from email.message import EmailMessage
from email.utils import make_msgid

import pytest

from caselli.store.models import IncomingMail

pytestmark = pytest.mark.django_db

FAX = "fax@caselli.example"
ALICE = "alice@acme.example"


def mail(subject="+12025550100"):
    one = EmailMessage()
    one["Subject"], one["From"], one["To"], one["Message-ID"] = subject, ALICE, FAX, make_msgid()
    one.set_content("Dear all,\nplease call.\n")
    return one


def test_a_mail_handed_over_by_lmtp_is_taken(door, world):
    one = mail()
    with smtplib.LMTP("127.0.0.1", door.local_port, timeout=60) as client:
        assert client.send_message(one) == {}
    row = IncomingMail.objects.get(message_id=one["Message-ID"])
    assert (row.via, row.sender, row.extension) == ("lmtp", ALICE, world.desk)


def test_each_recipient_has_an_answer_and_the_mail_is_one(door):
    one = mail()
    with door.speaking(local=True) as speaker:
        assert speaker.hear().startswith("220 ")
        assert speaker.ask("LHLO mx.acme.example")[0] == "2"
        assert speaker.ask(f"MAIL FROM:<{ALICE}>")[0] == "2"
        assert speaker.ask(f"RCPT TO:<{FAX}>")[0] == "2"
        assert speaker.ask("RCPT TO:<office@caselli.example>").startswith("550 5.1.1 ")
        assert speaker.ask("RCPT TO:<Fax@Caselli.example>")[0] == "2"
        assert speaker.ask("DATA").startswith("354 ")
        speaker.say(one.as_bytes().replace(b"\n", b"\r\n") + b".\r\nNOOP\r\n")
        answers = [speaker.hear() for _ in range(3)]
    assert answers[0] == answers[1]
    assert answers[0].startswith("250 2.0.0 Taken as ")
    assert answers[2].startswith("250 ")
    assert "Taken" not in answers[2]
    assert IncomingMail.objects.filter(message_id=one["Message-ID"]).count() == 1


def test_a_refusal_is_said_for_each_recipient(door):
    with door.speaking(local=True) as speaker:
        speaker.hear()
        for line in ("LHLO mx.acme.example", f"MAIL FROM:<{ALICE}>", f"RCPT TO:<{FAX}>", f"RCPT TO:<{FAX}>", "DATA"):
            speaker.ask(line)
        speaker.say(mail("no number at all").as_bytes().replace(b"\n", b"\r\n") + b".\r\n")
        assert [speaker.hear()[:9] for _ in range(2)] == ["554 5.6.0"] * 2 or speaker.ask("NOOP")
        assert speaker.ask("NOOP").startswith("250 ")


@pytest.mark.parametrize("greeting", ["HELO", "EHLO"])
def test_the_greetings_of_smtp_are_none_here(door, greeting):
    with door.speaking(local=True) as speaker:
        speaker.hear()
        assert speaker.ask(f"{greeting} client.example").startswith("500 ")


def test_no_limits_of_a_client_hold_for_the_server_that_speaks_for_many(door):
    with door.speaking(local=True) as speaker:
        speaker.hear()
        speaker.ask("LHLO mx.acme.example")
        assert {speaker.ask("RCPT")[:3] for _ in range(50)} == {"503"}
