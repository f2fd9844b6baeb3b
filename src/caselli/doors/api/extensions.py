"""Which extension a program means."""

from caselli.directory.access import extensions_acted_on_by, extensions_seen_by, may_set_up
from caselli.doors.api.problem_kinds import ProblemKind
from caselli.doors.api.problems import Problem
from caselli.fax.refusals import Refusal, RefusalKind
from caselli.store.models import Extension, User


def sending_extension(person: User, text: str | None) -> Extension:
    """``210``, of the person's own organization first, or ``0003*210``; None: the only one. Raises Refusal, Problem."""
    return _only_one(person) if text is None else seen_extension(person, text)


def seen_extension(person: User, text: str) -> Extension:
    """Whatever one may do there. Raises Refusal: what one may not see is not there."""
    organization, star, number = text.strip().rpartition("*")
    if not star and (mine := _set_up_by(person, number)):
        return mine
    seen = extensions_seen_by(person).select_related(None).select_related("organization")  # nobody asks for the owner
    found = list(seen.filter(number=number, **({"organization__number": organization} if star else {}))[:20])
    own = [one for one in found if one.organization_id == person.organization_id]
    if len(found) == 1 or len(own) == 1:
        return (own or found)[0]
    raise Refusal(
        RefusalKind.EXTENSION_UNKNOWN,
        "extension",
        f"Several organizations have an extension {text}." if found else f"There is no extension {text[:40]}.",
        "Write it with its organization, like 0003*210." if found else "GET /api/v1/extensions lists yours.",
        subject=text[:40],
    )


def _set_up_by(person: User, number: str) -> Extension | None:
    """The one of the person's own organization, where it is theirs to set up. Mostly it is, and needs no long query."""
    ours = person.organization
    found = Extension.objects.filter(organization=ours, number=number).first() if ours is not None else None
    if found is None or ours is None:
        return None
    found.organization = ours
    return found if may_set_up(person, found) else None


def _only_one(person: User) -> Extension:
    """The only one from which the person may send, or else the only one that is the person's own."""
    acts = extensions_acted_on_by(person)
    found = list(acts[:2])
    if len(found) != 1:
        found = list(acts.filter(owner=person)[:2])
    if len(found) == 1:
        return found[0]
    raise Problem(
        ProblemKind.FIELD_MISSING,
        "You can send from several extensions." if found or acts.exists() else "You can send from no extension.",
        "Name one in extension, like 210." if found or acts.exists() else "Ask your administrator for one.",
        "extension",
    )
