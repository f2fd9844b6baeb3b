"""Faxes fetched from mailboxes by IMAP: a thread a mailbox, which is started, stopped and started anew as it is set.

A mail is read, taken (its file and row are safe), and only then moved. Whatever dies in between leaves it where it
lies: the next look takes it for the same mail, and moves it.
"""

import asyncio
import socket
import threading
import time
from contextlib import suppress

import psycopg
import structlog
from django.db import DatabaseError, connection

from caselli.store.listen import MAILBOX_CHANNEL, connect
from caselli.store.models import MailSource, Preferences

log = structlog.get_logger()
LOOK_AT_SETTINGS = 60.0
"""Seconds between looks when nobody tells of a change: the net below NOTIFY, and how the preferences are noticed."""
PAUSE = 2.0
FAREWELL = 4.0
"""Seconds that mailboxes may take, together, to end in the middle of a mail."""
OFF = "Faxing by email is switched off in the server’s preferences, so nothing is fetched."


async def run(stop: asyncio.Event) -> None:
    """Until ``stop`` is set. Without a mailbox that is switched on, nothing runs but one listening connection."""
    keeper = Keeper()
    hearing = asyncio.create_task(_hear(keeper))
    await stop.wait()
    hearing.cancel()
    await asyncio.gather(hearing, return_exceptions=True)
    await asyncio.to_thread(keeper.close)


async def _hear(keeper: "Keeper") -> None:
    while True:
        try:
            listening = await connect()
            async with listening:
                await listening.execute(f"LISTEN {MAILBOX_CHANNEL}")
                while True:
                    await asyncio.to_thread(keeper.look)
                    async for _ in listening.notifies(timeout=LOOK_AT_SETTINGS, stop_after=1):
                        pass
        except (psycopg.OperationalError, DatabaseError) as error:
            log.warning("cannot look for mailboxes, trying again", error=str(error).strip())
        except Exception:
            log.exception("cannot look for mailboxes, trying again")
        await asyncio.sleep(PAUSE)


class Keeper:
    """Sees to it that each mailbox which is switched on has its thread."""

    def __init__(self) -> None:
        self._threads: dict[int, Running] = {}

    def look(self) -> None:
        """Raises DatabaseError."""
        try:
            wanted = {one.pk: one for one in MailSource.objects.filter(enabled=True)}
            if wanted and not Preferences.current().email_accepted:
                MailSource.objects.filter(enabled=True).exclude(trouble=OFF).update(trouble=OFF)
                wanted = {}
        finally:
            connection.close()  # the next look may come in another thread, and in a minute
        changed = [key for key, one in self._threads.items() if key not in wanted or one.differs_from(wanted[key])]
        self._end(changed)
        for key, source in wanted.items():
            if key not in self._threads:
                self._threads[key] = Running(source)

    def close(self) -> None:
        self._end(list(self._threads))

    def _end(self, keys: list[int]) -> None:
        ended = [self._threads.pop(key) for key in keys]
        for one in ended:
            one.ask_to_end()
        end = time.monotonic() + FAREWELL
        for one in ended:
            one.join(end - time.monotonic())


class Running:
    """One mailbox and its thread."""

    def __init__(self, source: MailSource) -> None:
        from caselli.doors.mail.fetch_mailbox import Mailbox  # the libraries, where there is a mailbox at all

        self._hearing, self._asking = socket.socketpair()
        self._box = Mailbox(source, self._hearing)
        self._thread = threading.Thread(target=self._work, name=f"mailbox {source.name}", daemon=True)
        self._thread.start()

    def _work(self) -> None:
        try:
            self._box.run()
        finally:
            connection.close()

    def differs_from(self, row: MailSource) -> bool:
        """What was set is not what runs; or it has ended by itself."""
        return settings_of(row) != settings_of(self._box.source) or not self._thread.is_alive()

    def ask_to_end(self) -> None:
        with suppress(OSError):
            self._asking.send(b".")

    def join(self, seconds: float) -> None:
        """A thread that does not come to its end in time dies with the process; a mail survives that."""
        self._thread.join(max(seconds, 0.0))
        if not self._thread.is_alive():
            self._hearing.close()
            self._asking.close()


def settings_of(source: MailSource) -> tuple[object, ...]:
    """All that an administrator sets; what is only told (``looked_at``, ``trouble``, ``refused``) is none of it."""
    told = {"id", "looked_at", "trouble", "refused"}
    names = [field.attname for field in MailSource._meta.concrete_fields]  # noqa: SLF001 - documented
    return tuple(getattr(source, name) for name in names if name not in told)
