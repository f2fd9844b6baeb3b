"""Who finds *Approvals* among the pages, and what else of a fax belongs to them."""

from typing import TYPE_CHECKING

from django import template

from caselli.approval import waiting
from caselli.directory.access import extensions_seen_by
from caselli.store.models import Extension, User

if TYPE_CHECKING:
    from django.http import HttpRequest

register = template.Library()


@register.simple_tag(takes_context=True)
def approvals_waiting(context: template.RequestContext) -> int | None:
    """How many faxes wait for this person's yes; None where nobody would ever ask them for one."""
    request: HttpRequest = context["request"]
    person = request.user
    if not isinstance(person, User):
        return None
    count = waiting.how_many_asked_of(person)
    return count if count or waiting.may_be_asked(person) else None


@register.simple_tag(takes_context=True)
def sees_extension(context: template.RequestContext, extension: Extension) -> bool:
    """Who approves a fax may see no more of its extension than that fax."""
    request: HttpRequest = context["request"]
    return isinstance(request.user, User) and extensions_seen_by(request.user).filter(pk=extension.pk).exists()
