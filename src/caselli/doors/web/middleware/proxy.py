"""Believes a proxy what it says of the browser, and nobody else."""

from collections.abc import Callable
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class TrustedProxy:
    """X-Forwarded-For and X-Forwarded-Proto count when the connection comes from CASELLI_TRUSTED_PROXY."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        told_for = request.META.pop("HTTP_X_FORWARDED_FOR", "")
        told_scheme = request.META.pop("HTTP_X_FORWARDED_PROTO", "").strip().lower()
        if _is_trusted(request.META.get("REMOTE_ADDR", "")):
            if client := _client(told_for):
                request.META["REMOTE_ADDR"] = client
            if told_scheme in {"http", "https"}:
                request.META["wsgi.url_scheme"] = told_scheme
        return self._get_response(request)


def _client(told: str) -> str:
    """Each proxy adds at the right whom it saw: the first from there that is no proxy of ours."""
    for one in reversed([part.strip() for part in told.split(",")]):
        if not _is_trusted(one):
            return one if _is_address(one) else ""
    return ""


def _is_trusted(text: str) -> bool:
    if not settings.CONFIGURATION.trusted_proxies or not _is_address(text):
        return False
    address = ip_address(text)
    return any(address in network for network in settings.CONFIGURATION.trusted_proxies)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
