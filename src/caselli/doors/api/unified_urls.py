"""The addresses of the UnifiedAPI-compatible service, under its newer and its older name. No slash at the end is
redirected: no client follows one.
"""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import re_path

from caselli.doors.api.unified import create
from caselli.doors.api.unified_upload import upload

_SERVICE = r"^(?:uapi|unifiedapi)"


def nowhere(request: HttpRequest) -> HttpResponse:
    del request
    raise Http404


urlpatterns = [
    re_path(rf"{_SERVICE}/faxes/(?P<user_id>[^/]+)(?:/(?P<number>[^/]*))?/?$", create, name="unified-faxes"),
    re_path(rf"{_SERVICE}/uploads/(?P<secret>[A-Za-z0-9_-]+)$", upload, name="unified-upload"),
    re_path(rf"{_SERVICE}(?:/.*)?$", nowhere, name="unified-nowhere"),
]
