"""A mail is taken: its file is safe on the shelf, then its row and the promise to open it; only then is 250 said."""

import hashlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.utils import timezone

from caselli.fax.refusals import Refusals
from caselli.store import blobs
from caselli.store.models import Fax, IncomingMail
from caselli.store.promise import OPEN, TELL, promise
from caselli.store.references import erase_unreferred, key_of, restore

WINDOW = timedelta(days=5)
"""So long the same Message-ID of the same sender is the same mail: as mail servers try again (RFC 5321, 4.5.4.1)."""
REFUSED_KEPT = timedelta(days=90)
_WRITE = Path(__file__).with_suffix(".sql").read_text()
"""In plain SQL, all in one: many mails a second ask."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """A mail whose sender and recipients were checked. ``content``: a file, of ``size`` bytes, that stays the caller's.

    ``via``: a value of ``IncomingMail.Via``; ``sender``: the address as it is authorized on the extension;
    ``reverse_path``, ``helo`` and ``client_ip``: what the dialogue said, empty where there was none. ``spf`` to
    ``judged_by``: what is known of the sender's proof, all empty where nobody looked yet.
    """

    via: str
    content: Path
    size: int
    sender: str
    extension_id: int
    subject: str
    message_id: str
    automatic: bool = False
    reverse_path: str = ""
    helo: str = ""
    client_ip: str | None = None
    spf: str = ""
    dkim: str = ""
    dmarc: str = ""
    judged_by: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """``fresh``: False where the mail was here already."""

    mail: IncomingMail
    fresh: bool


def take(arrived: Arrived) -> Taken:
    """Take it once. Whatever is raised (disk full, database away), nothing of it is kept, and it may come again.

    One that was refused before is taken anew: what was wrong with it may have been mended meanwhile.
    """
    fingerprint = _fingerprint(arrived)
    blob = blobs.keep(arrived.content)
    for anew in (False, True):
        if mail := _write(arrived, fingerprint, blob, anew=anew):
            return Taken(mail, fresh=True)
        if earlier := _earlier(fingerprint, refused=False):
            if earlier.blob != blob:
                erase_unreferred(blob)
            return Taken(earlier, fresh=False)
    raise IntegrityError(f"the fingerprint {fingerprint} comes and goes")  # it may come again


def becomes(mail_id: int, fax: Fax, at: datetime, *, confirmed: bool) -> None:
    """It is this fax from now on, in the transaction that makes the fax; its file is given up. Raises where it waits no
    more. ``confirmed``: nobody needs to confirm it.
    """
    written = IncomingMail.objects.filter(pk=mail_id, state=IncomingMail.State.WAITING).update(
        state=IncomingMail.State.FAXED,
        fax=fax,
        blob="",
        next_try_at=None,
        ended_at=at,
        words="",
        confirmed_at=at if confirmed else None,
    )
    if not written:
        raise RuntimeError(f"mail {mail_id} does not wait to become a fax")


def refuse(arrived: Arrived, refusals: Refusals) -> Taken:
    """Write down that a mail which nobody can be told of in a dialogue was refused; its sender is answered once."""
    fingerprint = _fingerprint(arrived)
    if earlier := _earlier(fingerprint, refused=True):
        return Taken(earlier, fresh=False)

    def write() -> IncomingMail:
        _give_up_fingerprint(fingerprint)
        now = timezone.now()
        mail = IncomingMail.objects.create(
            **_columns(arrived), fingerprint=fingerprint, received_at=now, **said(refusals, now)
        )
        if not mail.automatic:
            promise(TELL, what="mail_refused", mail_id=mail.pk)
        return mail

    return _once(fingerprint, write, refused=True)


def said(refusals: Refusals, at: datetime) -> dict[str, object]:
    """The columns of a mail that was refused. ``words``: one refusal a line."""
    return {
        "state": IncomingMail.State.REFUSED,
        "refusal": refusals.all[0].kind.value,
        "words": "\n".join(_plain(str(one), 2_000) for one in refusals.all),
        "blob": "",
        "next_try_at": None,
        "ended_at": at,
    }


def forget(now: datetime | None = None) -> int:
    """Refused mails after their days; and fingerprints whose window is over. Returns how many mails went."""
    now = now or timezone.now()
    IncomingMail.objects.filter(fingerprint__isnull=False, received_at__lt=now - WINDOW).update(fingerprint=None)
    gone, _ = IncomingMail.objects.filter(state=IncomingMail.State.REFUSED, ended_at__lt=now - REFUSED_KEPT).delete()
    return gone


def _fingerprint(arrived: Arrived) -> str:
    """Of sender and Message-ID; of the whole content where there is none."""
    named = arrived.message_id.strip()
    if not named:
        with arrived.content.open("rb") as file:
            named = f"content {hashlib.file_digest(file, 'sha256').hexdigest()}"
    return hashlib.sha256(f"{arrived.sender}\0{named}".encode(errors="replace")).hexdigest()


def _write(arrived: Arrived, fingerprint: str, blob: str, *, anew: bool) -> IncomingMail | None:
    """None where the fingerprint is known: two at once end there. ``anew``: a mail that is over gives it up first."""
    now = timezone.now()
    columns: dict[str, Any] = _columns(arrived) | {
        "uid": uuid.uuid4(),
        "state": IncomingMail.State.WAITING.value,
        "fingerprint": fingerprint,
        "blob": blob,
        "received_at": now,
        "next_try_at": now,
    }
    with transaction.atomic():
        if anew:
            _give_up_fingerprint(fingerprint)
        with connection.cursor() as cursor:
            cursor.execute(_WRITE, {**columns, "shelf_key": key_of(blob), "task": OPEN})
            found = cursor.fetchone()
        if found is None:
            return None
        restore(blob, arrived.content)
    mail = IncomingMail(pk=found[0], **columns)
    mail._state.adding = False  # noqa: SLF001 - Django has no other word for it
    return mail


def _earlier(fingerprint: str, *, refused: bool) -> IncomingMail | None:
    """The same mail, in its window. ``refused``: one that was refused counts too."""
    found = IncomingMail.objects.filter(fingerprint=fingerprint, received_at__gte=timezone.now() - WINDOW)
    return (found if refused else found.exclude(state=IncomingMail.State.REFUSED)).first()


def _give_up_fingerprint(fingerprint: str) -> None:
    """Of a mail that was refused, or whose window is over."""
    over = Q(state=IncomingMail.State.REFUSED) | Q(received_at__lt=timezone.now() - WINDOW)
    IncomingMail.objects.filter(over, fingerprint=fingerprint).update(fingerprint=None)


def _once(fingerprint: str, write: Callable[[], IncomingMail], *, refused: bool) -> Taken:
    """Two at once end at the fingerprint's constraint: one writes, the other finds what was written."""
    try:
        with transaction.atomic():
            return Taken(write(), fresh=True)
    except IntegrityError:
        if earlier := _earlier(fingerprint, refused=refused):
            return Taken(earlier, fresh=False)
        raise


def _columns(arrived: Arrived) -> dict[str, object]:
    return {
        "via": arrived.via,
        "size": arrived.size,
        "sender": arrived.sender,
        "extension_id": arrived.extension_id,
        "subject": _plain(arrived.subject, 300),
        "message_id": _plain(arrived.message_id, 300),
        "automatic": arrived.automatic,
        "reverse_path": _plain(arrived.reverse_path, 320),
        "helo": _plain(arrived.helo, 255),
        # A link-local address comes with its interface (fe80::1%eth0), which no column keeps.
        "client_ip": (arrived.client_ip or "").partition("%")[0] or None,
        "spf": arrived.spf,
        "dkim": arrived.dkim,
        "dmarc": arrived.dmarc,
        "judged_by": _plain(arrived.judged_by, 253),
    }


def _plain(text: str, most: int) -> str:
    """Without what no column takes: NUL, and halves of characters."""
    return text.replace("\0", "").encode(errors="replace").decode()[:most]
