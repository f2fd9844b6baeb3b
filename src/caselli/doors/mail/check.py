"""What can be said of a mail in its dialogue: whose it is, to whom the fax goes, and whether there is one in it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from django.db import connection

from caselli.directory.addresses import canonical
from caselli.documents import reasons, signatures
from caselli.doors.mail import addresses, content, subject
from caselli.doors.mail.message import Head, Mail
from caselli.fax.refusals import Refusal, RefusalKind, Refusals
from caselli.fax.submission import HandedFile
from caselli.intake import check as intake
from caselli.intake import rules
from caselli.store.models import Extension, MailContent, Organization


@dataclass(frozen=True, slots=True)
class Addressed:
    """``sender``: as ``AuthorizedAddress`` keeps it. ``recipients``: as the subject has them, all of them reachable."""

    sender: str
    extension: Extension
    recipients: tuple[str, ...]


def authorized(head: Head) -> tuple[str, tuple[Extension, ...]]:
    """The sender as ``AuthorizedAddress`` keeps it, and the extensions it is authorized on: none for a stranger.

    The address as it is written, else without the tag behind a plus. Never raises.
    """
    if len(head.senders) != 1:
        return "", ()
    written = canonical(head.senders[0])
    for address in dict.fromkeys((written, addresses.without_tag(written))):
        if extensions := _extensions_of(address):
            return address, extensions
    return "", ()


def _extensions_of(address: str) -> tuple[Extension, ...]:
    """In plain SQL: with its many columns this question costs Django more than all the reading of a mail."""
    question, of_extension, of_organization = _question()
    with connection.cursor() as cursor:
        cursor.execute(question, [address])
        rows = cursor.fetchall()
    found = []
    for row in rows:
        extension = Extension.from_db(connection.alias, of_extension, row[: len(of_extension)])
        extension.organization = Organization.from_db(connection.alias, of_organization, row[len(of_extension) :])
        found.append(extension)
    return tuple(found)


@cache
def _question() -> tuple[str, list[str], list[str]]:
    """The statement, and the fields of an extension and of its organization, in the order of its columns."""
    fields = {"extension": Extension._meta.concrete_fields, "organization": Organization._meta.concrete_fields}  # noqa: SLF001
    columns = ", ".join(f'{table}."{one.column}"' for table, of_table in fields.items() for one in of_table)
    question = (
        f"SELECT {columns} FROM store_authorizedaddress authorized"  # noqa: S608 - names of our own tables
        " JOIN store_extension extension ON extension.id = authorized.extension_id"
        " JOIN store_organization organization ON organization.id = extension.organization_id"
        " WHERE authorized.address = %s ORDER BY extension.id"
    )
    of_extension, of_organization = ([one.attname for one in of_table] for of_table in fields.values())
    return question, of_extension, of_organization


def addressed(head: Head, limits: rules.IntakeLimits | None = None) -> Addressed:
    """Who sends from where, and to whom. Raises Refusals with all that is wrong; a stranger is told only that.

    ``limits``: where they are known already.
    """
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
    limits = limits or intake.limits()
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


def contents(
    mail: Mail, extension: Extension, recipients: Sequence[str] = (), limits: rules.IntakeLimits | None = None
) -> None:
    """Whether there is something to send, as far as it is seen without drawing it. Raises Refusals."""
    try:
        files = content.files_of(mail, extension, recipients)
    except Refusal as refusal:
        raise Refusals((for_mail(refusal),)) from None
    if not files:
        raise Refusals((_nothing(mail, extension),))
    handed = [one for one in files if one.counts]
    refusals = rules.check_files(len(handed), limits or intake.limits()) if handed else []
    refusals = refusals or [wrong for one in handed if (wrong := _refuse_file(one))]
    if refusals:
        raise Refusals(tuple(for_mail(one) for one in refusals))


def _nothing(mail: Mail, extension: Extension) -> Refusal:
    if mail.attachments and extension.mail_content == MailContent.TEXT:
        sentence = f"Extension {extension.number} faxes the text of a mail, and this one has none."
        remedy = "Write a text, or ask your administrator to let the extension send documents too."
    else:
        sentence = " ".join(("There is nothing to send: no document and no text.", *mail.left_out))
        remedy = "Attach a PDF, JPG, PNG, TIF, TXT or HTML file, or write a text."
    return Refusal(RefusalKind.MAIL_EMPTY, "mail", sentence, remedy)


def _refuse_file(file: HandedFile) -> Refusal | None:
    assert isinstance(file.content, bytes)
    if not file.content:
        return reasons.empty(file.name)
    kind = signatures.recognise(file.content)
    return reasons.stranger(file.name, kind) if isinstance(kind, signatures.Stranger) else None


def for_mail(refusal: Refusal) -> Refusal:
    """A remedy that speaks of uploading, as it is said in a mail."""
    remedy = refusal.remedy.replace("Upload", "Send").replace("upload", "send").replace("Choose", "Attach")
    return replace(refusal, remedy=remedy)


def _short(text: str) -> str:
    return text if len(text) <= 100 else text[:99] + "…"


def _listed(items: Sequence[str]) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"
