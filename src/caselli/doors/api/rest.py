"""The one NinjaAPI behind ``/api/v1``. Each subject has a router in a file of its own, ``rest_*.py``, added below."""

from collections.abc import Iterator
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from caselli.doors.api import (
    problems,
    rest_directory,
    rest_events,
    rest_fax_deeds,
    rest_lines,
    rest_me,
    rest_received,
    rest_send,
    rest_uploads,
    rest_webhooks,
)
from caselli.doors.api.bodies import CheckedParser
from caselli.doors.api.caller import Needs, caller_of
from caselli.doors.api.faults import MOST, error_of
from caselli.doors.api.openapi import complete
from caselli.doors.api.problem_kinds import ProblemKind
from caselli.doors.api.problems import Fault, Problem

DESCRIPTION = """\
Send faxes, see what becomes of them, and hear of it.

Every request names its key: `Authorization: Bearer caselli_...`. Names are written in snake_case, phone numbers in
E.164, times in UTC (ISO 8601). What is not done is answered as a problem (RFC 9457), with a stable `slug`, the `field`
and a `remedy`. There is no CORS: keys do not belong into web pages.
"""


class Rest(NinjaAPI):
    """With our keys, our problems and our OpenAPI document."""

    def __init__(self, namespace: str) -> None:
        super().__init__(
            title="Caselli",
            version="1",
            description=DESCRIPTION,
            urls_namespace=namespace,
            docs_url=None,
            auth=Needs(),
            parser=CheckedParser(),
            openapi_extra={"info": {"license": {"name": "MIT", "identifier": "MIT"}}},
        )
        for kind in (Exception, Http404, HttpError, ValidationError):  # those for which ninja has handlers of its own
            self.add_exception_handler(kind, _said_no)
        self._document: OpenAPISchema | None = None

    def get_openapi_schema(self, **given: Any) -> OpenAPISchema:
        """Made once: it says nothing of who asks."""
        if self._document is None:
            document = super().get_openapi_schema(**given)
            complete(document, {self.get_openapi_operation_id(one): one for one in self.operations()})
            self._document = document
        return self._document

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """Where an operation gives itself none: the function's name."""
        return operation.operation_id or operation.view_func.__name__

    def _get_urls(self) -> list[URLResolver | URLPattern]:
        for operation in self.operations():
            self._knows_its_parameters(operation)
        return super()._get_urls()

    def _knows_its_parameters(self, operation: Operation) -> None:
        """A filter that is misspelled would else be ignored, and the list be of something else."""
        models: Any = [one for one in operation.models if one.__ninja_param_source__ == "query"]
        known = frozenset(name for one in models for name in one.__ninja_flatten_map__)
        run = operation.run

        def checked(request: HttpRequest, **given: Any) -> HttpResponseBase:
            if unknown := [one for one in request.GET if one not in known]:
                try:
                    caller_of(request)  # who is unknown is told that first
                except Problem as problem:
                    return _said_no(request, problem)
                return _said_no(request, _unknown_parameters(unknown, known))
            return run(request, **given)

        operation.run = checked  # type: ignore[method-assign]

    def operations(self) -> Iterator[Operation]:
        for router in self._get_bound_routers():
            for view in router.path_operations.values():
                yield from view.operations


def _unknown_parameters(unknown: list[str], known: frozenset[str]) -> Problem:
    shown = [one[:60] if one.isprintable() else "" for one in unknown[:MOST]]
    remedy = f"This address knows: {', '.join(sorted(known))}." if known else "This address knows none."
    kind = ProblemKind.FIELD_UNKNOWN
    faults = [Fault(kind, f"There is no parameter {one}.", remedy, one) for one in shown]
    return Problem(kind, faults=tuple(faults))


def _said_no(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    """What is an error of ours goes on to the door (door.py)."""
    said = error_of(error) if isinstance(error, Exception) else None
    if said is None:
        raise error
    return problems.answer(request, said)


api = Rest("api")
api.add_router("", rest_me.router)
api.add_router("", rest_send.router)  # GET /faxes too (rest_faxes.py): one address stands in one router
api.add_router("", rest_fax_deeds.router)
api.add_router("", rest_received.router)
api.add_router("", rest_directory.router)
api.add_router("", rest_lines.router)
api.add_router("", rest_uploads.router)
api.add_router("", rest_events.router)
api.add_router("", rest_webhooks.router)
