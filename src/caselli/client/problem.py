"""Why something was not done: one exception for everything that Caselli, or the way to it, answers."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from caselli.client.effects import Answer

UNREACHABLE = "unreachable"
"""Slug of a server that gave no answer; the status is 0 then."""
NOT_CASELLI = "not_caselli"
"""Slug of an answer that Caselli does not give: another server, or a proxy before it."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong. ``field``: where in the request; ``subject``: the very item, a file or a number."""

    slug: str
    detail: str
    remedy: str
    field: str | None = None
    subject: str | None = None


class Problem(Exception):  # noqa: N818 - a word of RFC 9457
    """What RFC 9457 calls a problem. ``slug`` is stable and for programs; ``detail`` and ``remedy`` are for people.

    ``errors``: all that is wrong, the first first. ``status``: of HTTP, 0 where no answer came.
    """

    def __init__(
        self,
        slug: str,
        detail: str,
        remedy: str = "",
        *,
        status: int = 0,
        title: str = "",
        field: str | None = None,
        instance: str = "",
        link: str = "",
        errors: tuple[Fault, ...] = (),
        retry_after: float | None = None,
    ) -> None:
        super().__init__(f"{detail} {remedy}".rstrip())
        self.slug = slug
        self.detail = detail
        self.remedy = remedy
        self.status = status
        self.title = title
        self.field = field
        self.instance = instance
        self.link = link
        self.errors = errors or (Fault(slug, detail, remedy, field),)
        self.retry_after = retry_after

    def __repr__(self) -> str:
        return f"Problem({self.slug!r}, {self.detail!r}, status={self.status})"


def problem_of(answer: Answer) -> Problem:
    """The problem that an answer of 400 or more tells of."""
    told = _told(answer)
    if told is None:
        return Problem(
            NOT_CASELLI,
            f"The answer ({answer.status}) is none of Caselli's.",
            "Check the address, and what stands before the server.",
            status=answer.status,
            retry_after=retry_after(answer.headers),
        )
    return Problem(
        str(told["slug"]),
        str(told.get("detail", "")),
        str(told.get("remedy", "")),
        status=answer.status,
        title=str(told.get("title", "")),
        field=told.get("field"),
        instance=str(told.get("instance", "")),
        link=str(told.get("type", "")),
        errors=tuple(_fault(one) for one in told.get("errors", ())),
        retry_after=retry_after(answer.headers),
    )


def unreachable(words: str) -> Problem:
    return Problem(
        UNREACHABLE,
        f"Caselli does not answer: {words}.",
        "Check the address, and that caselli serve is running there.",
    )


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds. Caselli never writes the other form of RFC 9110, 10.2.3, a date."""
    text = headers.get("retry-after", "")
    return float(text) if text.isascii() and text.isdigit() else None


def _told(answer: Answer) -> dict[str, Any] | None:
    try:
        told = json.loads(answer.body)
    except ValueError:
        return None
    return told if isinstance(told, dict) and "slug" in told else None


def _fault(told: Mapping[str, Any]) -> Fault:
    return Fault(
        str(told.get("slug", "")),
        str(told.get("detail", "")),
        str(told.get("remedy", "")),
        told.get("field"),
        told.get("subject"),
    )
