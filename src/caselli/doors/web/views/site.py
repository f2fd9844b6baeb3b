"""Signing in, how the pages look, and the pages that say that something went wrong."""

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.core.exceptions import RequestDataTooBig, TooManyFilesSent
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import is_valid_path
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.common import no_append_slash
from django.views.decorators.http import require_POST

APPEARANCES = ("system", "light", "dark")
_A_YEAR = 365 * 86_400


class SignInForm(AuthenticationForm):
    error_messages = {
        "invalid_login": "This login and password do not belong together. Check both; upper and lower case differ.",
        "inactive": "This account is switched off. Ask your administrator.",
    }


class SignIn(LoginView):
    template_name = "web/login.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True


@require_POST
def appearance(request: HttpRequest) -> HttpResponse:
    """Light, dark, or as the system says: kept in a cookie, so that a page comes in its colours at once."""
    back = request.POST.get("back", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = resolve_url("extensions")
    response = redirect(back)
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


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    del exception
    return render(request, "web/errors/404.html", status=404)


@no_append_slash
def without_slash(request: HttpRequest, rest: str) -> HttpResponse:
    """Addresses are written without a slash at the end; who adds one is led on."""
    path = f"/{rest.strip('/')}"
    if not is_valid_path(path):
        raise Http404
    query = request.META.get("QUERY_STRING", "")
    return redirect(f"{path}?{query}" if query else path, permanent=True)
