"""The SMTP server: takes nothing while faxing by email is off, and says so before any content is sent."""

import asyncio
from functools import partial

from aiosmtpd.smtp import SMTP, Envelope, Session

IDENTITY = "Caselli"
OFF = "550 5.7.1 This server takes no faxes by email yet: hand the document in on its web page"


class FaxByMailIsOff:
    """aiosmtpd's handler: every recipient is refused (RFC 5321 4.2.5: permanent), so DATA never begins."""

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        del server, session, envelope, address, options
        return OFF


async def serve(host: str, port: int) -> asyncio.Server:
    """Listen. Raises OSError when the address is taken."""
    make = partial(SMTP, FaxByMailIsOff(), ident=IDENTITY, enable_SMTPUTF8=True, timeout=60)
    return await asyncio.get_running_loop().create_server(make, host, port)
