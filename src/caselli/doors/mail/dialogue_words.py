"""What the commands of a dialogue are answered, before any content comes: aiosmtpd's hooks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import structlog
from django.db import DatabaseError

from caselli.directory.addresses import ascii_domain, canonical
from caselli.doors.mail import dialogue_take as deed
from caselli.doors.mail import rules
from caselli.doors.mail.rules import Code, answer

if TYPE_CHECKING:
    from aiosmtpd.smtp import Envelope, Session

    from caselli.doors.mail.dialogue import Dialogue
    from caselli.doors.mail.dialogue_door import Door

OFF = "This server takes no faxes by email yet: hand the document in on its web page"
_SIZE = re.compile(r"SIZE=(\d{1,20})\Z")

log = structlog.get_logger()


class Words:
    """``handle_*`` are called by name. RFC 5321 4.2: an answer is a code and words; RFC 3463: enhanced codes."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, server: Dialogue, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """Also LHLO. The size allowed is announced as it is now (RFC 1870); nobody signs in here."""
        del server, envelope
        session.host_name = hostname
        try:
            size = f"250-SIZE {(await self._door.terms()).limit}"
        except DatabaseError:
            size = "250-SIZE"
        name, *offered = [one for one in responses if not one.startswith("250-AUTH")]
        return [name, size, "250-PIPELINING", *offered]

    async def handle_MAIL(  # noqa: N802
        self, server: Dialogue, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        del session
        if why := self._door.clients.refuse_mail(server.client, server.loop.time(), front=server.is_front):
            log.info("refused a mail", via=server.via, client=server.client, why=why)
            return answer(Code(450, "4.7.1"), why)
        if size := next((found for one in options if (found := _SIZE.match(one))), None):
            limit = (await self._door.terms()).limit
            if int(size[1]) > limit:
                log.info("refused a mail", via=server.via, client=server.client, why="too large", size=int(size[1]))
                return answer(rules.TOO_LARGE, rules.too_large(limit // 1_000_000))
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 Whose fax is it?"

    async def handle_RCPT(  # noqa: N802
        self, server: Dialogue, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        del session
        ours = (await self._door.terms()).address
        if not ours or canonical(address) != canonical(ours):
            log.info("refused a recipient", via=server.via, client=server.client, recipient=address[:100])
            return answer(Code(550, "5.7.1"), OFF) if not ours else _not_here(ours, utf8=envelope.smtp_utf8)
        if len(envelope.rcpt_tos) >= self._door.limits.recipients:
            return answer(Code(452, "4.5.3"), "One fax address is enough: the recipients stand in the subject.")
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 Faxes are taken here"

    async def handle_VRFY(  # noqa: N802
        self, server: Dialogue, session: Session, envelope: Envelope, address: str
    ) -> str:
        del server, session, envelope, address
        return "252 2.5.0 Which addresses exist is not told; send the mail, and see"

    async def handle_exception(self, error: Exception) -> str:
        if isinstance(error, DatabaseError):
            log.warning("the database is away, mails have to wait", error=str(error).strip())
        else:
            log.error("a mistake of ours in a dialogue", exc_info=error)
        return answer(deed.TROUBLE, deed.TROUBLE_WORDS)

    def refuse_reverse_path(self, server: Dialogue) -> str | None:
        """At DATA: servers that only ask whether an address exists do so with the null reverse-path, and stop there."""
        if server.mail.mail_from != "<>":
            return None
        log.info("refused a mail", via=server.via, client=server.client, why="a bounce")
        return answer(
            Code(550, "5.7.1"),
            "This is a notice of a mail server (its reverse-path is empty), and here only documents are taken. "
            "Send the document from your own address.",
        )


def _not_here(ours: str, *, utf8: bool) -> str:
    local, _, domain = ours.rpartition("@")
    shown = ours if utf8 or not local.isascii() else f"{local}@{ascii_domain(domain)}"
    return answer(Code(550, "5.1.1"), f"Nobody has this address here. Faxes are taken at {shown}", utf8=utf8)
