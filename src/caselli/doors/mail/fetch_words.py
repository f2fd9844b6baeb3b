"""What went wrong with a mailbox, for its administrator: what happened, then what to do."""

import errno
import re
import socket
import ssl
from collections.abc import Callable

from imapclient.exceptions import CapabilityError, IMAPClientError, IMAPClientReadOnlyError, LoginError

from caselli.doors.mail.fetch_session import NoFolder
from caselli.doors.mail.fetch_token import NoToken
from caselli.store.models import MailSource

LONGEST = 300


def in_words(error: Exception, source: MailSource) -> str:
    """At most 300 characters."""
    for kinds, tell in _WORDS:
        if isinstance(error, kinds):
            return tell(error, source)[:LONGEST]
    return f"{source.host} answered in a way that is not understood. Is it an IMAP server? The log has more."


def _of_the_login(error: Exception, source: MailSource) -> str:
    if source.token_url:
        return (
            f"{source.host} did not take the access token ({_said(error)}). Check the login, and what the token is for."
        )
    return f"{source.host} refused the login ({_said(error)}). Check both; some servers want a password for programs."


def _of_what_it_can(error: Exception, source: MailSource) -> str:
    if "STARTTLS" in str(error):
        return f"{source.host}:{source.port} offers no STARTTLS, so nothing was sent. Choose TLS and its port, 993."
    return f"{source.host} cannot do what is needed ({_said(error)})."


def _of_the_server(error: Exception, source: MailSource) -> str:
    said = _said(error)
    if "EOF" in said:
        return f"{source.host} ended the connection. It is tried again."
    return f"{source.host} said: {said}"


def _said(error: Exception) -> str:
    """The server's own words, without what imaplib puts around them."""
    text = str(error)
    if found := re.search(r"b(['\"])(.*?)\1", text):
        text = found[2]
    return " ".join(re.sub(r"^\[[A-Z-]+\] ", "", text).split())[:140]


def _of_the_certificate(error: Exception, source: MailSource) -> str:
    why = getattr(error, "verify_message", "") or str(error)
    return (
        f"The certificate of {source.host} is not trusted ({why.strip()}). "
        "Write the host as it stands in the certificate, or name its authority by SSL_CERT_FILE."
    )


def _of_the_way(error: Exception, source: MailSource) -> str:
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return "The disk of this server is full. Make room; the mails stay where they are."
    why = (error.strerror if isinstance(error, OSError) else "") or str(error) or type(error).__name__
    return f"The connection to {source.host}:{source.port} broke ({why}). It is tried again."


_WORDS: tuple[tuple[type[Exception], Callable[[Exception, MailSource], str]], ...] = (
    (NoToken, lambda error, _: str(error)),
    (NoFolder, lambda _, to: f"There is no folder “{to.folder}” in this mailbox. Check its name, or make it there."),
    (LoginError, _of_the_login),
    (CapabilityError, _of_what_it_can),
    (
        IMAPClientReadOnlyError,
        lambda _, to: (
            f"Nothing can be moved out of “{to.folder}”: the login may only read it. Allow it to delete there."
        ),
    ),
    (IMAPClientError, _of_the_server),
    (ssl.SSLCertVerificationError, _of_the_certificate),
    (
        ssl.SSLError,
        lambda _, to: f"{to.host}:{to.port} does not speak TLS from the first byte. Choose STARTTLS, or port 993.",
    ),
    (socket.gaierror, lambda _, to: f"There is no host “{to.host}”. Check its name."),
    (
        TimeoutError,
        lambda _, to: f"{to.host}:{to.port} does not answer. Check both, and whether a firewall lets us out.",
    ),
    (
        ConnectionRefusedError,
        lambda _, to: f"Nothing listens at {to.host}:{to.port}. Check the port: 993 for TLS, 143 for STARTTLS.",
    ),
    (OSError, _of_the_way),
    (UnicodeError, lambda _, __: "The login or a name has letters that this server does not take. Check them."),
)
"""The first that fits: the narrower kinds stand before the wider ones."""
