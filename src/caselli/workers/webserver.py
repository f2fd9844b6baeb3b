"""`caselli web`: the pages by HTTP and HTTPS. One process, one application, two listeners that end together."""

import asyncio
import errno
import logging
import os
import resource
import signal
import socket
import sys
from asyncio import FIRST_COMPLETED
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from typing import Any, NoReturn, cast

import structlog
from granian.constants import Interfaces, SSLProtocols
from granian.log import LogLevels
from granian.server.embed import Server

from caselli.project.configuration import Address, Configuration
from caselli.workers.certificate import Certificate, CertificateError, of_this_server, utc_now
from caselli.workers.ready import tell_ready, wait_for_go

APPLICATION = "caselli.project.asgi:application"
LISTEN_LIMIT = 10.0
STOP_LIMIT = 3.0
LOOK_AT_CERTIFICATE = 60.0
BACKLOG = 1024

Message = MutableMapping[str, Any]
Asgi = Callable[[Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]]

log = structlog.get_logger()


class WebError(RuntimeError):
    """The pages cannot be served; the text names the variable and the remedy."""


@dataclass(frozen=True, slots=True)
class Listener:
    """One address, and the variable that sets it."""

    variable: str
    address: Address


def serve(configuration: Configuration, application: str = APPLICATION) -> NoReturn:
    """Serve until SIGTERM or SIGINT, and end the process: status 1 when it could not, having said on stderr why."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # each stream is a connection
    try:
        asyncio.run(_serve(configuration, application))
    except (WebError, CertificateError) as error:
        print(f"caselli web: {error}", file=sys.stderr, flush=True)
        leave(1)
    leave(0)


def leave(status: int) -> NoReturn:
    """End without tearing the interpreter down: the server's own threads, which may still want it, would abort."""
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


async def _serve(configuration: Configuration, application: str) -> None:
    stop = asyncio.Event()
    for wish in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(wish, stop.set)
    claim(Listener("CASELLI_WEB", configuration.web))  # before the application is loaded, which takes a while
    claim(Listener("CASELLI_WEB_TLS", configuration.web_tls))
    module, _, name = application.partition(":")
    asgi = cast("Asgi", getattr(import_module(module), name))
    wait_for_go()
    pages = Pages(asgi, configuration)
    async with Lifespan(asgi):
        try:
            await pages.open()
            tell_ready()
            await pages.watch(stop)
        except BaseException:
            await pages.close()
            raise
    await pages.close()  # the application has ended its streams by now


def claim(listener: Listener) -> Address:
    """The address as numbers, if it is free. Raises WebError.

    The server itself shares its port with whoever asks (SO_REUSEPORT): two of ours would halve the requests in silence.
    """
    address, variable = listener.address, listener.variable
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror as error:
        raise WebError(f"{variable} is {address}: there is no host of that name ({error.strerror})") from error
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(place)
            probe.listen(1)
        except OSError as error:
            raise WebError(f"{variable} is {address}: {_why_not(error)}") from error
    return Address(str(place[0]), address.port)


def _why_not(error: OSError) -> str:
    reasons = {
        errno.EADDRINUSE: "something else listens there. End it, or set the variable to another host:port",
        errno.EADDRNOTAVAIL: "that address is not one of this machine. Set the variable to one that is",
        errno.EACCES: "ports below 1024 need root. Set the variable to a higher port",
    }
    return reasons.get(error.errno or 0, str(error))


def _certificate(configuration: Configuration) -> Certificate:
    certificate = of_this_server(configuration)
    if not certificate.ours and certificate.is_about_to_expire(utc_now()):
        log.warning(
            "the certificate ends soon; put a new one there", file=str(certificate.chain), ends=certificate.expires
        )
    return certificate


class Lifespan:
    """Tells the application that it starts, and that it ends (ASGI's lifespan), once for both listeners."""

    def __init__(self, application: Asgi) -> None:
        self._application = application
        self._to_it: asyncio.Queue[Message] = asyncio.Queue()
        self._from_it: asyncio.Queue[Message] = asyncio.Queue()

    async def __aenter__(self) -> None:
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": {}}
        self._task = asyncio.ensure_future(self._application(scope, self._to_it.get, self._from_it.put))
        await self._say("startup")

    async def __aexit__(self, *_: object) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._say("shutdown"), STOP_LIMIT)
        self._task.cancel()

    async def _say(self, what: str) -> None:
        await self._to_it.put({"type": f"lifespan.{what}"})
        answer = asyncio.ensure_future(self._from_it.get())
        await asyncio.wait({answer, self._task}, return_when=FIRST_COMPLETED)
        if not answer.done():
            answer.cancel()
            raise WebError(f"the application ended at its {what}") from self._task.exception()
        if answer.result()["type"] != f"lifespan.{what}.complete":
            raise WebError(f"the application failed at its {what}: {answer.result().get('message', '')}")


