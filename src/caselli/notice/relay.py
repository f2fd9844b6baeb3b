"""Handing one mail over to the mail server named by CASELLI_SMTP_RELAY."""

import smtplib
import ssl
from typing import Protocol

from caselli.notice.rules import Trouble

SECONDS = 20
"""The longest wait for each answer of the server."""


class Server(Protocol):
    """What is needed of ``project.configuration.Relay``."""

    @property
    def host(self) -> str: ...
    @property
    def port(self) -> int: ...
    @property
    def tls(self) -> bool: ...
    @property
    def user(self) -> str: ...
    @property
    def password(self) -> str: ...


class NotEncrypted(smtplib.SMTPException):
    """The server offers no encryption, and we would have to send a password."""


class AddressNotTaken(smtplib.SMTPException):
    """The server takes no addresses beyond ASCII, and this is one."""


def hand_over(server: Server, sender: str, recipients: list[str], content: bytes, *, bounces_read: bool = True) -> None:
    """Returns when the server has taken the mail, for some of the recipients at least: the rest is theirs to tell.

    ``bounces_read``: False where nobody reads what comes back to the sender. Then the reverse path is empty, so that
    nothing comes back (RFC 3834, section 3.3); a server that refuses that gets the sender all the same.

    Raises SMTPException or OSError.
    """
    verified = ssl.create_default_context()
    with _connect(server, verified) as session:
        session.ehlo_or_helo_if_needed()
        if not server.tls:
            _start_tls(session, server, verified)
        if server.user:
            session.login(server.user, server.password)
        options = [] if _is_ascii(sender, recipients) else ["SMTPUTF8"]
        if options and not session.has_extn("smtputf8"):
            raise AddressNotTaken(f"{server.host} takes only addresses of plain letters (it offers no SMTPUTF8)")
        if not bounces_read:
            try:
                session.sendmail("", recipients, content, mail_options=options)
            except smtplib.SMTPException as error:
                if trouble(error) is not Trouble.REFUSED:
                    raise
            else:
                return
        session.sendmail(sender, recipients, content, mail_options=options)


def _connect(server: Server, verified: ssl.SSLContext) -> smtplib.SMTP:
    if server.tls:
        return smtplib.SMTP_SSL(server.host, server.port, timeout=SECONDS, context=verified)
    return smtplib.SMTP(server.host, server.port, timeout=SECONDS)


def _start_tls(session: smtplib.SMTP, server: Server, verified: ssl.SSLContext) -> None:
    if session.has_extn("starttls"):
        # Without a password to protect, an unproven certificate is better than none, as between all mail servers.
        session.starttls(context=verified if server.user else _unverified())
        session.ehlo()
    elif server.user:
        raise NotEncrypted(f"{server.host} offers no STARTTLS, so the password was not sent")


def _unverified() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _is_ascii(sender: str, recipients: list[str]) -> bool:
    return all(one.isascii() for one in (sender, *recipients))


_OF_THE_SERVER = (smtplib.SMTPAuthenticationError, smtplib.SMTPConnectError, smtplib.SMTPHeloError)


def trouble(error: Exception) -> Trouble:
    """Whether the mail, the moment or the server is to blame."""
    if isinstance(error, AddressNotTaken) or not isinstance(error, smtplib.SMTPException | OSError):
        return Trouble.REFUSED  # the mail cannot even be written down for the server
    codes = _codes(error)
    if not codes or isinstance(error, _OF_THE_SERVER):
        return Trouble.AWAY
    return Trouble.REFUSED if all(500 <= code < 600 for code in codes) else Trouble.LATER


def words(error: Exception) -> str:
    """What the server said."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "; ".join(f"{code} {_text(said)}" for code, said in error.recipients.values())
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_text(error.smtp_error)}"
    return str(error) or type(error).__name__


def _codes(error: Exception) -> list[int]:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return [code for code, _ in error.recipients.values()]
    return [error.smtp_code] if isinstance(error, smtplib.SMTPResponseException) else []


def _text(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said
