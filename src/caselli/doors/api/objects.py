"""What a caller sees; everything else does not exist (404). A sandbox key sees sandbox faxes, and no others."""

import re
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from caselli.directory.access import extensions_seen_by, faxes_seen_by, may_act
from caselli.doors.api.caller import Caller
from caselli.fax.refusals import Refusal, RefusalKind
from caselli.history import received
from caselli.store.models import Extension, Fax, ReceivedFax

_EXTENSION = re.compile(r"(?:([0-9]{1,6})\*)?([0-9]{1,10})")


def fax(caller: Caller, uid: UUID) -> Fax:
    return get_object_or_404(of_caller(faxes_seen_by(caller.person), caller), uid=uid)


def of_caller(faxes: QuerySet[Fax], caller: Caller) -> QuerySet[Fax]:
    return faxes.filter(sandbox=True) if caller.sandbox else faxes


def fax_to_act_on(caller: Caller, uid: UUID) -> Fax:
    """Raises Refusal where the person may see the fax, and no more."""
    found = fax(caller, uid)
    may_act_on(caller, found.extension)
    return found


def may_act_on(caller: Caller, extension: Extension) -> None:
    """Raises Refusal."""
    if not may_act(caller.person, extension):
        raise Refusal(
            RefusalKind.NOT_ALLOWED,
            "",
            f"{caller.person.called} may see the faxes of extension {extension.number}, and do nothing with them.",
            "Ask its owner to share it so that you may act too.",
        )


def extension(caller: Caller, written: str) -> Extension:
    """``0003*210``; or ``210``, of the organization of the key's person."""
    read = _EXTENSION.fullmatch(written)
    if read is None:
        raise Http404
    organization, number = read.groups()
    seen = extensions_seen_by(caller.person).filter(number=number)
    if organization is None:
        return get_object_or_404(seen, organization=caller.person.organization)
    return get_object_or_404(seen, organization__number=organization)


def inbox(caller: Caller, extension: Extension) -> QuerySet[ReceivedFax]:
    found = received.inbox(extension)
    return found.filter(delivery__sandbox=True) if caller.sandbox else found


def received_fax(caller: Caller, number: int) -> ReceivedFax:
    """One that lies in the inbox of an extension that the caller sees."""
    one = get_object_or_404(
        ReceivedFax.objects.select_related("extension__organization", "delivery__fax").filter(blob__gt=""),
        pk=number,
        extension__in=extensions_seen_by(caller.person),
    )
    if caller.sandbox and not (one.delivery and one.delivery.sandbox):
        raise Http404
    return one
