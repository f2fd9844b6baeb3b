"""The link in the mail to who sent a fax by mail: it proves that one reads the mail of the authorized address.

Reading the link changes nothing. Its yes is the sender's own: where the organization asks for a second person's, that
comes after it. Used again, it sends again what has not arrived.
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from uuid import UUID

from django.core import signing
from django.db import transaction
from django.utils import timezone

from caselli.approval import decide, request, rules
from caselli.fax.refusals import Refusal, RefusalKind
from caselli.fax.status import DELIVERY_RESTS, DeliveryStatus, FaxStatus, Mover
from caselli.queue.decide import resend
from caselli.store import journey
from caselli.store.models import (
    SENDER_SAID_NO,
    ApprovedHow,
    AuthorizedAddress,
    Fax,
    IncomingMail,
    Preferences,
)

GOOD_FOR = timedelta(days=30)
"""So long a link is good that tells what became of a fax."""
_AT_LEAST = timedelta(days=1)
_SALT = "caselli.approval.confirm"
_PAYLOAD = 28
"""Bytes: the fax's uid (16), when the link ends (4, in seconds since 1970), and a hash of the address (8)."""


@dataclass(frozen=True, slots=True)
class Link:
    """What a link stands for. ``mail``, ``fax``: with extension and organization; ``ends_at``: good until then."""

    mail: IncomingMail
    fax: Fax
    ends_at: datetime


class Became(Enum):
    """What a click did, or found done already."""

    SENT = auto()
    """The fax goes out."""
    ASKED = auto()
    """It waits for a second person's yes."""
    AGAIN = auto()
    """What had not arrived goes out again."""
    UNDER_WAY = auto()
    """Nothing was to be done: it is on its way."""
    ARRIVED = auto()
    """Nothing is left to be sent."""


def token_of(fax: Fax) -> str:
    """For this fax and the address that its mail came from: until it is given up, or, where it does not wait, 30 days.

    The signature comes first, because mail programs like to leave a dash at the end of a link out of it.
    """
    now = timezone.now()
    waits = fax.status == FaxStatus.AWAITING_APPROVAL
    ends_at = max(holds_until(fax), now + _AT_LEAST) if waits else now + GOOD_FOR
    payload = fax.uid.bytes + int(ends_at.timestamp()).to_bytes(4, "big") + _hash_of(_mail_of(fax).sender)
    value = base64.b16encode(payload).decode().lower()
    return f"{_signer().signature(value)}.{value}"


def holds_until(fax: Fax) -> datetime:
    """When a fax is given up that nobody confirms; never sooner than its sender was warned it would be."""
    days = Preferences.current().unconfirmed_days
    ends_at = fax.added_at + timedelta(days=days)
    mail = request.mail_of(fax)
    if mail is None or mail.warned_at is None:
        return ends_at
    return max(ends_at, mail.warned_at + rules.warned_before_the_end(days))


def read_token(text: str) -> Link:
    """The link, used or not. Raises Refusal LINK_INVALID; beside the field ``expired`` where it was a good one once."""
    payload = _payload_of(text)
    uid, ends_at = UUID(bytes=payload[:16]), datetime.fromtimestamp(int.from_bytes(payload[16:20], "big"), UTC)
    found = IncomingMail.objects.select_related("fax__extension__organization").filter(fax__uid=uid).first()
    fax = found.fax if found else None
    if found is None or fax is None or fax.status == FaxStatus.PURGED:
        raise _expired("This fax has been erased, because its days were over.", "Send the mail again.")
    if timezone.now() >= ends_at:
        raise _expired(
            f"This link was good until {ends_at.day} {ends_at:%B %Y, %H:%M} (UTC).",
            f"Sign in, and look for the fax among those of extension {fax.extension.number}, or send the mail again.",
        )
    if payload[20:] != _hash_of(found.sender) or not _is_authorized(found):
        raise _unauthorized(found, fax)
    return Link(found, fax, ends_at)


def again_at(fax: Fax) -> datetime | None:
    """From when on the link has an effect again; None where it had none yet."""
    return _again_at(_mail_of(fax))


def confirm(fax: Fax, ip: str | None, seen_content_hash: str) -> Became:
    """The sender's yes to what was looked at. A second click is as :func:`again`.

    Raises Refusal where it has no effect: CONTENT_CHANGED, LINK_TOO_SOON, STEP_IMPOSSIBLE, or as ``decide.approve``.
    """
    with transaction.atomic():
        locked, mail = _lock(fax)
        if not request.unconfirmed(locked):
            return _again(locked, mail, ip)
        _used(mail)
        decide.approve(locked, None, ip, seen_content_hash, ApprovedHow.EMAIL)
        waits = Fax.objects.filter(pk=fax.pk, status=FaxStatus.AWAITING_APPROVAL).exists()
        return Became.ASKED if waits else Became.SENT


def again(fax: Fax, ip: str | None) -> Became:
    """Send again what has not arrived, not sooner than the preferences say. Raises Refusal where that cannot be."""
    with transaction.atomic():
        locked, mail = _lock(fax)
        return _again(locked, mail, ip)


