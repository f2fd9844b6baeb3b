"""A mail server with mailboxes, for tests: pymap in a thread of its own, with TLS. None of our code is in it."""

import asyncio
import ssl
import threading
from argparse import Namespace
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from imapclient import IMAPClient
from proxyprotocol.reader import ProxyProtocolReader
from proxyprotocol.sock import SocketInfo
from pymap.backend.dict import Config, DictBackend, Login
from pymap.imap import IMAPServer
from pysasl.hashing import BuiltinHash

LOGIN, PASSWORD = "fax@example.com", "pass word"


class Server:
    """``without``: capabilities that it shall not have. ``starttls``: encryption is asked for, not there at once."""

    def __init__(
        self, certificate: Path, key: Path, *, without: tuple[bytes, ...] = (), starttls: bool = False
    ) -> None:
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(certificate, key)
        self._without = without
        self._starttls = starttls
        self._ready = threading.Event()
        self._talks: set[asyncio.Task[None]] = set()
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._config: Config | None = None
        self.start()

    def start(self) -> None:
        """Also after ``stop``: on the same port, with the mails that it had."""
        self._ready.clear()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._ready.wait(60)

    def _run(self) -> None:
        self._stopped = asyncio.Event()
        self._loop.run_until_complete(self._serve())

    async def _serve(self) -> None:
        if self._config is None:
            self._backend, self._config = await self._backend_of_its_own()
        self._config.apply_context()
        answer = IMAPServer(self._backend.login, self._config)

        async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, who: SocketInfo) -> None:
            task = asyncio.current_task()
            assert task is not None
            self._talks.add(task)
            try:
                await answer(reader, writer, who)
            finally:
                self._talks.discard(task)
                writer.transport.abort()

        taking = ProxyProtocolReader(self._config.proxy_protocol).get_callback(take)
        tls = None if self._starttls else self._tls
        server = await asyncio.start_server(taking, "127.0.0.1", self.port, ssl=tls)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stopped.wait()
        server.close()
        for one in self._talks:
            one.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)
        await server.wait_closed()
        await asyncio.sleep(0.05)  # asyncio closes an aborted transport in its next turns

    async def _backend_of_its_own(self) -> tuple[DictBackend, Config]:
        without = self._without

        class Narrowed(Config):
            @property
            def login_capability(self) -> Sequence[bytes]:
                return [one for one in super().login_capability if one not in without]

        options = Namespace(
            host=None, port=0, debug=False, cert=None, key=None, tls=self._starttls, passlib_cfg=None,
            proxy_protocol=None, inherited_sockets=None, demo_data=False, demo_user=LOGIN, demo_password=PASSWORD,
        )  # fmt: skip
        config = Narrowed.from_args(
            options,
            ssl_context=self._tls,
            invalid_user_sleep=0.0,
            reject_dnsbl=False,
            hash_context=BuiltinHash(rounds=1),
        )
        login = Login(config)
        await DictBackend._add_demo_user(config, login)
        return DictBackend(login, config), config

    def stop(self) -> None:
        """Every connection breaks."""
        self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join(60)

    def close(self) -> None:
        self.stop()
        self._loop.close()

    def empty(self) -> None:
        """A mailbox as on the first day."""
        assert self._config is not None
        self._config.set_cache.clear()

    @contextmanager
    def program(self) -> Iterator[IMAPClient]:
        """A person's mail program, signed in."""
        trusting = ssl.create_default_context()
        client = IMAPClient("127.0.0.1", self.port, ssl=not self._starttls, ssl_context=trusting, timeout=60)
        if self._starttls:
            client.starttls(trusting)
        client.login(LOGIN, PASSWORD)
        try:
            yield client
        finally:
            client.shutdown()

    def put(self, mail: bytes, folder: str = "INBOX") -> None:
        with self.program() as client:
            client.append(folder, mail)

    def count(self, folder: str) -> int:
        """Of mails; -1 where there is no such folder."""
        with self.program() as client:
            if not client.folder_exists(folder):
                return -1
            return int(client.select_folder(folder, readonly=True)[b"EXISTS"])
