"""One connection by SMTP (RFC 5321) or LMTP (RFC 2033): aiosmtpd speaks; limits, words and mails in files are ours."""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict
from contextlib import suppress
from typing import TYPE_CHECKING, AnyStr, cast

import structlog
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope
from django.db import DatabaseError

from caselli.doors.mail import dialogue_take as deed
from caselli.doors.mail import rules
from caselli.doors.mail.dialogue_content import Fault, IncomingContent
from caselli.doors.mail.dialogue_limits import client_of
from caselli.doors.mail.dialogue_take import Letter
from caselli.doors.mail.dialogue_words import Words
from caselli.doors.mail.rules import Code, answer

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address

    from caselli.doors.mail.dialogue_door import Door

AT_ONCE = 1 << 20
"""More than the stream ever holds, so that it is empty after a read."""
GOODBYE_LIMIT = 5.0
"""Seconds for our last words to reach a client that does not read."""
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_USUAL_PATH = re.compile(rf"[ ]*<({_ATOM}(?:\.{_ATOM})*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*)>(?:[ ]+([A-Za-z].*))?")
"""An address as nearly all are written, and what follows it."""
_KEPT = 320
"""Characters of what a client calls itself or its sender (RFC 5321 4.5.3.1 allows 64 @ 255)."""

log = structlog.get_logger()


