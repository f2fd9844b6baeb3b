import smtplib
from email.message import EmailMessage

import pytest

from caselli.doors.mail.server import serve


@pytest.fixture
async def port():
    server = await serve("127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()


async def test_a_mail_is_refused_in_the_dialogue_with_the_reason(port):
    import asyncio

    def send():
        mail = EmailMessage()
        mail["Subject"] = "+12025550100"
        with smtplib.SMTP("127.0.0.1", port, timeout=10) as client:
            client.send_message(mail, "alice@acme.example", ["fax@acme.example"])

    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        await asyncio.to_thread(send)
    code, reason = refused.value.recipients["fax@acme.example"]
    assert code == 550
    assert b"takes no faxes by email yet" in reason
