"""JSON to frozen dataclasses, and back. What a newer server says besides is left out; what is missing is an error."""

import dataclasses
import types
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from caselli.client.problem import NOT_CASELLI, Problem

T = TypeVar("T")


def read(kind: type[T], told: Any) -> T:
    """Raises Problem (``not_caselli``) where ``told`` has another shape."""
    try:
        value: T = _read(kind, told)
    except (KeyError, TypeError, ValueError, AttributeError) as wrong:
        raise Problem(
            NOT_CASELLI,
            f"The answer does not have the shape of {getattr(kind, '__name__', kind)}: {wrong!r}.",
            "Is the server older than this client? Give both the same version.",
        ) from wrong
    return value


def plain(value: Any) -> Any:
    """What :mod:`json` can write. A time without a zone is refused: nobody could tell when it is."""
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone: give one, for example datetime.now(UTC)")
        return value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = dataclasses.fields(value)
        return {one.name: plain(item) for one in fields if (item := getattr(value, one.name)) is not None}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    return value


@lru_cache
def fields_of(kind: type) -> dict[str, Any]:
    """Each field's type, with what was written as text resolved."""
    hints = get_type_hints(kind)
    return {one.name: hints[one.name] for one in dataclasses.fields(kind)}


def _said(kind: type, told: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """The fields to be read: a field with a default may be missing."""
    optional = {one.name for one in dataclasses.fields(kind) if one.default is not dataclasses.MISSING}
    return [(name, hint) for name, hint in fields_of(kind).items() if name in told or name not in optional]


def _read(kind: Any, told: Any) -> Any:
    origin = get_origin(kind)
    if kind is Any or origin is Literal:
        return told
    if origin in {Union, types.UnionType}:
        return _read_union(get_args(kind), told)
    if origin is tuple:
        return tuple(_read(get_args(kind)[0], one) for one in told)
    if origin is not None and issubclass(origin, Mapping):
        return {key: _read(get_args(kind)[1], one) for key, one in told.items()}
    return _read_plain(kind, told)


def _read_union(kinds: tuple[Any, ...], told: Any) -> Any:
    if told is None and types.NoneType in kinds:
        return None
    (one,) = (kind for kind in kinds if kind is not types.NoneType)
    return _read(one, told)


def _read_plain(kind: Any, told: Any) -> Any:
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return kind(**{name: _read(hint, told[name]) for name, hint in _said(kind, told)})
    if kind in {datetime, date}:
        return kind.fromisoformat(told)
    if kind is float and isinstance(told, int):
        return float(told)
    if not isinstance(told, kind):
        raise TypeError(f"{told!r} is no {kind.__name__}")
    return told
