"""What the templates need beside Django's own tags."""

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from django import template
from django.conf import settings
from django.urls import reverse
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from heroicons.templatetags.heroicons import heroicon_micro, heroicon_mini, heroicon_outline

from caselli.directory import access, set_up
from caselli.doors.web import machine, mails
from caselli.doors.web.times import Said
from caselli.fax.number import spoken
from caselli.store.models import User

if TYPE_CHECKING:
    from django.http import HttpRequest

register = template.Library()
_NUMBER = re.compile(r"\+\d[\d -]*\d")
_SIZES = {"micro": heroicon_micro, "mini": heroicon_mini, "outline": heroicon_outline}


@register.simple_tag
def icon(name: str, kind: str = "mini") -> str:
    """An icon beside a word: the word says it, so readers of the page aloud pass it over."""
    return _icon(name, kind)


@cache
def _icon(name: str, kind: str) -> str:
    attributes: dict[str, Any] = {"aria_hidden": "true", "focusable": "false", "class": f"icon icon-{kind}"}
    drawn: str = _SIZES[kind](name, **attributes)
    return drawn


@register.filter
def unbroken(text: str) -> SafeString:
    """The text with its phone numbers each on one line."""
    return mark_safe(_NUMBER.sub(r'<span class="nowrap">\g<0></span>', conditional_escape(text)))  # noqa: S308 - escaped here


@register.filter
def as_spoken(number: str) -> str:
    """``+1 202-555-0100``; what is no phone number as it is."""
    return spoken(number)


@register.filter
def number(count: int) -> str:
    return f"{count:,}"


@register.simple_tag
def said(when: Said) -> SafeString:
    return format_html('<time datetime="{}" title="{}">{}</time>', when.iso, when.exact, when.text)


@register.simple_tag(takes_context=True)
def shows_machine(context: template.RequestContext) -> bool:
    """Whether the person finds the answering machine among the pages."""
    request: HttpRequest = context["request"]
    return isinstance(request.user, User) and machine.may_see(request.user)


@register.simple_tag(takes_context=True)
def administers(context: template.RequestContext) -> bool:
    """Whether the person finds the administration among the pages."""
    request: HttpRequest = context["request"]
    return isinstance(request.user, User) and access.administers(request.user)


@register.simple_tag(takes_context=True)
def set_up_goes_on(context: template.RequestContext) -> bool:
    """Whether an administrator, on another page than the set-up, should be reminded of it."""
    request: HttpRequest = context["request"]
    if not isinstance(request.user, User) or request.path == reverse("set-up"):
        return False
    return access.administers_server(request.user) and set_up.is_going_on(settings.CONFIGURATION.set_up_key)


@register.simple_tag(takes_context=True)
def shows_mail(context: template.RequestContext) -> str:
    """The page of mails that the person finds among the pages, empty where there is none."""
    request: HttpRequest = context["request"]
    if not isinstance(request.user, User):
        return ""
    if mails.may_see(request.user):
        return reverse("mails")
    return reverse("incoming-mails") if access.administers(request.user) else ""


@register.simple_tag(takes_context=True)
def here(context: template.RequestContext) -> str:
    """The address of the page that the person looks at, also when only a part of it is fetched."""
    request: HttpRequest = context["request"]
    return request.get_full_path()