class Dialogue(SMTP):
    """The library's protocol, whose commands ``Words`` answers; DATA is our own: it never holds a mail in memory."""

    via = "smtp"
    line_length_limit = 4_096
    command_size_limit = 2_048

    def __init__(self, door: Door) -> None:
        super().__init__(
            Words(door),
            hostname=door.name,
            ident="ESMTP Caselli" if self.via == "smtp" else "LMTP Caselli",
            enable_SMTPUTF8=True,
            data_size_limit=None,  # it changes with the preferences: Words announces it, DATA enforces it
            tls_context=door.tls,
            timeout=door.limits.idle,
        )
        self.command_size_limits = defaultdict(lambda: self.command_size_limit)  # the library's is shared by all
        self.door = door
        self.address: IPv4Address | IPv6Address | None = None
        self.client = ""
        self.is_front = False
        self.is_busy = False
        self._is_open = False
        self._is_leaving = False
        self._refusal: str | None = None
        self._answers = self._errors = 0

    @property
    def mail(self) -> Envelope:
        """The envelope of the mail that goes on. (The library reads all members before there is one.)"""
        return cast("Envelope", self.envelope)

    # What the transport says

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        is_inside_tls = self._original_transport is not None
        super().connection_made(transport)
        if is_inside_tls:
            return
        peer = transport.get_extra_info("peername")
        self.address = rules.client_address(str(peer[0]) if peer else "")
        self.client = client_of(self.address)
        self.is_front = self.via == "lmtp" or rules.is_front(self.address, self.door.fronts)
        self._is_open = True
        self.door.clients.enter(self.client)
        self.door.dialogues.add(self)
        self._refusal = self.door.clients.refuse_connection(self.client, self.loop.time(), front=self.is_front)
        if self._refusal:
            self._leave()
        assert self._handler_coroutine is not None
        self._handler_coroutine.add_done_callback(_ended)

    def connection_lost(self, error: Exception | None) -> None:
        self._leave()
        super().connection_lost(error)

    def _leave(self) -> None:
        if self._is_open:
            self._is_open = False
            self.door.clients.leave(self.client)
            self.door.dialogues.discard(self)

    async def _handle_client(self) -> None:
        if self._refusal:
            log.info("refused a connection", via=self.via, client=self.client, why=self._refusal)
            self.say_goodbye("421", f"4.7.0 {self._refusal}")
            return
        await super()._handle_client()

    def _timeout_cb(self) -> None:
        seconds = self.door.limits.idle
        self.say_goodbye("421", f"4.4.2 Nothing came for {seconds:.0f} seconds. Connect again when there is a mail.")

    # What we say

    async def push(self, status: AnyStr) -> None:
        """One answer. Who makes too many mistakes, or does too much without a mail, is sent away."""
        if self._is_leaving:
            await asyncio.sleep(0)  # the connection's end is seen
            return
        await super().push(status)
        self._answers += status[3:4] not in {"-", b"-"}  # the last line of one
        self._errors += status[:1] in {"4", "5", b"4", b"5"}
        if self._errors >= self.door.limits.errors and not self.is_front:
            self.say_goodbye("421", "4.7.0 Too many commands of this connection failed. Mend them, and connect again.")
        elif self._answers >= self.door.limits.commands:
            self.say_goodbye("421", "4.7.0 Too many commands without a mail in this connection. Connect again.")

    def say_goodbye(self, code: str, words: str) -> None:
        transport = cast("asyncio.Transport | None", self.transport)
        if transport is None or self._is_leaving:
            return
        self._is_leaving = True
        self._writer.write(f"{code} {words}\r\n".encode("ascii", "replace"))
        transport.close()
        self.loop.call_later(GOODBYE_LIMIT, transport.abort)

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        """The library reads it as an address in a mail's header may be written: 200 times the work, twice a mail."""
        usual = _USUAL_PATH.fullmatch(arg)
        return (usual[1], usual[2] or "") if usual else super()._getaddr(arg)

    # DATA

    async def smtp_DATA(self, arg: str | None) -> None:  # noqa: N802 - the library's name
        if await self.check_helo_needed():
            return
        if not self.mail.rcpt_tos:
            await self.push("503 5.5.1 There is no recipient yet: send RCPT first")
            return
        if arg:
            await self.push("501 5.5.4 Syntax: DATA")
            return
        if refusal := self.event_handler.refuse_reverse_path(self):
            await self.push(refusal)
            return
        try:
            content = self.door.content((await self.door.terms()).limit)
        except DatabaseError:
            await self.push(answer(deed.TROUBLE, deed.TROUBLE_WORDS))
            return
        except OSError as error:
            log.warning("took no mail", client=self.client, error=str(error))
            await self.push(answer(deed.NO_ROOM, deed.NO_ROOM_WORDS))
            return
        await self._receive(content)

    async def _receive(self, content: IncomingContent) -> None:
        """The content is closed here, or by the deed, which has it from the final dot on."""
        self.is_busy = True
        handed_over = False
        too_long = self.loop.call_later(self.door.limits.mail_time, self._took_too_long)
        try:
            await self.push("354 Send the mail, and a line with a single dot at its end")
            await self._read(content)
            assert self._timeout_handle is not None
            self._timeout_handle.cancel()  # now they wait for us
            too_long.cancel()
            if content.fault is None:
                handed_over = True
                status = await asyncio.shield(self.door.take(content, self._letter(content), utf8=self.mail.smtp_utf8))
            else:
                status = await self._refuse_fault(content.fault)
            await self._answer_mail(status)
        finally:
            self.is_busy = False
            too_long.cancel()
            if not handed_over:
                content.close()

    async def _read(self, content: IncomingContent) -> None:
        """To the final dot. What follows it stays in the stream. The end of the connection ends this task."""
        while True:
            data = await self._reader.read(AT_ONCE)
            self._reset_timeout()
            if not data:
                raise ConnectionResetError
            rest = content.feed(data)
            if rest is not None:
                self._reader.feed_data(rest)
                return

    def _took_too_long(self) -> None:
        self.say_goodbye("421", f"4.4.2 The mail took longer than {self.door.limits.mail_time:.0f} seconds.")

    def _letter(self, content: IncomingContent) -> Letter:
        return Letter(
            via=self.via,
            content=content.path,
            size=content.size,
            reverse_path=_printable(self.mail.mail_from),
            helo=_printable(self.session.host_name if self.session else ""),
            client_ip=str(self.address) if self.address else None,
        )

    async def _refuse_fault(self, fault: Fault) -> str:
        log.info("refused a mail", via=self.via, client=self.client, why=fault.value)
        match fault:
            case Fault.TOO_LARGE:
                limit = (await self.door.terms()).limit // 1_000_000
                return answer(rules.TOO_LARGE, rules.too_large(limit))
            case Fault.BARE_LINE_END:
                return answer(
                    Code(550, "5.6.11"),
                    "The mail has a line that ends with CR or LF alone, which some servers take for the end of a mail. "
                    "Send it with a mail program that ends every line with both (RFC 5321, 2.3.8).",
                )
            case Fault.NO_ROOM:
                return answer(deed.NO_ROOM, deed.NO_ROOM_WORDS)

    async def _answer_mail(self, status: str) -> None:
        """By LMTP once for each recipient (RFC 2033 4.2)."""
        answers = len(self.mail.rcpt_tos) if self.via == "lmtp" else 1
        self.envelope = self._create_envelope()
        self._reset_timeout()
        for _ in range(answers):
            await self.push(status)
        if status.startswith("2"):
            self._answers = self._errors = 0

    # Commands that we do not have

    async def smtp_AUTH(self, arg: str | None) -> None:  # noqa: N802
        del arg
        await self.push("502 5.5.1 Nobody signs in here: the address in From says who sends")

    async def smtp_EXPN(self, arg: str | None) -> None:  # noqa: N802
        del arg
        await self.push("502 5.5.1 There are no lists here")


class LocalDialogue(Dialogue, LMTP):
    """LMTP: greeted by LHLO, and one answer for each recipient. It is for the operator's own mail server."""

    via = "lmtp"


def _printable(text: str | None) -> str:
    """What any table and any library takes: no controls, no halves of letters."""
    return re.sub(r"[\x00-\x1f\x7f\ud800-\udfff]", "?", text or "")[:_KEPT]


def _ended(task: asyncio.Task[None]) -> None:
    """A connection that breaks while we speak is nothing to tell."""
    with suppress(asyncio.CancelledError):
        task.exception()
