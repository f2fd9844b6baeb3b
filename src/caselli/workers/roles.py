"""Each role as a process: start, say that it is ready, work until a signal, stop.

Each loads its own code only, where it starts: five processes start at once, and the machine needs no database.
"""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from ipaddress import ip_network
from socket import gethostname
from ssl import SSLContext
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from caselli.project.configuration import Configuration
from caselli.workers.ready import tell_ready, wait_for_go

if TYPE_CHECKING:
    from caselli.doors.mail.server import MailServer


class CannotStartError(RuntimeError):
    """Why a role does not start, and what to do, in words for the person who started it."""


def run(work: Callable[[asyncio.Event], Awaitable[None]]) -> None:
    """Run ``work`` until SIGTERM or SIGINT sets its event."""

    async def until_signal() -> None:
        stop = asyncio.Event()
        for one in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(one, stop.set)
        await work(stop)

    asyncio.run(until_signal())


def _address_taken(variable: str, address: object, error: OSError) -> CannotStartError:
    why = error.strerror or str(error)
    return CannotStartError(
        f"cannot listen on {address} ({why}): end what uses it, or set {variable} to another host:port"
    )


async def dialer(configuration: Configuration, stop: asyncio.Event) -> None:
    from caselli.workers.dialer import Dialer
    from caselli.workers.listening import NameTakenError

    wait_for_go()
    one = Dialer(configuration.instance)
    try:
        await one.start(configuration.sip.host, configuration.sip.port, configuration.media_workers)
    except OSError as error:
        raise _address_taken("CASELLI_SIP", configuration.sip, error) from error
    except NameTakenError as error:
        raise CannotStartError(f"“{error}” runs already: give each dialer its own CASELLI_INSTANCE") from error
    tell_ready()
    await one.run(stop)
    await one.stop()


async def machine(configuration: Configuration, stop: asyncio.Event) -> None:
    from caselli.line.machine import Machine

    one = Machine()
    address = configuration.machine_sip
    try:
        await one.start(address.host, address.port, configuration.machine_folder, address.host)
    except OSError as error:
        raise _address_taken("CASELLI_MACHINE_SIP", address, error) from error
    tell_ready()
    await stop.wait()
    await one.stop()


async def mail(configuration: Configuration, stop: asyncio.Event) -> None:
    from caselli.doors.mail import fetch
    from caselli.workers import mail_processes
    from caselli.workers.certificate import CertificateError
    from caselli.workers.starttls import StartTls

    wait_for_go()
    try:
        tls = StartTls(configuration)
    except CertificateError as error:
        raise CannotStartError(str(error)) from error
    given = mail_processes.given()
    server = _mail_server(configuration, tls.context)
    if given:
        await server.share(given.smtp, given.lmtp)
    else:
        await _listen_for_mails(server, configuration)
    tell_ready()
    watching = asyncio.create_task(tls.watch())
    beside: list[Awaitable[None]] = []
    if not given:
        sockets = mail_processes.Sockets(*server.descriptors())
        more = mail_processes.keep(configuration.mail_processes - 1, sockets, stop)
        beside = [asyncio.create_task(fetch.run(stop)), asyncio.create_task(more)]
    await stop.wait()
    watching.cancel()
    await asyncio.gather(server.close(), *beside)


def _mail_server(configuration: Configuration, tls: SSLContext) -> "MailServer":
    from caselli.doors.mail.server import MailServer

    fronts = (ip_network("127.0.0.0/8"), ip_network("::1"), *configuration.trusted_proxies)
    return MailServer(_own_name(configuration), None, fronts, tls, configuration.mail_processes)


async def _listen_for_mails(server: "MailServer", configuration: Configuration) -> None:
    """Raises CannotStartError."""
    smtp, lmtp = configuration.smtp, configuration.lmtp
    try:
        await server.listen(smtp.host, smtp.port)
    except OSError as error:
        raise _address_taken("CASELLI_SMTP", smtp, error) from error
    if lmtp:
        try:
            await server.listen_locally(lmtp.host, lmtp.port)
        except OSError as error:
            raise _address_taken("CASELLI_LMTP", lmtp, error) from error


def _own_name(configuration: Configuration) -> str:
    """What a mail server calls itself is a host's name (RFC 5321 4.1.1.1): the public one, else this machine's."""
    public = urlsplit(configuration.public_url).hostname or ""
    return public if "." in public and not public.replace(".", "").isdigit() and ":" not in public else gethostname()


async def run_chores(configuration: Configuration, stop: asyncio.Event) -> None:
    from caselli.workers import chores

    del configuration
    wait_for_go()
    tell_ready()
    await chores.run(stop)
