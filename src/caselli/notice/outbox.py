"""Mails on their way out: put down in the caller's transaction, sent by a job soon after, tried again until they went.

Without a relay they are kept as files, one ``.eml`` each.
"""

import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage, Message
from pathlib import Path
from smtplib import SMTPException
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from caselli.directory.addresses import canonical
from caselli.notice import relay, rules
from caselli.store.models import Fax, OutgoingMail, Preferences, ReceivedFax
from caselli.store.promise import SEND, promise

log = structlog.get_logger()
State = OutgoingMail.State

AT_ONCE = 100
KEPT_FOR = timedelta(days=90)
"""Longer than anybody looks for a mail; those about a fax go with its pages."""


@dataclass(frozen=True, slots=True)
class About:
    """What a mail speaks of; with ``key`` the same notice, put down again, is the same mail."""

    key: str | None = None
    fax: Fax | None = None
    received: ReceivedFax | None = None


def sender() -> str:
    """The address our mails come from."""
    given: str = settings.CONFIGURATION.mail_from or Preferences.current().fax_address
    return given or rules.default_sender(urlsplit(settings.CONFIGURATION.public_url).hostname or "")


def put(
    message: Message | EmailMessage, content: bytes, envelope: tuple[str, list[str]], about: About | None = None
) -> OutgoingMail | None:
    """Put a mail down, in the caller's transaction; None where it was put down before."""
    about = about or About()
    now = timezone.now()
    with transaction.atomic():
        values = {
            "sender": envelope[0],
            "recipients": sorted({one.lower() for one in envelope[1]}),
            "subject": rules.one_line(str(message["Subject"] or ""), 300),
            "content": content,
            "fax": about.fax,
            "received": about.received,
            "added_at": now,
            "next_try_at": now,
        }
        if about.key is None:
            mail, fresh = OutgoingMail.objects.create(**values), True
        else:
            mail, fresh = OutgoingMail.objects.get_or_create(key=about.key, defaults=values)
        if fresh:
            promise(SEND, mail_id=mail.pk)
    return mail if fresh else None


def send(mail_id: int) -> bool:
    """Try one mail, if it is due and nobody else has it in hand. Whether it went."""
    with transaction.atomic():
        due = _due().filter(pk=mail_id).select_for_update(skip_locked=True, no_key=True).first()
        return due is not None and _try(due)


def send_due(until: datetime) -> int:
    """Try each mail that is due once, until that time. Returns how many went."""
    went, last = 0, 0
    while chosen := list(_due().filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
        for last in chosen:
            if timezone.now() >= until:
                return went
            went += send(last)
    return went


def _due() -> QuerySet[OutgoingMail]:
    return OutgoingMail.objects.filter(state=State.WAITING, next_try_at__lte=timezone.now())


def _try(mail: OutgoingMail) -> bool:
    mail.tries += 1
    try:
        if settings.CONFIGURATION.smtp_relay is None:
            _keep(mail)
            mail.state = State.KEPT
        else:
            relay.hand_over(
                settings.CONFIGURATION.smtp_relay,
                mail.sender,
                mail.recipients,
                bytes(mail.content),
                bounces_read=_reads_bounces(mail.sender),
            )
            mail.state = State.SENT
    except (SMTPException, OSError, ValueError) as error:
        _put_off(mail, error)
        return False
    mail.content, mail.error, mail.next_try_at, mail.ended_at = b"", "", None, timezone.now()
    mail.save()
    return True


def _reads_bounces(address: str) -> bool:
    """The fax address does not: our own door would refuse them."""
    return canonical(address) != canonical(Preferences.current().fax_address)


def _put_off(mail: OutgoingMail, error: Exception) -> None:
    """For later; all others too where the server itself is the trouble, or a queue of them would each wait for it."""
    now = timezone.now()
    trouble = relay.trouble(error)
    mail.error = rules.one_line(relay.words(error), 300)
    if rules.gives_up(trouble, now - mail.added_at):
        mail.state, mail.next_try_at, mail.ended_at = State.FAILED, None, now
    else:
        mail.next_try_at = now + rules.pause(mail.tries)
    mail.save()
    if trouble is rules.Trouble.AWAY:
        others = _due().exclude(pk=mail.pk).select_for_update(skip_locked=True, no_key=True)
        OutgoingMail.objects.filter(pk__in=list(others.values_list("pk", flat=True)[:10_000])).update(
            next_try_at=now + rules.pause(1)
        )
    log.warning("a mail did not go out", mail=str(mail.uid), state=mail.state, error=mail.error)


def file_of(mail: OutgoingMail) -> Path:
    """Where it is kept, whether it exists or not."""
    folder = Path(settings.CONFIGURATION.mail_folder)
    return folder / f"{mail.added_at:%Y%m%d-%H%M%S}-{mail.uid}.eml"


def _keep(mail: OutgoingMail) -> None:
    """As a whole file or none, for nobody else to read."""
    target = file_of(mail)
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=target.parent, prefix=".coming-")  # made 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(mail.content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def erase(mails: Iterable[OutgoingMail]) -> None:
    """Their text and what is attached; that they were sent stays known."""
    for mail in mails:
        file_of(mail).unlink(missing_ok=True)
        OutgoingMail.objects.filter(pk=mail.pk).update(
            state=State.ERASED, content=b"", next_try_at=None, ended_at=mail.ended_at or timezone.now()
        )


def forget_old() -> int:
    """Mails whose days are over, with their files. Those that still wait are kept."""
    old = OutgoingMail.objects.filter(added_at__lt=timezone.now() - KEPT_FOR).exclude(state=State.WAITING)
    count = 0
    while batch := list(old[:AT_ONCE]):
        for mail in batch:
            file_of(mail).unlink(missing_ok=True)
        count += OutgoingMail.objects.filter(pk__in=[one.pk for one in batch]).delete()[0]
    return count
