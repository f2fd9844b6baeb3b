"""Looks into a mailbox for its administrator: signs in, counts, says in words what is wrong, and changes nothing."""

from dataclasses import dataclass

import structlog
from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientError

from caselli.doors.mail import fetch_session as session
from caselli.doors.mail.fetch_session import NoFolder
from caselli.doors.mail.fetch_token import NoToken
from caselli.doors.mail.fetch_words import in_words
from caselli.store.models import MailSource

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Found:
    """``sentences``: what was found; or what is wrong, and what to do."""

    passed: bool
    sentences: tuple[str, ...]

    def __str__(self) -> str:
        return " ".join(self.sentences)


def test(source: MailSource, patience: SocketTimeout = session.PATIENCE) -> Found:  # noqa: PT028 - it tests a mailbox
    """With the settings as they are given, saved or not. Takes a minute at most where a server does not answer."""
    try:
        with session.signed_in(source, patience) as client:
            count = session.select(client, source.folder, only_look=True)
            return Found(passed=True, sentences=tuple(_tell(client, source, count)))
    except (OSError, IMAPClientError, NoToken, NoFolder, UnicodeError) as error:
        return Found(passed=False, sentences=(in_words(error, source),))
    except Exception as error:  # a server may answer anything
        log.exception("a mailbox cannot be tested", mailbox=source.name)
        return Found(passed=False, sentences=(in_words(error, source),))


def _tell(client: IMAPClient, source: MailSource, count: int) -> list[str]:
    mails = "No mail lies" if not count else "1 mail lies" if count == 1 else f"{count:,} mails lie"
    missing = [one for one in (source.done_folder, source.refused_folder) if not session.find(client, one)]
    made = " and ".join(f"“{one}”" for one in missing)
    return [
        f"Signed in. {mails} in “{source.folder}”.",
        *([f"The folder {made} is made at the first look."] if len(missing) == 1 else []),
        *([f"The folders {made} are made at the first look."] if len(missing) > 1 else []),
        "The server tells of new mails at once."
        if session.tells_by_itself(client)
        else "The server does not tell of new mails (no IDLE), so it is asked every minute.",
    ]
