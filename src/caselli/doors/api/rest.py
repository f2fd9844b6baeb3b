"""The one NinjaAPI behind ``/api/v1``. Each subject has a router in a file of its own, ``rest_*.py``, added below."""

from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from caselli.doors.api import problems, rest_me
from caselli.doors.api.caller import Needs
from caselli.doors.api.faults import error_of

api = NinjaAPI(
    title="Caselli",
    version="1",
    description="Send faxes, see what becomes of them, and hear of it.",
    urls_namespace="api",
    docs_url=None,
    auth=Needs(),
)


def _said_no(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    """What is an error of ours goes on to the door (door.py)."""
    said = error_of(error) if isinstance(error, Exception) else None
    if said is None:
        raise error
    return problems.answer(request, said)


for _kind in (Exception, Http404, HttpError, ValidationError):  # those for which ninja has handlers of its own
    api.add_exception_handler(_kind, _said_no)

api.add_router("", rest_me.router)
