"""The words of an organization's mails: the list, one of them with its tags and a preview, back to ours."""

from dataclasses import dataclass, replace

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from caselli.directory.access import administers_server, organizations_administered_by
from caselli.directory.change import remove
from caselli.directory.forms import Settings
from caselli.doors.web import meanwhile, seen, setting
from caselli.doors.web.setting import Part
from caselli.doors.web.views.administration.page import Crumb, administering, trail
from caselli.notice import rules, wording
from caselli.notice.own_words import MailTemplateForm, words_of
from caselli.notice.rules import Happening
from caselli.notice.tags import NEEDED, NOTICES, Notice, samples, tags_of
from caselli.store.models import MailTemplate, Organization

PARTS = (Part("", ("subject", "body")),)


@dataclass(frozen=True, slots=True)
class Row:
    happening: str
    notice: Notice
    subject: str
    own: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """A notice with sample values."""

    subject: str
    body: str


def _organization(request: HttpRequest, key: int) -> Organization:
    return get_object_or_404(organizations_administered_by(seen.person(request)), pk=key)


def _happening(name: str) -> Happening:
    try:
        return Happening(name)
    except ValueError:
        raise Http404 from None


def _trail(request: HttpRequest, organization: Organization, *crumbs: Crumb) -> list[Crumb]:
    several = [Crumb("Organizations", reverse("organizations"))] if administers_server(seen.person(request)) else []
    return trail(*several, Crumb(str(organization), reverse("organization", args=[organization.pk])), *crumbs)


def _list_crumb(organization: Organization) -> Crumb:
    return Crumb("Mails", reverse("mail-templates", args=[organization.pk]))


@require_safe
@administering
def every(request: HttpRequest, key: int) -> HttpResponse:
    organization = _organization(request, key)
    own = dict(organization.mail_templates.values_list("happening", "subject"))
    rows = [
        Row(one.value, NOTICES[one], own.get(one.value) or wording.parted(wording.ours(one))[0], one.value in own)
        for one in Happening
    ]
    context = {"organization": organization, "rows": rows, "trail": _trail(request, organization, Crumb("Mails"))}
    return render(request, "web/administration/mail_templates.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@administering
def one(request: HttpRequest, key: int, happening: str) -> HttpResponse:
    organization, which = _organization(request, key), _happening(happening)
    row = words_of(organization, which)
    own = row.pk is not None
    answered = setting.answer(request, MailTemplateForm, row)
    if answered.kept:
        messages.success(request, f"The mail “{NOTICES[which].title}” now goes out in these words.")
        return redirect("mail-template", key, which.value)
    return _page(request, answered.form, organization, which, own=own, status=answered.status)


@require_POST
@administering
def preview(request: HttpRequest, key: int, happening: str) -> HttpResponse:
    """What was typed, with sample values: alone where a script asks, else on the page with what was typed."""
    organization, which = _organization(request, key), _happening(happening)
    row = words_of(organization, which)
    own = row.pk is not None
    form = MailTemplateForm(request.POST, instance=row, person=seen.person(request))
    if request.headers.get("HX-Request"):
        troubles = [str(error) for bound in form for error in bound.errors]
        context = {"preview": _preview(form, which), "troubles": troubles}
        return render(request, "web/administration/mail_preview.html", context)
    return _page(request, form, organization, which, own=own, status=200)


@require_http_methods(["GET", "HEAD", "POST"])
@administering
def back_to_ours(request: HttpRequest, key: int, happening: str) -> HttpResponse:
    """Asks first, on a page with an address of its own."""
    organization, which = _organization(request, key), _happening(happening)
    own = get_object_or_404(MailTemplate, organization=organization, happening=which.value)
    page = reverse("mail-template", args=[key, which.value])
    title = NOTICES[which].title
    if request.method == "POST":
        remove(own, MailTemplateForm.kind, organization, setting.actor(request))
        messages.success(request, f"The mail “{title}” goes out in Caselli’s words again.")
        return redirect(page)
    context = {
        "title": f"Take Caselli’s words for “{title}” again?",
        "text": "Your own words for this mail are removed, and cannot be had back but from a copy of your own.",
        "keep": page,
        "trail": _trail(request, organization, _list_crumb(organization), Crumb(title, page), Crumb("Back to ours")),
    }
    return render(request, "web/administration/remove.html", context)


def _page(
    request: HttpRequest, form: Settings, organization: Organization, which: Happening, *, own: bool, status: int
) -> HttpResponse:
    notice = NOTICES[which]
    shown = setting.show(form, PARTS)
    if status == 200 and meanwhile.FIELD in request.POST:  # a preview changes nothing of what the form began with
        shown = replace(shown, seen=request.POST[meanwhile.FIELD])
    context = {
        "shown": shown,
        "refused": status == 422,
        "preview": _preview(form, which),
        "organization": organization,
        "happening": which.value,
        "notice": notice,
        "own": own,
        "needed": NEEDED.get(which, ""),
        "tags": tags_of(which),
        "title": notice.title,
        "trail": _trail(request, organization, _list_crumb(organization), Crumb(notice.title)),
    }
    return render(request, "web/administration/mail_template.html", context, status=status)


def _preview(form: Settings, which: Happening) -> Preview:
    subject, body = (str(form[name].value() or "").replace("\r\n", "\n") for name in ("subject", "body"))
    filled, text = rules.fill(wording.joined(rules.one_line(subject, 300), body), samples(which))
    return Preview(filled, text)
