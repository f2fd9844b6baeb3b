"""What can be said of a submission before its documents are read: who sends, to whom, and whether there is room."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv6Address, ip_address

from django.conf import settings
from django.db import connection
from django.db.models import Q, Sum, Value
from django.db.models.functions import Concat

from caselli.directory.access import may_act
from caselli.directory.blocked import refuse_blocked
from caselli.fax.refusals import Refusal, RefusalKind, Refusals
from caselli.fax.submission import Submission
from caselli.intake import rules
from caselli.notice.webhook_rules import NotAllowed, check, target_of
from caselli.store.models import Document, Extension, Fax, Preferences, ReceivedFax, User

_TOO_MANY_TO_READ = 50
"""So many recipients over the limit are not even looked up."""


@dataclass(frozen=True, slots=True)
class AtHand:
    """What a door has read already of that which a submission names: it is not read again.

    ``person``: who must be allowed to send from the extension, if anybody.
    """

    extension: Extension
    person: User | None
    limits: rules.IntakeLimits


def limits() -> rules.IntakeLimits:
    """In plain SQL: many mails a second ask."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT recipients_limit, files_limit FROM store_preferences WHERE id = 1")
        found = cursor.fetchone()
    if found is None:
        defaults = Preferences()
        found = defaults.recipients_limit, defaults.files_limit
    return rules.IntakeLimits(recipients=found[0], files=found[1])


def at_hand(submission: Submission) -> AtHand:
    """For a door that has nothing."""
    extension = Extension.objects.select_related("organization").get(pk=submission.extension_id)
    # A mail may come from everybody whose address is authorized: that is the permission.
    allowed = None if submission.mail_id else submission.person_id
    person = User.objects.get(pk=allowed) if allowed else None
    return AtHand(extension, person, limits())


def sender(extension: Extension, person: User | None) -> None:
    """That faxes may be sent from the extension, and by this person. Raises Refusals."""
    if refusal := refuse_sender(extension, person):
        raise Refusals((refusal,))


def refuse_sender(extension: Extension, person: User | None) -> Refusal | None:
    """Why nothing can be sent from here at all, if so."""
    if not extension.organization.enabled:
        return Refusal(
            RefusalKind.ORGANIZATION_OFF,
            "extension",
            f"{extension.organization.name} is switched off: no faxes are sent from its extensions.",
            "Ask the administrator of this server to switch it on.",
        )
    if not extension.fax_enabled:
        return Refusal(
            RefusalKind.EXTENSION_FAX_OFF,
            "extension",
            f"Faxing is switched off for extension {extension.number}.",
            "Ask your administrator to switch it on.",
        )
    if person is not None and not may_act(person, extension):
        return Refusal(
            RefusalKind.NOT_ALLOWED,
            "extension",
            f"You may read the faxes of extension {extension.number}, but not send from it.",
            "Ask its owner to let you act on its faxes too.",
        )
    return None


def recipients(
    extension: Extension, given: Sequence[str], most: rules.IntakeLimits, *, sandbox: bool = False
) -> list[rules.Read]:
    """Every recipient as it is read, or why it cannot be sent to. Raises Refusals when there are far too many.

    ``sandbox``: for a fax that may reach the answering machine alone.
    """
    if len(given) > most.recipients + _TOO_MANY_TO_READ:
        raise Refusals((rules.too_many_recipients(len(given), most),))
    who = rules.Sender(extension.organization.country, extension.organization.number)
    reads = rules.read_recipients(given, who, _by_number, lambda name: _by_name(extension, name))
    prefixes = _prefixes(extension, sandbox=sandbox)
    refuse = rules.refuse_outside_sandbox if sandbox else rules.refuse_unreachable
    found = (_reachable(one, extension.organization_id, lambda it: refuse(it, prefixes)) for one in reads)
    # In their places, so that a program finds what is meant in its own list.
    return [_placed(read, item) for item, read in enumerate(found)]


def _reachable(
    read: rules.Read, organization_id: int, refuse: Callable[[rules.Destination], Refusal | None]
) -> rules.Read:
    destination = read.destination
    if destination is None:
        return read
    inside = destination.extension is not None
    refusal = None if inside else refuse_blocked(organization_id, destination.number, destination.given)
    refusal = refusal or refuse(destination)
    return replace(read, destination=None, refusal=refusal) if refusal else read


def _placed(read: rules.Read, item: int) -> rules.Read:
    return read if read.refusal is None else replace(read, refusal=replace(read.refusal, item=item))


def _prefixes(extension: Extension, *, sandbox: bool) -> list[str]:
    """Of the trunks that it may use. In plain SQL: many mails a second ask."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT prefix FROM store_trunk"
            " WHERE enabled AND (organization_id IS NULL OR organization_id = %s) AND (sandbox OR NOT %s)"
            " ORDER BY prefix",
            [extension.organization_id, sandbox],
        )
        return [str(prefix) for (prefix,) in cursor.fetchall()]


def _by_number(organization: str, number: str) -> rules.Known | None:
    found = Extension.objects.select_related("organization").filter(
        organization__number=organization, organization__enabled=True, number=number, fax_enabled=True
    )
    return next(iter(_known(found)), None)


def _by_name(extension: Extension, name: str) -> list[rules.Known]:
    """Called so in full, or ``211 Lab`` as lists show it."""
    ours = Extension.objects.select_related("organization").filter(
        organization_id=extension.organization_id, fax_enabled=True
    )
    shown = Concat("number", Value(" "), "name")
    return _known(ours.alias(shown=shown).filter(Q(name__iexact=name) | Q(shown__iexact=name))[:10])


def suggest(extension: Extension, text: str, most: int = 8) -> list[rules.Known]:
    """Other extensions of the organization whose number begins so, or whose name has a word that does."""
    text = text.strip()
    if not text or len(text) > 100:
        return []
    others = Extension.objects.select_related("organization").exclude(pk=extension.pk)
    found = others.filter(
        Q(number__startswith=text) | Q(name__istartswith=text) | Q(name__icontains=f" {text}"),
        organization_id=extension.organization_id,
        fax_enabled=True,
    )
    return _known(found.order_by("number")[:most])


def _known(extensions: Iterable[Extension]) -> list[rules.Known]:
    return [rules.Known(one.pk, one.extended, one.name) for one in extensions]


def callback(url: str) -> list[Refusal]:
    """Why nothing is called back there, if so."""
    private = settings.CONFIGURATION.webhooks_private
    try:
        if url:
            target = target_of(url, private=bool(private))
            if address := _as_number(target.host):  # a name is looked up when something is sent there
                check(address, target, private)
    except NotAllowed as wrong:
        shown = url[:100]
        return [Refusal(RefusalKind.CALLBACK_INVALID, "callback_url", str(wrong), "Or leave it out.", subject=shown)]
    return []


def _as_number(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def room(extension: Extension) -> rules.Allowance | None:
    """What the extension may keep and keeps: documents and pages of its faxes, pages that it received."""
    if extension.storage_megabytes is None:
        return None
    documents = Document.objects.filter(fax__extension=extension, blob__gt="").aggregate(sum=Sum("size"))
    pages = Fax.objects.filter(extension=extension, pages_blob__gt="").aggregate(sum=Sum("pages_size"))
    received = ReceivedFax.objects.filter(extension=extension, blob__gt="").aggregate(
        sum=Sum("delivery__fax__pages_size")
    )
    used = sum(int(one["sum"] or 0) for one in (documents, pages, received))
    days = extension.delete_after_days or Preferences.current().sent_days
    return rules.Allowance(extension.storage_megabytes * 1_000_000, used, days)
