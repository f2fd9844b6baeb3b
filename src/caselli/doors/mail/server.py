"""The SMTP and LMTP server of a process: its listeners, and its certificate for STARTTLS."""

import asyncio
import ssl
from collections.abc import Sequence

from caselli.doors.mail.dialogue import Dialogue, LocalDialogue
from caselli.doors.mail.dialogue_door import Door
from caselli.doors.mail.dialogue_limits import Limits
from caselli.doors.mail.rules import Network

PATIENCE = 4.0
"""Seconds for mails that were under way when the server is stopped. The supervisor gives five."""
BACKLOG = 256


class MailServer:
    """The rest as ``Door``. Make it in a running loop."""

    def __init__(
        self,
        name: str,
        limits: Limits | None = None,
        fronts: Sequence[Network] = (),
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.door = Door(name, limits or Limits(), fronts, tls)
        self._listeners: list[asyncio.Server] = []

    async def listen(self, host: str, port: int) -> int:
        """By SMTP. Returns the port. Raises OSError when the address is taken."""
        return await self._listen(Dialogue, host, port)

    async def listen_locally(self, host: str, port: int) -> int:
        """The same by LMTP."""
        return await self._listen(LocalDialogue, host, port)

    async def close(self, patience: float = PATIENCE) -> None:
        for one in self._listeners:
            one.close()
        await self.door.close(patience)

    async def _listen(self, kind: type[Dialogue], host: str, port: int) -> int:
        loop = asyncio.get_running_loop()
        listener = await loop.create_server(lambda: kind(self.door), host, port, backlog=BACKLOG)
        self._listeners.append(listener)
        return int(listener.sockets[0].getsockname()[1])
