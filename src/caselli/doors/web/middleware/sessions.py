"""Sessions end: after a night without use, after two weeks in any case, and at once for who is switched off."""

import time
from collections.abc import Callable

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import SESSION_KEY, logout
from django.http import HttpRequest
from django.http.response import HttpResponseBase

IDLE = 12 * 3600
ABSOLUTE = 14 * 86_400
NOTED_EVERY = 300
"""Seconds: that a session is used is written down only so often."""
BEGAN = "began"
USED = "used"
_RESTED = "You were signed out after a long rest. Sign in again."
_ENDED = (
    "You were signed out: your password was changed, or your account was switched off. "
    "If you cannot sign in any more, ask your administrator."
)


class SessionLimits:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if SESSION_KEY in request.session:
            self._look_at(request)
        return self._get_response(request)

    def _look_at(self, request: HttpRequest) -> None:
        if not request.user.is_authenticated:
            request.session.flush()
            messages.error(request, _ENDED)
            return
        now = time.time()
        began, used = request.session.get(BEGAN), request.session.get(USED)
        if (began and now - began > ABSOLUTE) or (used and now - used > IDLE):
            logout(request)
            messages.error(request, _RESTED)
            return
        if used is None or now - used > NOTED_EVERY:
            request.session[BEGAN] = began or now
            request.session[USED] = now
            UserSession.objects.create_from_request(request)
