"""What was raised, in our words: which field, what is wrong, what to do."""

import logging
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation, TooManyFilesSent
from django.db import InterfaceError, OperationalError
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
    ((OperationalError, InterfaceError), ProblemKind.UNAVAILABLE),
)
_MUST = MappingProxyType(
    {
        "timezone_aware": "must have its offset from UTC, like 2027-03-01T09:00:00+01:00",
        "datetime_type": "must be a moment, like 2027-03-01T09:00:00+01:00",
        "datetime_parsing": "must be a moment, like 2027-03-01T09:00:00+01:00",
        "datetime_from_date_parsing": "must be a moment, like 2027-03-01T09:00:00+01:00",
        "uuid_type": "must be an id, as an answer gave it",
        "uuid_parsing": "must be an id, as an answer gave it",
        "int_type": "must be a whole number",
        "int_parsing": "must be a whole number",
        "int_from_float": "must be a whole number",
        "bool_type": "must be true or false",
        "bool_parsing": "must be true or false",
        "string_type": "must be text",
        "list_type": "must be a list",
        "dict_type": "must be an object",
        "model_type": "must be an object",
        "model_attributes_type": "must be an object",
        "literal_error": "must be {expected}",
        "enum": "must be {expected}",
        "greater_than_equal": "must be {ge} or more",
        "less_than_equal": "must be {le} or less",
        "string_too_long": "may have {max_length} characters at most",
        "string_too_short": "must have {min_length} characters at least",
    }
)
"""What pydantic says of a field by this kind of error, in our words."""
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
    return Fault(ProblemKind.FIELD_INVALID, f"{called}{_wrong(kind, one)}.", f"Change {field or 'the body'}.", field)


def _wrong(kind: str, one: Mapping[str, Any]) -> str:
    if kind in _MUST:
        return f" {_MUST[kind].format_map(one.get('ctx') or {})}"
    return ": " + str(one.get("msg", "")).removeprefix("Value error, ").rstrip(".")


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