def decline(fax: Fax, ip: str | None) -> None:
    """The sender's no, as long as the fax waits for anybody's yes. Raises Refusal STEP_IMPOSSIBLE after that."""
    with transaction.atomic():
        locked, mail = _lock(fax)
        if locked.status != FaxStatus.AWAITING_APPROVAL:
            raise _impossible(decide.what_became_of(locked), "Your click has changed nothing.")
        _used(mail)
        journey.cancel_unreleased(locked, _by(SENDER_SAID_NO))
        journey.note(locked, _by(f"declined by email link{_where(ip)}"))


def _again(fax: Fax, mail: IncomingMail, ip: str | None) -> Became:
    if fax.status not in {FaxStatus.AWAITING_APPROVAL, FaxStatus.RELEASED}:
        raise _impossible(decide.what_became_of(fax), "To send it after all, send the mail again.")
    now = timezone.now()
    from_when = _again_at(mail)
    if from_when is not None and now < from_when:
        raise Refusal(
            RefusalKind.LINK_TOO_SOON,
            "link",
            "This link was used a short time ago, and this click has changed nothing.",
            f"It can send again what has not arrived {rules.in_time((from_when - now).total_seconds())}.",
        )
    if fax.status == FaxStatus.AWAITING_APPROVAL:
        return Became.ASKED
    fates = {DeliveryStatus(one) for one in fax.deliveries.values_list("status", flat=True)}
    if DeliveryStatus.FAILED in fates:
        resend(fax, None, ip)
        _used(mail)
        journey.note(fax, _by(f"sent again by email link{_where(ip)}"))
        return Became.AGAIN
    return _at_rest(fates)


def _at_rest(fates: set[DeliveryStatus]) -> Became:
    """Where nothing has failed."""
    if fates - DELIVERY_RESTS:
        return Became.UNDER_WAY
    if DeliveryStatus.UNKNOWN in fates:
        raise _impossible(
            "Nobody can know whether the whole fax has arrived, so it is not sent a second time by this link.",
            "Ask the recipient. Who is signed in can decide in Fax info what became of it.",
        )
    if DeliveryStatus.DELIVERED in fates:
        return Became.ARRIVED
    raise _impossible("This fax has been cancelled.", "To send it after all, send the mail again.")


def _lock(fax: Fax) -> tuple[Fax, IncomingMail]:
    """The fax first, then its mail: one click after the other. Raises Refusal where the address counts no more."""
    locked = journey.lock_fax(fax.pk)
    mail = IncomingMail.objects.select_for_update(no_key=True).get(fax=locked)
    if not _is_authorized(mail):
        raise _unauthorized(mail, locked)
    return locked, mail


def _used(mail: IncomingMail) -> None:
    mail.link_used_at = timezone.now()
    mail.save(update_fields=["link_used_at"])


def _again_at(mail: IncomingMail) -> datetime | None:
    interval = timedelta(seconds=Preferences.current().confirmation_interval)
    return mail.link_used_at + interval if mail.link_used_at else None


def _is_authorized(mail: IncomingMail) -> bool:
    return AuthorizedAddress.objects.filter(extension_id=mail.extension_id, address=mail.sender).exists()


def _mail_of(fax: Fax) -> IncomingMail:
    mail = request.mail_of(fax)
    if mail is None:
        raise ValueError(f"fax {fax.pk} came by no mail")
    return mail


def _signer() -> signing.Signer:
    return signing.Signer(sep=".", salt=_SALT)


def _payload_of(text: str) -> bytes:
    """What was signed. Raises Refusal."""
    signature, _, value = text.strip().partition(".")
    try:
        payload = binascii.unhexlify(_signer().unsign(f"{value}.{signature}"))
    except (signing.BadSignature, ValueError) as wrong:
        if len(value) < 2 * _PAYLOAD:
            raise Refusal(
                RefusalKind.LINK_INVALID,
                "link",
                "This link is not whole: a part of it is missing.",
                "Copy all of it from the mail, over all of its lines, into the address bar.",
            ) from wrong
        raise Refusal(
            RefusalKind.LINK_INVALID,
            "link",
            "This link is not one of ours, or was changed on its way.",
            "Open the link in the mail itself, or copy it from there.",
        ) from wrong
    assert len(payload) == _PAYLOAD, "we signed it"
    return payload


def _hash_of(address: str) -> bytes:
    return hashlib.sha256(address.encode()).digest()[:8]


def _by(note: str) -> journey.By:
    return journey.By(timezone.now(), Mover.PERSON, note=note)


def _where(ip: str | None) -> str:
    return f" from {ip}" if ip else ""


def _expired(sentence: str, remedy: str) -> Refusal:
    return Refusal(RefusalKind.LINK_INVALID, "expired", sentence, remedy)


def _unauthorized(mail: IncomingMail, fax: Fax) -> Refusal:
    sentence = f"The address {mail.sender} may not send faxes from extension {fax.extension.number} any more."
    return _expired(sentence, "Ask your administrator to authorize it again.")


def _impossible(sentence: str, remedy: str) -> Refusal:
    return Refusal(RefusalKind.STEP_IMPOSSIBLE, "fax", sentence, remedy)
