"""One IMAP session (RFC 9051, 3501): sign in, find the folders, read a mail in pieces, move it, wait for the next.

No UID outlives its session, so that a new UIDVALIDITY means nothing to us. What a mail is told by, is in the mail.
"""

import logging
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from select import POLLIN, poll
from typing import IO, Any

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientError, LoginError

from caselli.doors.mail import fetch_token
from caselli.store.models import MailSource

# It warns of the port, and of letters in a server's greeting: what is wrong with a mailbox we say ourselves.
logging.getLogger("imapclient").setLevel(logging.ERROR)

PATIENCE = SocketTimeout(connect=15, read=60)
"""Seconds."""
PIECE = 512 * 1024
"""Bytes of a mail that are asked for at a time: no more of it is ever in memory."""
HEADER = 256 * 1024
"""So much of its header is read of a mail that is too large."""


class Gone(Exception):  # noqa: N818 - it names what happened
    """Somebody else moved or deleted the mail meanwhile."""


class TooLarge(Exception):  # noqa: N818
    """More bytes than are allowed, whatever the server said before."""


class NoFolder(Exception):  # noqa: N818
    """The folder that mails are fetched from is not there."""


@contextmanager
def signed_in(source: MailSource, patience: SocketTimeout = PATIENCE) -> Iterator[IMAPClient]:
    """Encrypted, the certificate checked (SSL_CERT_FILE names other authorities). Raises OSError, IMAPClientError and
    ``fetch_token.NoToken``.
    """
    verified = ssl.create_default_context()
    tls = source.security == MailSource.Security.TLS
    client = IMAPClient(source.host, source.port, ssl=tls, ssl_context=verified, timeout=patience)
    try:
        if not tls:
            client.starttls(verified)
        _sign_in(client, source)
        yield client
    finally:
        _leave(client)


def _leave(client: IMAPClient) -> None:
    try:
        client.logout()
    except (OSError, IMAPClientError):
        with suppress(OSError, IMAPClientError):
            client.shutdown()


def _sign_in(client: IMAPClient, source: MailSource) -> None:
    if not source.token_url:
        plain = source.username.isascii() and source.password.isascii()
        if plain and not client.has_capability("LOGINDISABLED"):
            client.login(source.username, source.password)
        else:  # LOGIN knows only ASCII
            client.plain_login(source.username, source.password)
        return
    token = fetch_token.access_token(source)
    try:
        if client.has_capability("AUTH=OAUTHBEARER"):
            client.oauthbearer_login(source.username, token)
        else:
            client.oauth2_login(source.username, token)
    except LoginError:
        fetch_token.forget(source)
        raise


def select(client: IMAPClient, folder: str, *, only_look: bool = False) -> int:
    """How many mails lie there. Raises NoFolder."""
    if not _exists(client, folder):
        raise NoFolder(folder)
    return int(client.select_folder(folder, readonly=only_look)[b"EXISTS"])


def _exists(client: IMAPClient, folder: str) -> bool:
    if folder.upper() == "INBOX":
        return True
    return any(name == folder for _, _, name in client.list_folders("", folder))


def find(client: IMAPClient, folder: str) -> str:
    """The folder's full name where it exists, as given or in the person's own name space (RFC 2342); else empty."""
    prefix = _own_prefix(client)
    for name in dict.fromkeys((folder, _below(prefix, folder))):
        if _exists(client, name):
            return name
    return ""


def find_or_make(client: IMAPClient, folder: str) -> str:
    """The folder's full name."""
    found = find(client, folder)
    if not found:
        found = _below(_own_prefix(client), folder)
        client.create_folder(found)
        with suppress(IMAPClientError):  # so that mail programs show it
            client.subscribe_folder(found)
    return found


def _below(prefix: str, folder: str) -> str:
    return folder if not prefix or folder.startswith(prefix) else f"{prefix}{folder}"


def _own_prefix(client: IMAPClient) -> str:
    if not client.has_capability("NAMESPACE"):
        return ""
    personal = client.namespace().personal
    return str(personal[0][0]) if personal else ""


def lying(client: IMAPClient) -> list[int]:
    """The UIDs of all mails in the folder, the oldest first; what is marked as deleted is none any more."""
    client.noop()
    return sorted(client.search(["UNDELETED"]))


def size_of(client: IMAPClient, uid: int) -> int:
    """Bytes, as the server says. Raises Gone."""
    return int(_answer(client, uid, b"RFC822.SIZE"))


def read_into(client: IMAPClient, uid: int, file: IO[bytes], most: int) -> int:
    """The whole mail, unread as it was; how many bytes it has. Raises Gone and TooLarge."""
    size = 0
    while True:
        piece = _answer(client, uid, b"BODY[]", f"BODY.PEEK[]<{size}.{PIECE}>")
        size += file.write(piece or b"")
        if size > most:
            raise TooLarge
        if len(piece or b"") < PIECE:
            file.flush()
            return size


def read_header_into(client: IMAPClient, uid: int, file: IO[bytes]) -> None:
    """Its header alone, or the beginning of it. Raises Gone."""
    file.write(_answer(client, uid, b"BODY[HEADER]", f"BODY.PEEK[HEADER]<0.{HEADER}>") or b"")
    file.flush()


def _answer(client: IMAPClient, uid: int, name: bytes, asked: str = "") -> Any:
    """The item of this name; a part of a body comes back as ``BODY[]<0>``."""
    found = client.fetch([uid], [asked or name.decode()]).get(uid, {})
    for key, value in found.items():
        if key.partition(b"<")[0] == name:
            return value
    raise Gone


def move(client: IMAPClient, uid: int, folder: str) -> None:
    """By MOVE (RFC 6851), else copied first. Only this mail is expunged (UIDPLUS, RFC 4315); a server that cannot do
    that keeps the copied one marked as deleted, and we do not look at it again.
    """
    if client.has_capability("MOVE"):
        client.move([uid], folder)
        return
    client.copy([uid], folder)
    client.delete_messages([uid], silent=True)
    if client.has_capability("UIDPLUS"):
        client.uid_expunge([uid])


def tells_by_itself(client: IMAPClient) -> bool:
    return bool(client.has_capability("IDLE"))


def wait(client: IMAPClient, seconds: float, other: int) -> None:
    """Until the server tells something (IDLE, RFC 2177), something comes at the descriptor ``other``, or the time is
    over. Without IDLE nothing is heard meanwhile.
    """
    ears = poll()
    ears.register(other, POLLIN)
    if not tells_by_itself(client):
        ears.poll(seconds * 1000)
        return
    client.idle()
    if not _has_told_already(client):
        ears.register(client.socket().fileno(), POLLIN)
        ears.poll(seconds * 1000)
    client.idle_done()


def _has_told_already(client: IMAPClient) -> bool:
    """A mail that came just before IDLE is told in one piece with the beginning of IDLE: it then lies in the library's
    buffer, where no poll sees it.
    """
    line = client.socket()
    patience = line.gettimeout()
    line.settimeout(0)
    try:
        return bool(client._imap.file.peek(1))  # noqa: SLF001 - nothing public looks into it
    except OSError:  # nothing there yet
        return False
    finally:
        line.settimeout(patience)
