"""What was raised, in our words: which field, what is wrong, what to do."""

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation, TooManyFilesSent
from django.db import OperationalError
from django.http import Http404
from django.http.multipartparser import MultiPartParserError
from ninja.errors import HttpError, ValidationError

from caselli.doors.api.problem_kinds import ProblemKind
from caselli.doors.api.problems import Fault, Problem
from caselli.fax.refusals import Refusal, Refusals

_log = logging.getLogger(__name__)

MOST = 20
"""Faults told at a time."""
_KINDS: tuple[tuple[tuple[type[Exception], ...], ProblemKind], ...] = (
    ((Http404,), ProblemKind.NOT_FOUND),
    ((RequestDataTooBig, TooManyFilesSent), ProblemKind.REQUEST_TOO_LARGE),
    ((SuspiciousOperation, MultiPartParserError, HttpError), ProblemKind.REQUEST_INVALID),
    ((OperationalError,), ProblemKind.UNAVAILABLE),
)
_PLACES = frozenset({"body", "form", "file", "query", "path", "header", "cookie"})


def error_of(error: Exception) -> Problem | Refusal | Refusals | None:
    """None: it is a mistake of ours."""
    if isinstance(error, Problem | Refusal | Refusals):
        return error
    if isinstance(error, ValidationError):
        return of_validation(error)
    kind = next((kind for classes, kind in _KINDS if isinstance(error, classes)), None)
    if isinstance(error, HttpError) and error.status_code == 401:
        kind = ProblemKind.KEY_MISSING
    if kind is ProblemKind.UNAVAILABLE:
        _log.error("The database does not answer: %s", error)
    return Problem(kind) if kind is not None else None


def of_validation(error: ValidationError) -> Problem:
    """A path that is no id of ours is an address where nothing is."""
    if any(tuple(one["loc"])[:1] == ("path",) for one in error.errors):
        return Problem(ProblemKind.NOT_FOUND)
    faults = tuple(fault_of(one) for one in error.errors[:MOST])
    return Problem(ProblemKind.FIELD_INVALID, faults=faults)


def fault_of(one: Mapping[str, Any]) -> Fault:
    field = where(one["loc"])
    kind, called = str(one["type"]), field or "The body"
    if kind == "missing":
        return Fault(ProblemKind.FIELD_MISSING, f"{called} is missing.", f"Add {field or 'a body'}.", field)
    if kind == "extra_forbidden":
        return Fault(ProblemKind.FIELD_UNKNOWN, f"There is no field {field}.", "", field)
    said = str(one.get("msg", "")).removeprefix("Value error, ").rstrip(".")
    return Fault(ProblemKind.FIELD_INVALID, f"{called}: {said}.", f"Change {field or 'the body'}.", field)


def where(loc: Iterable[str | int]) -> str:
    """``("body", "fax", "recipients", 0, "to")``, where ``fax`` is how the operation calls its body, is
    ``recipients[0].to``.
    """
    parts = list(loc)
    if parts and parts[0] in _PLACES:
        inside = parts[0] == "body"
        parts = parts[1:]
        if inside and len(parts) > 1:
            parts = parts[1:]
    text = ""
    for one in parts:
        text += f"[{one}]" if isinstance(one, int) else f".{one}" if text else str(one)
    return text
