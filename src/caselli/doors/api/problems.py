"""What the API answers when it says no: RFC 9457, ``application/problem+json``.

Of ours are ``slug`` (stable, for programs), ``field`` (where it stands in the request, like ``recipients[0].to``),
``remedy`` (what to do), and ``errors``: all that is wrong, each with the same three, so that it is mended in one go.
"""

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Schema
from pydantic import Field

from caselli.doors.api.problem_kinds import ProblemKind, Slug, said
from caselli.fax.refusals import Refusal, Refusals

MEDIA_TYPE = "application/problem+json"
PAGE = "/docs/problems"
"""Where each slug has its anchor."""
RETRY_AFTER = 5
"""Seconds, for a 503: a database that starts, or a converter."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong. ``subject``: the very item, a file's name or a number as it was written."""

    slug: Slug
    detail: str
    remedy: str = ""
    field: str = ""
    subject: str = ""


@dataclass(unsafe_hash=True)
class Problem(Exception):  # noqa: N818 - a word of RFC 9457
    """Raised anywhere behind the API. What is not said stands as its kind says it (problem_kinds.py)."""

    kind: ProblemKind
    detail: str = ""
    remedy: str = ""
    field: str = ""
    faults: tuple[Fault, ...] = ()
    headers: Mapping[str, str] = dataclasses.field(default_factory=lambda: MappingProxyType({}), hash=False)

    def __str__(self) -> str:
        return self.detail or said(self.kind).meaning


class FaultShape(Schema):
    """One thing that is wrong."""

    slug: str = Field(description="Stable: what kind of thing is wrong.", examples=["recipient_invalid"])
    detail: str = Field(description="What is wrong, for people.")
    remedy: str = Field(description="What to do about it.")
    field: str | None = Field(description="Where in the request.", examples=["recipients[0].to"])
    subject: str | None = Field(description="The very item: a file's name, a number as it was written.")


class ProblemShape(Schema):
    """Why something was not done (RFC 9457)."""

    type: str = Field(description="Address of a page about this kind of problem.", examples=[f"{PAGE}#field_missing"])
    title: str = Field(description="The same for every problem of this kind.")
    status: int = Field(description="The HTTP status of this answer.")
    detail: str = Field(description="What is wrong with this request, for people.")
    instance: str = Field(description="The address that was asked.")
    slug: str = Field(description="Stable: for programs. docs/reference.md lists them.", examples=["field_missing"])
    field: str | None = Field(description="Where in the request; null when it is no field.", examples=["recipients"])
    remedy: str = Field(description="What to do about it.")
    errors: list[FaultShape] = Field(description="All that is wrong; the first is the one above.")


def shape(path: str, faults: Sequence[Fault], status: int | None = None) -> dict[str, Any]:
    """``path``: what was asked. The first fault gives the answer its kind."""
    first = faults[0]
    about = said(first.slug)
    return {
        "type": f"{settings.CONFIGURATION.public_url.rstrip('/')}{PAGE}#{first.slug}",
        "title": about.title,
        "status": status or about.status,
        "detail": first.detail or about.meaning,
        "instance": path,
        "slug": str(first.slug),
        "field": first.field or None,
        "remedy": first.remedy or about.remedy,
        "errors": [_told(one) for one in faults],
    }


def _told(one: Fault) -> dict[str, Any]:
    about = said(one.slug)
    return {
        "slug": str(one.slug),
        "detail": one.detail or about.meaning,
        "remedy": one.remedy or about.remedy,
        "field": one.field or None,
        "subject": one.subject or None,
    }


def faults_of(error: Problem | Refusal | Refusals) -> tuple[Fault, ...]:
    if isinstance(error, Problem):
        return error.faults or (Fault(error.kind, error.detail, error.remedy, error.field),)
    every = error.all if isinstance(error, Refusals) else (error,)
    return tuple(Fault(one.kind, one.sentence, one.remedy, one.field, one.subject) for one in every)


def headers_of(error: Problem | Refusal | Refusals, status: int) -> dict[str, str]:
    """RFC 9110, 11.6.1 and RFC 6750, 3: what a 401 or 403 must say of bearers."""
    headers = {"Cache-Control": "no-store"}
    if status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="Caselli"'
    if status == 503:
        headers["Retry-After"] = str(RETRY_AFTER)
    return headers | dict(error.headers if isinstance(error, Problem) else {})


def answer(request: HttpRequest, error: Problem | Refusal | Refusals) -> HttpResponse:
    """Several faults of different status are a 422 together."""
    faults = faults_of(error)
    statuses = {said(one.slug).status for one in faults}
    status = statuses.pop() if len(statuses) == 1 else 422
    told = json.dumps(shape(request.path, faults, status))
    return HttpResponse(told, status=status, content_type=MEDIA_TYPE, headers=headers_of(error, status))
