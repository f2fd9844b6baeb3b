"""HTTPS is kept where it is used; plain HTTP goes on working on loopback (docs/decisions)."""

from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.http import HttpRequest
from django.http.response import HttpResponseBase

A_YEAR = 365 * 86_400
GetResponse = Callable[[HttpRequest], HttpResponseBase]


class SecureTransport:
    """Cookies that came by HTTPS go by HTTPS only; browsers remember it (HSTS) where the public address is HTTPS."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response
        self._ours = {settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, CookieStorage.cookie_name}

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self._get_response(request)
        if request.is_secure():
            for name in self._ours & response.cookies.keys():
                response.cookies[name]["secure"] = True
            public = urlsplit(settings.CONFIGURATION.public_url)
            if public.scheme == "https" and request.get_host() == public.netloc:
                response.headers.setdefault("Strict-Transport-Security", f"max-age={A_YEAR}")
        return response
