"""Every mail of the corpus, handed over as a mail program does and opened: a fax, or the reason why it is none."""

import smtplib

import pytest
from doors.mail import corpus
from mail_server import mail_door

from caselli.doors.mail.opening import open_mail
from caselli.store.models import (
    IncomingMail,
    Preferences,
)

State = IncomingMail.State
ADDRESS = "fax@caselli.example"


@pytest.fixture
def tables(transactional_db, cast):
    corpus.furnish(cast.clinic, cast.rival, cast.alice)
    Preferences.objects.update_or_create(id=1, defaults={"email_accepted": True, "fax_address": ADDRESS})
    Preferences.objects.filter(id=1).update(mail_megabytes=10)
    return cast


def hand_over(session: smtplib.SMTP, content: bytes) -> tuple[int, str]:
    """The answer to the mail, byte for byte as it is."""
    session.rset()
    for line in ("MAIL FROM:<someone@clinic.example> SMTPUTF8", f"RCPT TO:<{ADDRESS}>"):
        code, said = session.docmd(line)
        assert code == 250, (line, said)
    assert session.docmd("DATA")[0] == 354
    stuffed = content.replace(b"\r\n.", b"\r\n..")
    stuffed = b"." + stuffed if stuffed.startswith(b".") else stuffed
    session.send(stuffed + (b".\r\n" if stuffed.endswith(b"\r\n") or not stuffed else b"\r\n.\r\n"))
    code, said = session.getreply()
    return code, said.decode("utf-8", "replace")


def differs(case: corpus.Case, session: smtplib.SMTP) -> str:
    """From its fate; empty where it meets it."""
    fate = case.wire or case.fate
    known = set(IncomingMail.objects.values_list("pk", flat=True))
    code, said = hand_over(session, case.content)
    new = list(IncomingMail.objects.exclude(pk__in=known))
    if isinstance(fate, corpus.Refused):
        if new or not 500 <= code < 600:
            return f"should be refused: {code} {said} {new}"
        return "" if said.isascii() or session.does_esmtp else said
    if code != 250 or len(new) != 1:
        return f"should be taken: {code} {said} {new}"
    return opened_otherwise(fate, new[0].pk)


def opened_otherwise(fate: corpus.Taken, mail_id: int) -> str:
    open_mail(mail_id)
    mail = IncomingMail.objects.select_related("fax", "extension__organization").get(pk=mail_id)
    if mail.state == State.FAXED:
        assert mail.fax is not None
        became = (mail.fax.extension.extended, len(fate.recipients), mail.fax.shown_status)
        wanted = (fate.extension, mail.fax.deliveries.count(), "Not approved")
        return "" if became == wanted and mail.fax.pages else f"became {became}, {mail.fax.pages} pages"
    if mail.state == State.REFUSED and mail.refusal.startswith("file_") and mail.words:
        return ""  # a file that looked like one and is none
    return f"is {mail.state}: {mail.refusal} {mail.words}"


def test_each_mail_is_a_fax_or_is_told_why_not(tables):
    different = {}
    with mail_door() as door, smtplib.SMTP("127.0.0.1", door.port, timeout=120) as session:
        session.ehlo("client.example")
        for case in corpus.MAILS:
            try:
                what = differs(case, session)
            except smtplib.SMTPServerDisconnected as error:
                what = f"hung up: {error}"
                session.connect("127.0.0.1", door.port)
                session.ehlo("client.example")
            if what:
                different[case.name] = what
    assert different == {}, "\n".join(f"{name}: {what}" for name, what in different.items())
