"""What a notice says, when a mail is tried again, what a variable may hold; without a database."""

import ssl
from datetime import timedelta

import pytest

from caselli.fax.status import ShownStatus
from caselli.notice import relay, rules
from caselli.notice.rules import Trouble, Wants
from caselli.project import configuration
from caselli.project.configuration import ConfigurationError, Relay


def test_only_the_three_ends_are_told():
    told = {shown for shown in ShownStatus if rules.happening_of(shown)}
    assert told == {ShownStatus.SENT, ShownStatus.PARTIALLY_SENT, ShownStatus.SEND_FAILED}


@pytest.mark.parametrize(
    ("wants", "size", "attached"),
    [(Wants.FAX, 1, True), (Wants.ALERT, 1, False), (Wants.FAX, 0, False), (Wants.FAX, 10_000_001, False)],
)
def test_the_fax_is_attached_if_it_is_wanted_and_not_too_large(wants, size, attached):
    assert rules.attaches(wants, size) is attached


def test_a_text_is_filled_once_and_empty_lines_are_left_out():
    text = "Subject: {what} for {who}\n\n{greeting}\n\n{nothing}\nKeep {braces}.\n"
    tags = {"what": "a {who}\r\nBcc: x", "who": "Bob", "greeting": "Hello {what}", "nothing": ""}
    assert rules.fill(text, tags) == ("a {who} Bcc: x for Bob", "Hello {what}\n\nKeep {braces}.\n")


@pytest.mark.parametrize(
    ("dmarc", "judged_by", "said"),
    [
        ("pass", "", "proven: a.example stands behind this mail (DMARC)"),
        ("pass", "mx.b.example", "proven: a.example stands behind this mail (DMARC, as mx.b.example found)"),
        ("fail", "", "NOT proven: a.example does not stand behind this mail, it may be forged (DMARC)"),
        ("none", "", "not proven: nothing was found by which a.example would stand behind this mail"),
        ("temperror", "", "not proven: that could not be looked up when the mail came"),
        ("", "", "not proven: nobody has looked"),
    ],
)
def test_the_proof_of_a_sender_is_a_phrase(dmarc, judged_by, said):
    assert rules.proof(dmarc, judged_by, "a.example") == said


@pytest.mark.parametrize(
    ("text", "line"),
    [("a\r\nb\x00c\u2028d", "a b c d"), ("  x  ", "x"), ("\u202egpj.exe", "gpj.exe"), ("abcdef", "abcd…")],
)
def test_a_line_is_one_line(text, line):
    assert rules.one_line(text, 5 if line.endswith("…") else 100) == line


def test_pauses_grow_to_four_hours_and_reach_over_a_day():
    pauses = [rules.pause(tries) for tries in range(1, 20)]
    assert pauses == sorted(pauses)
    assert pauses[0] == timedelta(minutes=1)
    assert sum(pauses, timedelta()) > timedelta(days=1)


@pytest.mark.parametrize(
    ("trouble", "days", "over"),
    [(Trouble.AWAY, 400, False), (Trouble.LATER, 2, False), (Trouble.LATER, 4, True), (Trouble.REFUSED, 0, True)],
)
def test_only_a_refusal_ends_the_tries(trouble, days, over):
    assert rules.gives_up(trouble, timedelta(days=days)) is over


@pytest.mark.parametrize(
    ("host", "sender"),
    [
        ("fax.example.com", "caselli@fax.example.com"),
        ("127.0.0.1", "caselli@localhost"),
        ("::1", "caselli@localhost"),
        ("", "caselli@localhost"),
    ],
)
def test_the_default_sender_is_a_mail_address(host, sender):
    assert rules.default_sender(host) == sender


@pytest.mark.parametrize(
    ("text", "relay_of"),
    [
        ("", None),
        ("mail:25", Relay("mail", 25)),
        ("[::1]:2525", Relay("::1", 2525)),
        ("smtp://mail.example", Relay("mail.example", 25)),
        ("smtp://a%40b:p%3Aw@mail.example", Relay("mail.example", 587, user="a@b", password="p:w")),
        ("smtps://u:p@mail.example", Relay("mail.example", 465, tls=True, user="u", password="p")),
        ("smtps://mail.example:4650", Relay("mail.example", 4650, tls=True)),
    ],
)
def test_a_relay_is_read_as_people_write_it(monkeypatch, text, relay_of):
    monkeypatch.setenv("CASELLI_SMTP_RELAY", text)
    assert configuration.load().smtp_relay == relay_of


@pytest.mark.parametrize(
    "text", ["mail", "mail:x", "mail:99999", "http://mail:25", "smtp://", "smtp://secret@mail", "smtp://m:25/secret"]
)
def test_a_relay_that_cannot_be_used_is_said_and_its_password_is_not(monkeypatch, text):
    monkeypatch.setenv("CASELLI_SMTP_RELAY", text)
    with pytest.raises(ConfigurationError, match=r"CASELLI_SMTP_RELAY .*smtp://user:password@host:587") as said:
        configuration.load()
    assert "secret" not in str(said.value)
    assert "secret" not in repr(Relay("mail", 25, user="u", password="secret"))


@pytest.mark.parametrize(
    "text", ["fax", "Fax <fax@example.com>", "fax@", "a b@example.com", "a@b.example, c@d.example"]
)
def test_a_sender_that_is_no_bare_address_is_said(monkeypatch, text):
    monkeypatch.setenv("CASELLI_MAIL_FROM", text)
    with pytest.raises(ConfigurationError, match="CASELLI_MAIL_FROM"):
        configuration.load()


def test_an_error_without_a_code_is_the_servers():
    assert relay.trouble(TimeoutError()) is Trouble.AWAY
    assert relay.words(TimeoutError()) == "TimeoutError"
    assert relay.trouble(ssl.SSLCertVerificationError(1, "unproven")) is Trouble.AWAY
    assert relay.trouble(ValueError("no such address")) is Trouble.REFUSED
