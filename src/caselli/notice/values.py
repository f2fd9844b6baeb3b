"""What the tags of a notice stand for, told of a fax or of a mail that came in."""

from datetime import datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import phonenumbers
from django.conf import settings

from caselli.approval import confirm
from caselli.approval.request import destinations_of, reasons
from caselli.fax.number import spoken
from caselli.fax.status import DeliveryStatus, FaxStatus
from caselli.history.declined import why_not_sent
from caselli.history.timeline import DELIVERY_WORDS, reason_of, remedy_of
from caselli.history.times import duration
from caselli.notice import rules
from caselli.store.models import AuthorizedAddress, Delivery, Extension, Fax, IncomingMail, Preferences

_LEFT_OUT = "Not in the fax:"
_MOST_DESTINATIONS = 20


def of_extension(extension: Extension) -> dict[str, str]:
    return {
        "extension": f"{extension.number} {rules.one_line(extension.name, 100)}",
        "zone": extension.zone.replace("_", " "),
    }


def of_fax(fax: Fax) -> dict[str, str]:
    deliveries = list(fax.deliveries.select_related("fax", "to_extension").order_by("position"))
    files = fax.documents.all() or fax.promised.all()  # those of a fax that never came whole are no documents
    documents = [rules.one_line(one.name, 60) for one in files]
    why = [why_not_sent([fax])[fax.pk]] if fax.status == FaxStatus.REFUSED else []
    delivered = sum(one.status == DeliveryStatus.DELIVERED for one in deliveries)
    called = [_called(one) for one in deliveries]
    return of_extension(fax.extension) | {
        "status": fax.shown_status,
        "document": rules.named_briefly(documents, "document") if documents else "fax",
        "pages": rules.counted(fax.pages, "page") if fax.pages else "no pages",
        "to": rules.named_briefly(called, "recipient"),
        "destinations": _listed(called),
        "recipients": rules.counted(len(deliveries), "recipient"),
        "delivered": f"{delivered:,}",
        "fates": "\n".join([*why, *(_fate(one) for one in deliveries)]),
        "added": said(fax.added_at, fax.extension),
        "link": address(f"/faxes/{fax.uid}"),
    }


def of_mail(mail: IncomingMail) -> dict[str, str]:
    return {
        "subject": rules.one_line(mail.subject, 150) or "(no subject)",
        "received": said(mail.received_at, mail.extension),
    }


def of_unconfirmed(fax: Fax, mail: IncomingMail) -> dict[str, str]:
    """Of a fax that waits for the yes of who sent it by mail."""
    return (
        of_fax(fax)
        | of_mail(mail)
        | {
            "link": confirm_link(fax),
            "until": said(confirm.holds_until(fax), fax.extension),
            "on_line": _on_line(fax),
            "proof": rules.proof(mail.dmarc, mail.judged_by, mail.sender.rpartition("@")[2]),
            "left_out": "\n".join([_LEFT_OUT, *(f"- {one}" for one in mail.left_out)]) if mail.left_out else "",
            "second_person": _second_person(fax),
        }
    )


def of_refused(mail: IncomingMail) -> dict[str, str]:
    """``mail.words``: a refusal a line."""
    refusals = "\n".join(f"- {line.strip()}" for line in mail.words.splitlines() if line.strip())
    return of_extension(mail.extension) | of_mail(mail) | {"refusals": refusals, "example": _example(mail)}


def _on_line(fax: Fax) -> str:
    calls = fax.deliveries.filter(to_extension=None).count()
    if not calls:
        return "without a call"
    each = f" for each of {calls:,} calls" if calls > 1 else ""
    return f"about {duration(max(fax.seconds_on_line, 10))} on the line{each}"


def _second_person(fax: Fax) -> str:
    if not reasons(fax.extension, fax.pages, destinations_of(fax)):
        return ""
    return f"After your yes, {rules.one_line(fax.extension.organization.name, 100)} asks a second person for theirs."


def _example(mail: IncomingMail) -> str:
    """A mail that we would take: whom it goes to, what its subject says, what it holds."""
    found = phonenumbers.example_number(mail.extension.organization.country)
    number = (
        phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.INTERNATIONAL) if found else "+1 202-555-0100"
    )
    several = AuthorizedAddress.objects.filter(address=mail.sender).count() > 1
    extension = f"{mail.extension.extended}: " if several else ""
    lines = (
        ("To:", Preferences.current().fax_address),
        ("Subject:", f"{extension}{number}"),
        ("Attached:", "the document, best as a PDF"),
    )
    return "\n".join(f"    {name:<11}{value}" for name, value in lines if value)


def _called(delivery: Delivery) -> str:
    if delivery.to_extension is not None:
        return f"{delivery.destination} {rules.one_line(delivery.to_extension.name, 60)}"
    return spoken(delivery.destination)


def _listed(names: list[str]) -> str:
    more = len(names) - _MOST_DESTINATIONS
    shown = ", ".join(names[:_MOST_DESTINATIONS])
    return f"{shown} and {more:,} more" if more > 0 else shown


def _fate(delivery: Delivery) -> str:
    """A recipient in two or three lines: what became of it, why, and what can be done."""
    lines = [f"- {_called(delivery)}: {DELIVERY_WORDS[DeliveryStatus(delivery.status)]}"]
    lines += [f"  {words}" for words in (reason_of(delivery), remedy_of(delivery)) if words]
    return "\n".join(lines)


def said(when: datetime, extension: Extension) -> str:
    local = when.astimezone(ZoneInfo(extension.zone))
    return f"{local.day} {local:%B %Y, %H:%M}"


def address(path: str) -> str:
    return f"{settings.CONFIGURATION.public_url.rstrip('/')}{path}"


def confirm_link(fax: Fax) -> str:
    """For who sent it by mail, and may have no login."""
    return on_approval_host(address(f"/confirm/{confirm.token_of(fax)}"))


def on_approval_host(whole: str) -> str:
    """The preferences may name another host for approvals; all else of the public address stays."""
    parts = urlsplit(whole)
    host = Preferences.current().approval_host
    port = f":{parts.port}" if parts.port else ""
    return parts._replace(netloc=f"{host}{port}").geturl() if host else whole
