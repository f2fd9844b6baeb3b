"""Signing in, how the pages look, and the pages that say that something went wrong."""

import sys
from typing import Any

from allauth.account.utils import passthrough_next_redirect_url
from allauth.account.views import LoginView
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.views import LoginWebAuthnView
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.core.exceptions import RequestDataTooBig, TooManyFilesSent
from django.db import InterfaceError, OperationalError
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render, resolve_url
from django.template import loader
from django.urls import is_valid_path, reverse
from django.views.decorators.common import no_append_slash
from django.views.decorators.http import require_POST
from django.views.defaults import server_error

from caselli.doors.web import seen
from caselli.doors.web.account import passkeys

APPEARANCES = ("system", "light", "dark")
_A_YEAR = 365 * 86_400
AGAIN = 10
"""Seconds after which it is worth while to ask a database that was away."""


class SignIn(LoginView):
    """By login or mail address, or by a passkey where the address allows it."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"no_passkeys": passkeys.why_not(self.request)}


class PasskeySignIn(LoginWebAuthnView):
    """Refused, it leads back to the page of signing in, which still knows where one wanted to go."""

    def form_invalid(self, form: Form) -> HttpResponse:
        super().form_invalid(form)
        return HttpResponseRedirect(passthrough_next_redirect_url(self.request, reverse("login"), REDIRECT_FIELD_NAME))


class SecondFactor(AuthenticateView):
    """What is asked after the password: only what the person has set up is offered."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        has = set(Authenticator.objects.filter(user=self.stage.login.user).values_list("type", flat=True))
        return super().get_context_data(**kwargs) | {
            "has_app": Authenticator.Type.TOTP in has,
            "has_passkey": Authenticator.Type.WEBAUTHN in has,
            "no_passkeys": passkeys.why_not(self.request),
        }


@require_POST
def appearance(request: HttpRequest) -> HttpResponse:
    """Light, dark, or as the system says: kept in a cookie, so that a page comes in its colours at once."""
    response = redirect(seen.way_back(request) or resolve_url("extensions"))
    chosen = request.POST.get("appearance")
    if chosen == "system":
        response.delete_cookie("appearance")
    elif chosen in APPEARANCES:
        response.set_cookie(
            "appearance", chosen, max_age=_A_YEAR, samesite="Lax", httponly=True, secure=request.is_secure()
        )
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig | TooManyFilesSent):
        return render(request, "web/errors/413.html", status=413)
    return render(request, "web/errors/400.html", status=400)


def too_many(request: HttpRequest) -> HttpResponse:
    """Every limit that has no form to say it in is counted by the minute."""
    response = render(request, "web/errors/429.html", status=429)
    response["Retry-After"] = "60"
    return response


def failed(request: HttpRequest) -> HttpResponse:
    """A database that is away is no mistake of ours. Neither page asks it anything."""
    if not isinstance(sys.exception(), OperationalError | InterfaceError):
        return server_error(request)
    appearance = request.COOKIES.get("appearance", "")
    context = {
        "appearance": appearance if appearance in APPEARANCES else "",
        "again": request.get_full_path() if request.method == "GET" and not request.path.startswith("//") else "",
    }
    page = loader.get_template("web/errors/503.html").render(context)
    return HttpResponse(page, status=503, headers={"Retry-After": str(AGAIN)})


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    del exception
    if request.path.endswith(".png"):
        # A whole page would take the sentences that wait for the next one, and nobody reads it: OK hands a file in
        # while its last pictures are still asked for.
        return HttpResponse("There is no such picture.\n", status=404, content_type="text/plain")
    return render(request, "web/errors/404.html", status=404)


@no_append_slash
def without_slash(request: HttpRequest, rest: str) -> HttpResponse:
    """Addresses are written without a slash at the end; who adds one is led on."""
    path = f"/{rest.strip('/')}"
    if not is_valid_path(path):
        raise Http404
    query = request.META.get("QUERY_STRING", "")
    return redirect(f"{path}?{query}" if query else path, permanent=True)
