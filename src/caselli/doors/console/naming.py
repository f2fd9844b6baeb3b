"""Things as people name them: an organization's number, a login, ``0003*210``, a trunk's name, a prefix."""

from caselli.fax.refusals import Refusal, RefusalKind
from caselli.notice.own_words import words_of
from caselli.notice.rules import Happening
from caselli.store.models import (
    BlockedDestination,
    Extension,
    MailSource,
    MailTemplate,
    Organization,
    Trunk,
    User,
)


class Unclear(ValueError):  # noqa: N818 - it says what is wrong
    """A name that names nothing here, or several things; the text says so, and where to look."""


def organization(number: str) -> Organization:
    found = Organization.objects.filter(number=number).first()
    if found is None:
        raise Unclear(f"There is no organization {number}. See: caselli organization list")
    return found


def user(login: str) -> User:
    found = User.objects.select_related("organization").filter(username=login).first()
    if found is None:
        raise Unclear(f"There is no user {login}. See: caselli user list")
    return found


def extension_named(text: str) -> Extension:
    """``0003*210``, or ``210`` where only one organization has it. Raises Refusal."""
    organization, star, number = text.rpartition("*")
    found = Extension.objects.select_related("organization").filter(number=number)
    if star:
        found = found.filter(organization__number=organization)
    matches = list(found[:2])
    if len(matches) == 1:
        return matches[0]
    sentence = f"There is no extension {text}." if not matches else f"Several organizations have an extension {text}."
    remedy = "Write it with its organization, like 0003*210." if matches else "See the page Manage extensions."
    raise Refusal(RefusalKind.EXTENSION_UNKNOWN, "extension", sentence, remedy, subject=text)


def extension(text: str) -> Extension:
    try:
        return extension_named(text)
    except Refusal as refused:
        remedy = refused.remedy.replace("the page Manage extensions.", "caselli extension list")
        raise Unclear(f"{refused.sentence} {remedy}") from None


def trunk(name: str) -> Trunk:
    """By its name; where several have it, by its id."""
    trunks = Trunk.objects.select_related("organization")
    found = list(trunks.filter(name=name))
    if not found and name.isdecimal() and len(name) < 10:
        found = list(trunks.filter(pk=int(name)))
    if len(found) > 1:
        ids = " or ".join(str(one.pk) for one in found)
        raise Unclear(f"Several trunks are called {name}. Name it by its id, {ids}: caselli trunk list")
    if not found:
        raise Unclear(f"There is no trunk {name}. See: caselli trunk list")
    return found[0]


def mailbox(name: str) -> MailSource:
    found = MailSource.objects.filter(name=name).first()
    if found is None:
        raise Unclear(f"There is no mailbox {name}. See: caselli mailbox list")
    return found


def mail_text(text: str) -> MailTemplate:
    """``0003/sent``: the organization's own words, or ours, not kept, where it has none."""
    number, _, name = text.partition("/")
    happenings = {one.value: one for one in Happening}
    if name not in happenings:
        raise Unclear(f"There is no mail {text}. Write it like 0003/sent; there are {', '.join(happenings)}.")
    return words_of(organization(number), happenings[name])


def blocked(prefix: str, of: str | None = None) -> BlockedDestination:
    """``of``: the organization's number, empty for what holds for all; None: whichever there is."""
    found = BlockedDestination.objects.select_related("organization").filter(prefix=prefix)
    if of is not None:
        found = found.filter(organization=organization(of) if of else None)
    matches = list(found)
    if len(matches) > 1:
        raise Unclear(f"{prefix} is blocked for several. Say for whom: --organization NUMBER, or '' for all.")
    if not matches:
        raise Unclear(f"{prefix} is not blocked{' there' if of is not None else ''}. See: caselli blocked list")
    return matches[0]
