"""Whose organization asks for a second factor sets one up before anything else."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django_htmx.http import HttpResponseClientRefresh

from caselli.directory import sign_in
from caselli.store.models import User

OPEN = {
    "second-factor-first",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "account_reauthenticate",
    "login",
    "logout",
    "appearance",
    # The link of a mail is for who reads that address, whoever is signed in.
    "confirm",
    "confirm-told",
    "confirm-picture",
}


class SecondFactorFirst:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self._get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponseBase], args: list[Any], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        """Every page but these, whoever adds one."""
        del view, args, kwargs
        match = request.resolver_match
        if not isinstance(request.user, User) or (match and match.url_name in OPEN):
            return None
        if not sign_in.lacks_second_factor(request.user):
            return None
        if request.headers.get("HX-Request"):
            return HttpResponseClientRefresh()
        return redirect("second-factor-first")
