"""What a mailbox's thread does: sign in, look through the folder, wait; after trouble say it, and try again."""

import os
import select
import socket
import tempfile
import time
from pathlib import Path

import structlog
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.utils import timezone
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError, LoginError

from caselli.doors.mail import fetch_session as session
from caselli.doors.mail import fetch_take
from caselli.doors.mail.dialogue_take import NotYetError
from caselli.doors.mail.fetch_session import Gone, NoFolder, TooLarge
from caselli.doors.mail.fetch_take import Fate
from caselli.doors.mail.fetch_token import NoToken
from caselli.doors.mail.fetch_words import LONGEST, in_words
from caselli.store import blobs
from caselli.store.models import MailSource, Preferences

log = structlog.get_logger()

RENEW = 300.0
"""Seconds of one IDLE: mail servers and routers end connections at which nothing happens, some after ten minutes."""
SOON = 10.0
"""Of the first one of a session, and of one after a look that found mails, which come in bursts: some servers do not
tell of a mail that came between the look and IDLE.
"""
POLL = 60.0
"""Seconds between looks where the server does not tell by itself."""
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 300.0
AFTER_LOGIN = 600.0
"""Seconds after a second refused login: servers lock who tries too often."""
AGAIN = 120.0
"""Seconds until a mail is looked at again that could not be judged."""
ELSEWHERE = 30.0
"""Seconds between looks whether another process still fetches this mailbox."""
KEPT = 20
"""Refused mails that the mailbox's page shows."""
UNSURE = "A mail waits: DNS does not answer yet whether it is from its sender. It is looked at again by itself."
OURS = "An error of ours kept a mail from being read; it stays where it is. The log has more."