class _Running:
    """One listener of the server's, as a task. ``task`` ends only when it was told to, or when the listener is dead."""

    def __init__(self, application: Asgi, place: Address, certificate: Certificate | None) -> None:
        self.certificate = certificate
        self.seen = _seen(certificate)
        self._server: Any = Server(  # its methods carry no types
            application,
            address=place.host,
            port=place.port,
            interface=Interfaces.ASGINL,
            websockets=False,
            backlog=BACKLOG,
            log_level=LogLevels.error,
            log_dictconfig={"handlers": {}, "loggers": {"_granian": {"propagate": True}}},
            ssl_cert=certificate.chain if certificate else None,
            ssl_key=certificate.key if certificate else None,
            ssl_protocol_min=SSLProtocols.tls12,  # what fax clients in the field can do
        )
        self.task = asyncio.create_task(self._server.serve())

    async def stop(self) -> None:
        self._server.signal_handler_interrupt()
        with suppress(TimeoutError):
            await asyncio.wait_for(self.task, STOP_LIMIT)


def _seen(certificate: Certificate | None) -> list[int]:
    with suppress(FileNotFoundError):
        return [path.stat().st_mtime_ns for path in (certificate.chain, certificate.key)] if certificate else []
    return []


class Pages:
    """Both listeners; ``watch`` keeps the certificate current."""

    def __init__(self, application: Asgi, configuration: Configuration) -> None:
        self._application = application
        self._configuration = configuration
        self._running: list[_Running] = []

    async def open(self) -> None:
        await self._listen(Listener("CASELLI_WEB", self._configuration.web), None)
        await self._listen_securely(_certificate(self._configuration))

    async def close(self) -> None:
        await asyncio.gather(*(running.stop() for running in self._running))

    async def watch(self, stop: asyncio.Event) -> None:
        """Until told to stop. A listener that ends by itself ends all; a new or renewed certificate is taken up."""
        stopping: asyncio.Future[Any] = asyncio.ensure_future(stop.wait())
        while True:
            tasks = [running.task for running in self._running]
            done, _ = await asyncio.wait([stopping, *tasks], timeout=LOOK_AT_CERTIFICATE, return_when=FIRST_COMPLETED)
            if stopping in done:
                return
            if done:
                raise WebError("a listener ended by itself")
            await self.look_at_certificate()

    async def look_at_certificate(self) -> None:
        secure = self._running[-1]
        assert secure.certificate
        ending = secure.certificate.ours and secure.certificate.is_about_to_expire(utc_now())
        if not ending and _seen(secure.certificate) == secure.seen:
            return
        try:
            certificate = _certificate(self._configuration)
        except CertificateError as error:
            log.warning("the new certificate cannot be used, going on with the old one", reason=str(error))
            secure.seen = _seen(secure.certificate)
            return
        await self._running.pop().stop()
        await self._listen_securely(certificate)
        log.info("took up a new certificate", file=str(certificate.chain), ends=str(certificate.expires))

    async def _listen_securely(self, certificate: Certificate) -> None:
        await self._listen(Listener("CASELLI_WEB_TLS", self._configuration.web_tls), certificate)

    async def _listen(self, listener: Listener, certificate: Certificate | None) -> None:
        place = claim(listener)
        running = _Running(self._application, place, certificate)
        self._running.append(running)
        await _until_it_listens(running, place)


async def _until_it_listens(server: _Running, place: Address) -> None:
    give_up = asyncio.get_running_loop().time() + LISTEN_LIMIT
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(place.host, place.host)  # noqa: S104 - to replace it
    while True:
        if server.task.done():
            raise WebError(f"cannot listen on {place}") from server.task.exception()
        with suppress(OSError):
            _, writer = await asyncio.open_connection(host, place.port)
            writer.close()
            return
        if asyncio.get_running_loop().time() > give_up:
            raise WebError(f"still nobody listens on {place} after {LISTEN_LIMIT:g} s")
        await asyncio.sleep(0.02)
