"""``/oauth/authorize.php``: the page on which a person lets an app act for them, or does not."""

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_http_methods

from caselli.directory import apps
from caselli.directory.scopes import WORDS
from caselli.doors.api.oauth_authorize import Asked, NotShown, SentBack, allow, deny, look, look_for
from caselli.doors.web import seen, setting

ALLOW = "allow"


@require_http_methods(["GET", "HEAD", "POST"])
def consent(request: HttpRequest) -> HttpResponse:
    """Everything that was asked stands in the address, also of the form: it is checked anew when the form comes."""
    try:
        answer = _answer(request)
    except NotShown as why:
        answer = render(request, "web/apps/not_asked.html", {"why": why}, status=400)
    patch_cache_control(answer, private=True, no_store=True)
    return answer


def _answer(request: HttpRequest) -> HttpResponse:
    """Raises NotShown."""
    if not request.user.is_authenticated:
        look(request)  # what is not proven leads nobody to the sign-in either
        return redirect_to_login(request.get_full_path())
    person = seen.person(request)
    asked = look_for(request, person)
    if isinstance(asked, SentBack):
        return _to(asked.address)
    if request.method == "POST":
        allowed = request.POST.get("answer") == ALLOW
        return _to(allow(request, asked, person, setting.actor(request)) if allowed else deny(asked))
    return _show(request, asked)


def _show(request: HttpRequest, asked: Asked) -> HttpResponse:
    owner = apps.owner_of(asked.app)
    context = {
        "asked": asked,
        "scopes": [WORDS[one] for one in asked.scopes],
        "owner": owner,
        "own": owner.pk == seen.person(request).pk,
        "allow": ALLOW,
    }
    answer = render(request, "web/apps/consent.html", context)
    # Browsers hold the redirect that follows a form against the policy of the form's page.
    answer._csp_update = {"form-action": [_as_source(asked)]}  # type: ignore[attr-defined]  # noqa: SLF001
    return answer


def _as_source(asked: Asked) -> str:
    """An address in brackets (IPv6) cannot stand in a policy."""
    return "http:" if "[" in asked.host else asked.origin


def _to(address: str) -> HttpResponse:
    """Not Django's: that one lets some schemes through and others not; these addresses are proven."""
    return HttpResponse(status=302, headers={"Location": address})
