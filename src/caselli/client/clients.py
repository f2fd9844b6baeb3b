"""The two clients. What they can do is described once, in :class:`Api` and its groups."""

import os
from types import TracebackType
from typing import Any, Self

import httpx

from caselli.client import operations
from caselli.client.directory import (
    BlockedDestinations,
    Extensions,
    Organizations,
    ServerPreferences,
    Trunks,
    Users,
)
from caselli.client.effects import Plan
from caselli.client.events import Events, Webhooks
from caselli.client.faxes import Faxes
from caselli.client.pinning import pinned
from caselli.client.problem import Problem
from caselli.client.received import Received
from caselli.client.retry import Patience
from caselli.client.shapes import Me
from caselli.client.shells import AsyncShell, Settings, SyncShell
from caselli.client.uploads import Uploads
from caselli.client.verbs import Group, S, verb

URL, KEY, CERTIFICATE = "CASELLI_URL", "CASELLI_KEY", "CASELLI_CERTIFICATE"


class Api(Group[S]):
    """What both clients have."""

    def __init__(self, shell: S) -> None:
        super().__init__(shell)
        self.faxes: Faxes[S] = Faxes(shell)
        self.uploads: Uploads[S] = Uploads(shell)
        self.received: Received[S] = Received(shell)
        self.events: Events[S] = Events(shell)
        self.webhooks: Webhooks[S] = Webhooks(shell)
        self.extensions: Extensions[S] = Extensions(shell)
        self.users: Users[S] = Users(shell)
        self.organizations: Organizations[S] = Organizations(shell)
        self.trunks: Trunks[S] = Trunks(shell)
        self.blocked_destinations: BlockedDestinations[S] = BlockedDestinations(shell)
        self.preferences: ServerPreferences[S] = ServerPreferences(shell)

    @verb
    def me(self) -> Plan[Me]:
        """Whose key this is, and what it may do."""
        return self._ask(operations.GET_ME)


class Client(Api[SyncShell]):
    """Speaks with one server. Every method raises :class:`Problem`. Threads may share one.

    ``url``: of the server, like ``https://fax.example.com``; ``key``: an API key, or a token of OAuth 2.0. ``timeout``:
    seconds without an answer; ``retries``: after the first try, of what does no harm twice. ``certificate``: a file in
    PEM: the server that has this very certificate is believed; else those of this system's authorities, or of
    ``SSL_CERT_FILE``. ``transport``: of httpx, in its place.
    """

    def __init__(
        self,
        url: str,
        key: str,
        *,
        timeout: float = 60.0,
        retries: int = 4,
        certificate: str | os.PathLike[str] | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        super().__init__(SyncShell(_settings(url, key, timeout, retries, certificate), transport))

    @classmethod
    def from_environment(cls, **options: Any) -> Self:
        """From CASELLI_URL, CASELLI_KEY and, where it is set, CASELLI_CERTIFICATE. Raises Problem."""
        return cls(**_from_environment(), **options)

    def close(self) -> None:
        self._shell.http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncClient(Api[AsyncShell]):
    """As :class:`Client`, for asyncio: every method is awaited, every list is iterated with ``async for``."""

    def __init__(
        self,
        url: str,
        key: str,
        *,
        timeout: float = 60.0,
        retries: int = 4,
        certificate: str | os.PathLike[str] | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        super().__init__(AsyncShell(_settings(url, key, timeout, retries, certificate), transport))

    @classmethod
    def from_environment(cls, **options: Any) -> Self:
        """As :meth:`Client.from_environment`."""
        return cls(**_from_environment(), **options)

    async def close(self) -> None:
        await self._shell.http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


def _settings(url: str, key: str, timeout: float, retries: int, certificate: str | os.PathLike[str] | None) -> Settings:
    return Settings(url, key, timeout, Patience(retries=retries), pinned(certificate) if certificate else True)


def _from_environment() -> dict[str, Any]:
    found = {name: os.environ.get(name, "").strip() for name in (URL, KEY)}
    for name, value in found.items():
        if not value:
            what = "the server's address, like https://fax.example.com" if name == URL else "an API key"
            raise Problem("not_set_up", f"{name} is not set.", f"Give it {what}.")
    return {"url": found[URL], "key": found[KEY], "certificate": os.environ.get(CERTIFICATE) or None}
