"""Texts of the OpenAPI document, which are Markdown: paragraphs, and code between backticks."""

import re

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()
_CODE = re.compile(r"`([^`]+)`")


@register.filter
def codes(text: str) -> SafeString:
    """Escaped first: the text may hold anything."""
    return mark_safe(_CODE.sub(r"<code>\1</code>", conditional_escape(text)))  # noqa: S308 - escaped above
