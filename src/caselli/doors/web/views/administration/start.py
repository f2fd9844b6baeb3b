"""What one may set, and where."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from caselli.directory.access import administers_server
from caselli.doors.web import seen
from caselli.doors.web.views.administration.page import administering


@require_safe
@administering
def start(request: HttpRequest) -> HttpResponse:
    context = {"server": administers_server(seen.person(request))}
    return render(request, "web/administration/start.html", context)
