"""One message handed over by HTTP. The host's name is looked up once, its addresses are checked, and we connect to the
very address that was checked: a name that changes its mind in between leads nowhere else.
"""

import asyncio
import socket
import ssl
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from types import TracebackType
from typing import Self

import httpx

from caselli.notice import webhook_rules as rules
from caselli.notice import webhooks
from caselli.notice.webhook_rules import Address, Network, NotAllowed, Target

LOOK_UP, CONNECT, TOTAL = 5.0, 5.0, 15.0
"""Seconds: for the name, for the connection, for all of one message."""
FIRST_WORDS = 1.0
"""Seconds for the answer's body; nobody needs it but people who look for a mistake."""
KEPT = 300
MOST_READ = 4_096
MOST_ADDRESSES = 3
_HEADERS = {
    "Content-Type": "application/json",
    "User-Agent": "Caselli-Webhooks/1",
    "Accept-Encoding": "identity",
    "Accept": "*/*",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """``status`` of HTTP, None where none came; ``text``: its first words, or the trouble. ``retry_after``: the header,
    empty without one.
    """

    status: int | None
    text: str
    retry_after: str = ""

    @property
    def taken(self) -> bool:
        return rules.verdict_of(self.status) is rules.Verdict.TAKEN


class Post:
    """What all messages of a process share. ``private``: networks of our own into which they may go."""

    def __init__(self, private: Sequence[Network], tls: ssl.SSLContext | None = None) -> None:
        self.private = private
        self.tls = tls or ssl.create_default_context()
        self._names = ThreadPoolExecutor(8, thread_name_prefix="webhook-names")

    def close(self) -> None:
        self._names.shutdown(wait=False, cancel_futures=True)

    async def addresses(self, target: Target) -> list[Address]:
        """Of its host, in the order in which they are tried. Raises NotAllowed where we may not go to one of them."""
        with suppress(ValueError):
            found = [ip_address(target.host)]
            rules.check(found[0], target, self.private)
            return found
        try:
            async with asyncio.timeout(LOOK_UP):
                told = await asyncio.get_running_loop().run_in_executor(
                    self._names, lambda: socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
                )
        except TimeoutError:
            raise NotAllowed(f"The name server did not say in {LOOK_UP:g} seconds where {target.host} is.") from None
        except OSError as error:
            raise NotAllowed(f"There is no host {target.host} ({error.strerror or error}).") from None
        addresses = [ip_address(str(one[4][0]).partition("%")[0]) for one in told]
        for one in addresses:
            rules.check(one, target, self.private)
        return list(dict.fromkeys(addresses))[:MOST_ADDRESSES]

    def session(self, url: str) -> "Session":
        return Session(self, url)


class Session:
    """To one address, over one connection as long as the far end keeps it."""

    def __init__(self, post: Post, url: str) -> None:
        self._post = post
        self._url = url
        self._addresses: list[Address] = []

    async def __aenter__(self) -> Self:
        # A client of its own: a connection that proved to be one host is never used for another at the same address.
        self._client = httpx.AsyncClient(
            verify=self._post.tls,
            trust_env=False,
            follow_redirects=False,
            timeout=httpx.Timeout(TOTAL, connect=CONNECT),
            limits=httpx.Limits(max_connections=1, keepalive_expiry=TOTAL),
            headers=_HEADERS,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(Exception):
            await self._client.aclose()

    async def send(self, letter: "webhooks.Letter", secrets: Iterable[str]) -> Answer:
        """Whatever happens is an answer."""
        try:
            target = webhooks.check_url(self._url)
            self._addresses = self._addresses or await self._post.addresses(target)
            async with asyncio.timeout(TOTAL):
                return await self._try_each(target, letter, tuple(secrets))
        except NotAllowed as error:
            return Answer(None, str(error))
        except TimeoutError:
            return Answer(None, f"No answer came in {TOTAL:g} seconds.")
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            return Answer(None, _said(error))

    async def _try_each(self, target: Target, letter: "webhooks.Letter", secrets: Sequence[str]) -> Answer:
        """The next address where one cannot be reached at all; what was sent is sent once."""
        for place, address in enumerate(self._addresses):
            try:
                answer = await self._send(target, address, letter, secrets)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                if place == len(self._addresses) - 1:
                    raise
            else:
                self._addresses = [address]
                return answer
        raise NotAllowed(f"{target.host} has no address.")

    async def _send(
        self, target: Target, address: Address, letter: "webhooks.Letter", secrets: Sequence[str]
    ) -> Answer:
        host = f"[{address}]" if address.version == 6 else str(address)
        url = f"{'https' if target.secure else 'http'}://{host}:{target.port}{target.path}"
        headers = {"Host": target.authority, **webhooks.signed(letter, secrets, datetime.now(UTC))}
        request = self._client.build_request(
            "POST",
            url,
            headers=headers,
            content=letter.body.encode(),
            extensions={"sni_hostname": target.host},  # whose certificate it must be
        )
        response = await self._client.send(request, stream=True)
        try:
            retry_after = response.headers.get("Retry-After", "")
            return Answer(response.status_code, await _first_words(response), retry_after)
        finally:
            self._client.cookies.clear()
            with suppress(Exception):
                await response.aclose()


async def _first_words(response: httpx.Response) -> str:
    read = b""
    with suppress(TimeoutError, httpx.HTTPError):
        async with asyncio.timeout(FIRST_WORDS):
            async for piece in response.aiter_raw():
                read += piece
                if len(read) >= MOST_READ:
                    break
    return read[:KEPT].decode("utf-8", "replace")


def _said(error: Exception) -> str:
    if isinstance(error, httpx.ConnectTimeout):
        return f"Nobody took the connection in {CONNECT:g} seconds."
    if isinstance(error, httpx.TimeoutException):
        return f"No answer came in {TOTAL:g} seconds."
    text = str(error) or type(error).__name__
    if "CERTIFICATE_VERIFY_FAILED" in text:
        return (
            f"Its certificate does not prove that it is this host: {text.partition('certificate verify failed: ')[2]}"
        )
    if isinstance(error, httpx.ConnectError):
        return f"Nobody takes the connection: {text}"
    return f"It broke off: {text}"


async def send_one(post: Post, url: str, secrets: Iterable[str], letter: "webhooks.Letter") -> Answer:
    async with post.session(url) as session:
        return await session.send(letter, secrets)
