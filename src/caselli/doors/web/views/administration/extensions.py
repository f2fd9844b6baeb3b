"""Extensions: found across organizations, added, changed; and the fax settings of one."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from caselli.directory.access import (
    extensions_administered_by,
    may_administer,
    may_set_up,
    organizations_administered_by,
)
from caselli.directory.forms import ExtensionFaxForm, ExtensionForm
from caselli.doors.web import seen, setting
from caselli.doors.web.setting import Part
from caselli.doors.web.views.administration.page import (
    MOST_ROWS,
    Crumb,
    administering,
    chosen_organization,
    organizations_to_choose,
    render_form,
    trail,
)
from caselli.doors.web.views.extensions import narrow
from caselli.store.models import Extension, Organization

PARTS = (Part("", ("organization", "number", "name", "owner")),)
FAX_PARTS = (
    Part("Faxing", ("fax_enabled", "approver")),
    Part("Faxing by email", ("authorized", "mail_content", "mail_cut", "mail_cover", "mail_trusted")),
    Part("What the far end sees", ("station_id", "header_line", "caller_number")),
    Part("Times and keeping", ("time_zone", "storage_megabytes", "delete_after_days")),
    Part("Mail to the owner", ("notify",)),
)


def _list_crumb() -> Crumb:
    return Crumb("Extensions", reverse("administered-extensions"))


@require_safe
@administering
def every(request: HttpRequest) -> HttpResponse:
    organization = chosen_organization(request)
    find = request.GET.get("find", "").strip()[:100]
    found = narrow(extensions_administered_by(seen.person(request)), find).order_by("organization__number", "number")
    if organization:
        found = found.filter(organization=organization)
    rows = list(found[: MOST_ROWS + 1])
    context = {
        "find": find,
        "extensions": rows[:MOST_ROWS],
        "more": len(rows) > MOST_ROWS,
        "organization": organization,
        "organizations": organizations_to_choose(request),
        "trail": trail(Crumb("Extensions")),
    }
    return render(request, "web/administration/extensions.html", context)


def _organization_for_new(request: HttpRequest) -> Organization | None:
    """The chosen one, or the only one there is."""
    if chosen := chosen_organization(request):
        return chosen
    few = list(organizations_administered_by(seen.person(request))[:2])
    return few[0] if len(few) == 1 else None


@require_http_methods(["GET", "HEAD", "POST"])
@administering
def add(request: HttpRequest) -> HttpResponse:
    """Asks first for the organization, where there are several: number and owner depend on it."""
    organization = _organization_for_new(request)
    where = trail(_list_crumb(), Crumb("Add"))
    if organization is None:
        choice = organizations_administered_by(seen.person(request)).order_by("name")
        choose = {"organizations": choice, "trail": where, "title": "Add an extension"}
        return render(request, "web/administration/choose_organization.html", choose)
    if not organization.users.exists():
        context = {"organization": organization, "trail": where, "title": "Add an extension"}
        return render(request, "web/administration/no_owner.html", context)
    answered = setting.answer(request, ExtensionForm, Extension(organization=organization))
    if answered.kept:
        messages.success(request, f"Extension {answered.kept} is added. Faxes can be sent from it now.")
        return redirect("extension-settings", answered.kept.extended)
    return render_form(
        request,
        answered.form,
        PARTS,
        status=answered.status,
        discard=reverse("administered-extensions"),
        title="Add an extension",
        trail=where,
        save="Add the extension",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@administering
def one(request: HttpRequest, key: int) -> HttpResponse:
    extension = get_object_or_404(extensions_administered_by(seen.person(request)), pk=key)
    named, extended = f"Extension {extension}", extension.extended
    answered = setting.answer(request, ExtensionForm, extension)
    if answered.kept:
        messages.success(request, f"Extension {answered.kept} is saved.")
        return redirect("administered-extension", key)
    return render_form(
        request,
        answered.form,
        PARTS,
        status=answered.status,
        discard=reverse("administered-extensions"),
        template="web/administration/extension.html",
        title=named,
        trail=trail(_list_crumb(), Crumb(named)),
        key=key,
        extended=extended,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@seen.signed_in
def fax_settings(request: HttpRequest, extended: str) -> HttpResponse:
    """For the owner and who administers it; what only the latter may change is told to the owner."""
    extension, person = seen.extension(request, extended), seen.person(request)
    if not may_set_up(person, extension):
        raise Http404
    named, page = str(extension), reverse("extension", args=[extended])
    answered = setting.answer(request, ExtensionFaxForm, extension)
    if answered.kept:
        messages.success(request, "The fax settings are saved.")
        return redirect("extension-settings", extended)
    return render_form(
        request,
        answered.form,
        FAX_PARTS,
        status=answered.status,
        discard=page,
        template="web/administration/fax_settings.html",
        title=f"Fax settings of Extension {named}",
        trail=[Crumb("Extensions", reverse("extensions")), Crumb(named, page), Crumb("Fax settings")],
        key=extension.pk if may_administer(person, extension.organization) else None,
        named=named,
        page=page,
    )
