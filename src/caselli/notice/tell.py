"""Tells people what happened to their faxes, as the settings of the extension say."""

from datetime import datetime
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from caselli.approval.request import approvers
from caselli.documents.preview import pages_pdf
from caselli.fax.number import spoken
from caselli.fax.status import DeliveryStatus, FaxStatus, ShownStatus
from caselli.history.timeline import DELIVERY_WORDS, reason_of, remedy_of
from caselli.notice import letter, rules
from caselli.notice.outbox import About
from caselli.notice.rules import Happening, Wants
from caselli.store import blobs
from caselli.store.models import Delivery, Extension, Fax, Preferences, ReceivedFax, User

TEXTS = Path(__file__).parent / "texts"
_ATTACHED = "The fax is attached."


@cache
def text_of(happening: Happening) -> str:
    return (TEXTS / f"{happening}.txt").read_text(encoding="utf-8")


def fax_ended(fax_id: int, shown: str, at: str) -> None:
    """To the owner. ``at``: when it ended, in ISO 8601; the same end told again sends nothing."""
    happening = rules.happening_of(ShownStatus(shown))
    fax = Fax.objects.select_related("extension__organization", "extension__owner").filter(pk=fax_id).first()
    if happening is None or fax is None or not _listens(fax.extension):
        return
    tags = _tags_of(fax) | {"status": shown, "ended": _say(datetime.fromisoformat(at), fax.extension)}
    attached = _attached(fax.extension, fax.pages_blob, f"fax {tags['document'].removesuffix('.pdf')}.pdf")
    about = About(key=f"fax {fax.pk} {happening} {at}", fax=fax)
    _post(fax.extension.owner, happening, tags, about, attached)


def fax_received(received_id: int) -> None:
    """To the owner of the extension that got it."""
    found = ReceivedFax.objects.select_related("extension__organization", "extension__owner")
    received = found.filter(pk=received_id, blob__gt="").first()
    if received is None or not _listens(received.extension):
        return
    extension = received.extension
    days = extension.delete_after_days
    tags = _tags_of_extension(extension) | {
        "sender": spoken(received.sender),
        "pages": rules.counted(received.pages, "page"),
        "received": _say(received.received_at, extension),
        "link": _address(f"/received/{received.pk}"),
        "erased": f"It is erased after {rules.counted(days, 'day')}." if days else "",
    }
    name = f"received fax {received.received_at:%Y-%m-%d} {received.sender.replace('*', '-')}.pdf"
    attached = _attached(extension, received.blob, name)
    about = About(key=f"received {received.pk}", received=received)
    _post(extension.owner, Happening.RECEIVED, tags, about, attached)


def fax_awaits(fax_id: int, at: str) -> None:
    """To those who may say yes."""
    fax = (
        Fax.objects.select_related("extension__organization", "extension__approver", "added_by")
        .filter(pk=fax_id)
        .first()
    )
    if fax is None or fax.status != FaxStatus.AWAITING_APPROVAL:
        return
    tags = _tags_of(fax) | {
        "status": fax.shown_status,
        "added_by": fax.added_by.called if fax.added_by else fax.get_channel_display(),
        "unconfirmed_days": rules.counted(Preferences.current().unconfirmed_days, "day"),
        "link": _on_approval_host(_address(f"/approvals/{fax.uid}")),
    }
    for person in approvers(fax.extension, fax.added_by_id, fax.changed_by_id):
        about = About(key=f"fax {fax.pk} {Happening.AWAITING_APPROVAL} {at} {person.pk}", fax=fax)
        _post(person, Happening.AWAITING_APPROVAL, tags, about)


def _listens(extension: Extension) -> bool:
    return extension.notify != Wants.OFF and extension.owner.is_active and extension.organization.enabled


def _post(
    to: User,
    happening: Happening,
    tags: dict[str, str],
    about: About,
    attached: letter.Attached | None = None,
) -> None:
    with transaction.atomic():
        subject, body = rules.fill(text_of(happening), tags | {"attached": _ATTACHED if attached else ""})
        letter.post(to, subject, body, about, attached)


def _tags_of_extension(extension: Extension) -> dict[str, str]:
    return {
        "extension": f"{extension.number} {rules.one_line(extension.name, 100)}",
        "zone": extension.zone.replace("_", " "),
    }


def _tags_of(fax: Fax) -> dict[str, str]:
    deliveries = list(fax.deliveries.select_related("fax", "to_extension").order_by("position"))
    documents = [rules.one_line(one.name, 60) for one in fax.documents.all()]
    delivered = sum(one.status == DeliveryStatus.DELIVERED for one in deliveries)
    return _tags_of_extension(fax.extension) | {
        "document": rules.named_briefly(documents, "document") if documents else "fax",
        "pages": rules.counted(fax.pages, "page"),
        "to": rules.named_briefly([_called(one) for one in deliveries], "recipient"),
        "recipients": rules.counted(len(deliveries), "recipient"),
        "delivered": f"{delivered:,}",
        "fates": "\n".join(_fate(one) for one in deliveries),
        "added": _say(fax.added_at, fax.extension),
        "link": _address(f"/faxes/{fax.uid}"),
    }


def _called(delivery: Delivery) -> str:
    if delivery.to_extension is not None:
        return f"{delivery.destination} {rules.one_line(delivery.to_extension.name, 60)}"
    return spoken(delivery.destination)


def _fate(delivery: Delivery) -> str:
    """A recipient in two or three lines: what became of it, why, and what can be done."""
    lines = [f"- {_called(delivery)}: {DELIVERY_WORDS[DeliveryStatus(delivery.status)]}"]
    lines += [f"  {words}" for words in (reason_of(delivery), remedy_of(delivery)) if words]
    return "\n".join(lines)


def _say(when: datetime, extension: Extension) -> str:
    local = when.astimezone(ZoneInfo(extension.zone))
    return f"{local.day} {local:%B %Y, %H:%M}"


def _address(path: str) -> str:
    return f"{settings.CONFIGURATION.public_url.rstrip('/')}{path}"


def _on_approval_host(address: str) -> str:
    """The preferences may name another host for approvals; all else of the public address stays."""
    parts = urlsplit(address)
    host = Preferences.current().approval_host
    port = f":{parts.port}" if parts.port else ""
    return parts._replace(netloc=f"{host}{port}").geturl() if host else address


def _attached(extension: Extension, blob: str, name: str) -> letter.Attached | None:
    """The pages, where they are wanted, still there, and not too large for a mail."""
    if extension.notify != Wants.FAX or not blob:
        return None
    try:
        content = pages_pdf(blobs.path(blob))
    except OSError:
        return None
    return letter.Attached(name, content) if rules.attaches(Wants.FAX, len(content)) else None
