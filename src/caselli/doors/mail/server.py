"""The SMTP and LMTP server of a process: its listeners, and its certificate for STARTTLS."""

import asyncio
import os
import socket
import ssl
from collections.abc import Sequence
from typing import Any

from caselli.doors.mail.dialogue import Dialogue, LocalDialogue
from caselli.doors.mail.dialogue_door import Door
from caselli.doors.mail.dialogue_limits import Limits
from caselli.doors.mail.rules import Network

PATIENCE = 4.0
"""Seconds for mails that were under way when the server is stopped. The supervisor gives five."""
BACKLOG = 256
AT_ONCE = 1
"""Connections that are accepted in one turn of the loop: another process on the same socket shall have its share."""


class MailServer:
    """``processes``: how many share the sockets. The rest as ``Door``. Make it in a running loop."""

    def __init__(
        self,
        name: str,
        limits: Limits | None = None,
        fronts: Sequence[Network] = (),
        tls: ssl.SSLContext | None = None,
        processes: int = 1,
    ) -> None:
        self.door = Door(name, (limits or Limits()).shared(processes), fronts, tls)
        self._listeners: list[tuple[asyncio.Server, type[Dialogue]]] = []

    async def listen(self, host: str, port: int) -> int:
        """By SMTP. Returns the port. Raises OSError when the address is taken."""
        return await self._listen(Dialogue, host, port)

    async def listen_locally(self, host: str, port: int) -> int:
        """The same by LMTP."""
        return await self._listen(LocalDialogue, host, port)

    def descriptors(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Of the sockets that listen by SMTP, and by LMTP."""
        smtp, lmtp = (
            tuple(one.fileno() for listener, kind in self._listeners if kind is wanted for one in listener.sockets)
            for wanted in (Dialogue, LocalDialogue)
        )
        return smtp, lmtp

    async def share(self, smtp: Sequence[int], lmtp: Sequence[int]) -> None:
        """Accept from sockets on which another process listens too, by their descriptors."""
        for kind, descriptors in ((Dialogue, smtp), (LocalDialogue, lmtp)):
            for one in descriptors:
                await self._keep(kind, sock=socket.socket(fileno=one))

    async def close(self, patience: float = PATIENCE) -> None:
        for listener, _kind in self._listeners:
            listener.close()
        await self.door.close(patience)

    async def _listen(self, kind: type[Dialogue], host: str, port: int) -> int:
        listener = await self._keep(kind, host=host, port=port)
        return int(listener.sockets[0].getsockname()[1])

    async def _keep(self, kind: type[Dialogue], **where: Any) -> asyncio.Server:
        loop = asyncio.get_running_loop()
        listener = await loop.create_server(lambda: kind(self.door), backlog=AT_ONCE, **where)
        for one in listener.sockets:
            with socket.socket(fileno=os.dup(one.fileno())) as same:
                same.listen(BACKLOG)  # the library takes one number for both
        self._listeners.append((listener, kind))
        return listener
