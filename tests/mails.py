"""Mails as a person's mail program sends and shows them: to Caselli's door, and from the folder of a demo."""

import email
import threading
import time
from email.message import EmailMessage
from email.policy import default
from email.utils import make_msgid
from pathlib import Path
from smtplib import SMTP
from typing import Any

PATIENCE = 300.0


def mail_to(folder: Path, address: str, subject: str) -> EmailMessage:
    """The mail, as soon as it lies there; the newest of several."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        for file in sorted(folder.glob("*.eml"), reverse=True):
            mail: EmailMessage = email.message_from_bytes(file.read_bytes(), policy=default)
            if address in mail["To"] and subject in mail["Subject"]:
                return mail
        threading.Event().wait(0.05)
    raise AssertionError(f"no mail to {address} about {subject}: {sorted(folder.iterdir())}")


def words(mail: EmailMessage) -> str:
    return mail.get_body(("plain",)).get_content().replace("\r\n", "\n")


def mailed(demo: dict[str, Any], subject: str, *papers: Path, sender: str = "alice@acme.example") -> str:
    """Mail these PDFs to the demo's fax address; its Message-ID. Raises SMTPDataError where it is refused."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, demo["fax_address"], subject
    mail["Message-ID"] = make_msgid(domain="acme.example")
    mail.set_content("")
    for paper in papers:
        mail.add_attachment(paper.read_bytes(), "application", "pdf", filename=paper.name)
    host, _, port = demo["smtp"].rpartition(":")
    with SMTP(host, int(port), timeout=PATIENCE) as session:
        session.send_message(mail)
    return str(mail["Message-ID"])
