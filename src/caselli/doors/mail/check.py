"""What can be said of a mail in its dialogue: whose it is, to whom the fax goes, and whether there is one in it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from caselli.documents import reasons, signatures
from caselli.doors.mail import addresses, subject
from caselli.doors.mail.message import Head, Mail, Part
from caselli.fax.refusals import Refusal, RefusalKind, Refusals
from caselli.intake import check as intake
from caselli.intake import rules
from caselli.store.models import AuthorizedAddress, Extension, MailContent


@dataclass(frozen=True, slots=True)
class Addressed:
    """``sender``: as ``AuthorizedAddress`` keeps it. ``recipients``: as the subject has them, all of them reachable."""

    sender: str
    extension: Extension
    recipients: tuple[str, ...]


def authorized(head: Head) -> tuple[str, tuple[Extension, ...]]:
    """The sender as ``AuthorizedAddress`` keeps it, and the extensions it is authorized on: none for a stranger.

    Exactly as written, or without the tag behind a plus; an international domain in both of its writings.
    """
    if len(head.senders) != 1:
        return "", ()
    written = addresses.usual(head.senders[0])
    for address in dict.fromkeys((written, addresses.without_tag(written))):
        rows = AuthorizedAddress.objects.filter(address__in=addresses.writings(address))
        found = rows.select_related("extension__organization").order_by("extension_id", "address")
        if known := {one.extension_id: one for one in found}:
            return next(iter(known.values())).address, tuple(one.extension for one in known.values())
    return "", ()


def addressed(head: Head) -> Addressed:
    """Who sends from where, and to whom. Raises Refusals with all that is wrong; a stranger is told only that."""
    sender, extensions = authorized(head)
    if not extensions:
        raise Refusals((_refuse_sender(head.senders),))
    try:
        read = subject.read(head.subject, sends_from=_writings(extensions)[0] if len(extensions) > 1 else "")
    except Refusal as refusal:
        refusals = [refusal]
        if len(extensions) == 1 and (off := intake.refuse_sender(extensions[0], None)):
            refusals.insert(0, off)
        raise Refusals(tuple(refusals)) from None
    extension = _named(read, extensions)
    refusals = [off] if (off := intake.refuse_sender(extension, None)) else []
    limits = intake.limits()
    reads = intake.recipients(extension, read.recipients, limits)
    refusals += [one.refusal for one in reads if one.refusal] + rules.check_recipients(reads, limits)
    if refusals:
        raise Refusals(tuple(refusals))
    return Addressed(sender, extension, read.recipients)


def _refuse_sender(senders: Sequence[str]) -> Refusal:
    if not senders:
        sentence, remedy = "The mail does not say who sends it.", "Set the sender (From) to your own address."
    elif len(senders) > 1:
        sentence, remedy = f"The mail has {len(senders)} senders (From).", "Send it from one address, which is yours."
    else:
        sentence = f"No faxes are taken from {_short(senders[0])}."
        remedy = "Send from an address that is authorized, or ask your administrator to authorize this one."
    return Refusal(RefusalKind.SENDER_UNKNOWN, "sender", sentence, remedy, subject=", ".join(senders)[:254])


def _named(read: subject.Subject, extensions: Sequence[Extension]) -> Extension:
    """The one that the subject names, or the only one. Raises Refusals."""
    fitting = [one for one in extensions if read.extension in {"", one.number, one.extended}]
    if len(fitting) == 1:
        return fitting[0]
    writings = _writings(extensions)
    example = subject.example(read.recipients, writings[0])
    if fitting:
        sentence = f"Your address sends from several extensions: {_listed(writings)}."
        remedy = f"Begin the subject with the one you mean, like this: {example}"
        raise Refusals((Refusal(RefusalKind.SENDER_AMBIGUOUS, "subject", sentence, remedy),))
    # The same words for a foreign extension and for none: whether it exists is not told.
    sentence = f"Your address does not send from extension {read.extension}."
    remedy = f"It sends from {_listed(writings)}: begin the subject with that, like this: {example}"
    raise Refusals((Refusal(RefusalKind.EXTENSION_UNKNOWN, "subject", sentence, remedy, subject=read.extension),))


def _writings(extensions: Sequence[Extension]) -> list[str]:
    """Short, where that tells them apart."""
    short = [one.number for one in extensions]
    return short if len(set(short)) == len(short) else [one.extended for one in extensions]


def contents(mail: Mail, extension: Extension) -> None:
    """Whether there is something to send, as far as it is seen without reading it. Raises Refusals."""
    uses_documents = extension.mail_content != MailContent.TEXT
    documents = mail.attachments if uses_documents else ()
    refusals = [refusal for one in documents if (refusal := _refuse_document(one))]
    if len(documents) > (most := intake.limits()).files:
        refusals = rules.check_files(len(documents), most)
    if not (documents or mail.plain or mail.html):
        refusals.append(_nothing(mail, uses_documents=uses_documents))
    if refusals:
        raise Refusals(tuple(refusals))


def _nothing(mail: Mail, *, uses_documents: bool) -> Refusal:
    if mail.attachments and not uses_documents:
        sentence = "This extension sends the text of a mail, and the mail has none."
        remedy = "Write the text into the mail, or ask your administrator to let documents be sent."
    else:
        sentence = " ".join(("There is nothing to send: no document and no text.", *mail.left_out))
        remedy = "Attach a PDF, JPG, PNG, TIF or TXT file, or write a text."
    return Refusal(RefusalKind.MAIL_EMPTY, "mail", sentence, remedy)


def _refuse_document(part: Part) -> Refusal | None:
    if not part.content:
        return for_mail(reasons.empty(part.name))
    kind = signatures.recognise(part.content)
    return for_mail(reasons.stranger(part.name, kind)) if isinstance(kind, signatures.Stranger) else None


def for_mail(refusal: Refusal) -> Refusal:
    """A remedy that speaks of uploading, as it is said in a mail."""
    remedy = refusal.remedy.replace("Upload", "Send").replace("upload", "send").replace("Choose", "Attach")
    return replace(refusal, remedy=remedy)


def _short(text: str) -> str:
    return text if len(text) <= 100 else text[:99] + "…"


def _listed(items: Sequence[str]) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"
