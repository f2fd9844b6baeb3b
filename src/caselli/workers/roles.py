"""Each role as a process: start, say that it is ready, work until a signal, stop.

Each loads its own code only, where it starts: five processes start at once, and the machine needs no database.
"""

import asyncio
import signal
from collections.abc import Awaitable, Callable

from caselli.project.configuration import Configuration
from caselli.workers.ready import tell_ready, wait_for_go


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
    from caselli.doors.mail import server as mail_server

    wait_for_go()
    try:
        server = await mail_server.serve(configuration.smtp.host, configuration.smtp.port)
    except OSError as error:
        raise _address_taken("CASELLI_SMTP", configuration.smtp, error) from error
    tell_ready()
    await stop.wait()
    server.close()


async def run_chores(configuration: Configuration, stop: asyncio.Event) -> None:
    from caselli.workers import chores

    del configuration
    wait_for_go()
    tell_ready()
    await chores.run(stop)