class Mailbox:
    """``ended``: readable as soon as it is to stop. ``source`` is the row it runs by, with the newest refresh token."""

    def __init__(self, source: MailSource, ended: socket.socket) -> None:
        self.source = source
        self._ended = ended
        self._later: dict[int, float] = {}
        self._pause = FIRST_PAUSE

    def run(self) -> None:
        """Until it is to stop."""
        while not self._is_over():
            try:
                if not self._is_ours():
                    self._rest(ELSEWHERE)
                    continue
                with session.signed_in(self.source) as client:
                    self._work(client)
                    continue
            except (OperationalError, InterfaceError) as error:
                connection.close()
                log.warning("the database is away, fetching later", mailbox=self.source.name, error=str(error).strip())
            except (OSError, IMAPClientError, NoToken, NoFolder, UnicodeError) as error:
                self._say(in_words(error, self.source), error)
            except Exception as error:
                log.exception("a mailbox cannot be read", mailbox=self.source.name)
                self._say(in_words(error, self.source), error)
            self._rest(self._pause)

    def _is_ours(self) -> bool:
        """One process fetches a mailbox, however many there are: the one whose connection holds this lock. Taking it
        again asks nobody else; should the lock be lost with a connection, the fingerprint of a mail is a second net.
        """
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [f"mailbox {self.source.pk}"])
            row = cursor.fetchone()
        return bool(row and row[0])

    def _work(self, client: IMAPClient) -> None:
        done = session.find_or_make(client, self.source.done_folder)
        refused = session.find_or_make(client, self.source.refused_folder)
        session.select(client, self.source.folder)
        self._later.clear()  # its UIDs were another session's
        lively = True
        while not self._is_over():
            lying = session.lying(client)
            lively = lively or bool(lying)
            self._note(self._look_through(client, lying, done, refused))
            self._pause = FIRST_PAUSE
            session.wait(client, self._until_next(client, lively=lively), self._ended.fileno())
            lively = False

    def _until_next(self, client: IMAPClient, *, lively: bool) -> float:
        usual = (SOON if lively else RENEW) if session.tells_by_itself(client) else POLL
        waiting = [due - time.monotonic() for due in self._later.values()]
        return max(min([usual, *waiting]), 1.0)

    def _look_through(self, client: IMAPClient, lying: list[int], done: str, refused: str) -> str:
        """Every mail that lies there; what kept the last one of them from being judged, in words."""
        trouble = ""
        self._later = {uid: due for uid, due in self._later.items() if uid in lying}
        for uid in lying:
            if self._is_over():
                break
            if self._later.get(uid, 0.0) > time.monotonic():
                trouble = trouble or self.source.trouble
                continue
            try:
                fate = self._read(client, uid)
            except Gone:
                continue
            except NotYetError:
                trouble = UNSURE
            except (OSError, IMAPClientError, DatabaseError):
                raise
            except Exception:
                log.exception("a fetched mail could not be read", mailbox=self.source.name, uid=uid)
                trouble = OURS
            else:
                self._tell(fate)
                session.move(client, uid, done if fate.is_taken else refused)
                continue
            self._later[uid] = time.monotonic() + AGAIN
        return trouble

    def _read(self, client: IMAPClient, uid: int) -> Fate:
        """Raises Gone, NotYetError, OSError, IMAPClientError and DatabaseError."""
        most = Preferences.current().mail_megabytes
        size = session.size_of(client, uid)
        blobs.folder().mkdir(parents=True, exist_ok=True)
        # The file has no name: when this process dies, nothing is left of it.
        with tempfile.TemporaryFile(dir=blobs.folder()) as file:
            path = Path(f"/proc/{os.getpid()}/fd/{file.fileno()}")
            try:
                if size <= most * 1_000_000:
                    size = session.read_into(client, uid, file, most * 1_000_000)
                    return fetch_take.take(path, size)
            except TooLarge:
                file.seek(0)
                file.truncate()
            session.read_header_into(client, uid, file)
            return fetch_take.refuse_too_large(path, size, most)

    def _tell(self, fate: Fate) -> None:
        """Into the log; and a refused one onto the mailbox's page, before it is moved."""
        mailbox, sender = self.source.name, fate.sender
        if fate.is_taken:
            log.info("fetched a mail", mailbox=mailbox, sender=sender, subject=fate.subject)
            return
        words = "\n".join(str(one) for one in fate.refusals)
        kinds = [one.kind.value for one in fate.refusals]
        log.warning("refused a fetched mail", mailbox=mailbox, sender=sender, subject=fate.subject, why=kinds)
        entry = {
            "at": timezone.now().isoformat(),
            "key": fate.key[:300],
            "sender": _plain(fate.sender),
            "subject": _plain(fate.subject),
            "words": _plain(words, 2_000),
            "answered": fate.answered,
        }
        with transaction.atomic():
            row = MailSource.objects.select_for_update().filter(pk=self.source.pk).first()
            if row is not None:  # removed meanwhile
                others = [one for one in row.refused if one["key"] != entry["key"]]
                row.refused = [entry, *others][:KEPT]
                row.save(update_fields=["refused"])

    def _note(self, trouble: str) -> None:
        self.source.trouble = trouble[:LONGEST]
        told = {"looked_at": timezone.now(), "trouble": self.source.trouble}
        MailSource.objects.filter(pk=self.source.pk).update(**told)

    def _say(self, words: str, error: Exception) -> None:
        """Write the trouble down, and wait the longer the more often it comes."""
        log.warning("a mailbox cannot be read", mailbox=self.source.name, trouble=words)
        longest = AFTER_LOGIN if isinstance(error, LoginError | NoToken) else LONGEST_PAUSE
        again = words == self.source.trouble
        self._pause = (longest if longest == AFTER_LOGIN else min(self._pause * 2, longest)) if again else FIRST_PAUSE
        self.source.trouble = words
        try:
            MailSource.objects.filter(pk=self.source.pk).update(trouble=words)
        except DatabaseError:
            connection.close()

    def _rest(self, seconds: float) -> None:
        select.select([self._ended], [], [], seconds)

    def _is_over(self) -> bool:
        return bool(select.select([self._ended], [], [], 0)[0])


def _plain(text: str, most: int = 300) -> str:
    """Without what no column takes: NUL, and halves of characters."""
    return text.replace("\0", "").encode(errors="replace").decode()[:most]
