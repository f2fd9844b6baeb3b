"""Organizations: the list, another one, and the page of one with what belongs to it."""

from django.contrib import messages
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from caselli.directory.access import administers_server, organizations_administered_by
from caselli.directory.forms import OrganizationForm
from caselli.doors.web import seen, setting
from caselli.doors.web.setting import Part
from caselli.doors.web.views.administration.page import (
    MOST_ROWS,
    Crumb,
    administering,
    administering_server,
    render_form,
    trail,
)
from caselli.store.models import Extension, Organization, User

PARTS = (
    Part("Who it is", ("number", "name", "country", "time_zone", "enabled")),
    Part(
        "A second person’s approval",
        ("approve_all", "approve_abroad", "approve_over_pages"),
        "Each of them alone suffices: the fax then waits until somebody else says yes.",
    ),
    Part("Faxing by email", ("mail_proof_required",)),
    Part("Sign-in", ("second_factor_required",)),
    Part(
        "Retries",
        (
            "busy_wait",
            "no_answer_wait",
            "line_wait",
            "other_wait",
            "dials_limit",
            "answered_limit",
            "ring_limit",
            "queue_hours",
        ),
        "How long to wait before the next call, and when to give up.",
    ),
)


def _list_crumb() -> Crumb:
    return Crumb("Organizations", reverse("organizations"))


def _count(model: type[User | Extension]) -> Coalesce:
    """How many belong to it, counted apart: joined, each user would meet each extension."""
    theirs = model._default_manager.filter(organization=OuterRef("pk")).order_by()  # noqa: SLF001 - documented
    return Coalesce(Subquery(theirs.values("organization").annotate(count=Count("pk")).values("count")), 0)


@require_safe
@administering_server
def every(request: HttpRequest) -> HttpResponse:
    find = request.GET.get("find", "").strip()[:100]
    found = Organization.objects.annotate(people=_count(User), phones=_count(Extension)).order_by("number")
    for word in find.split():
        found = found.filter(Q(number__startswith=word) | Q(name__icontains=word))
    rows = list(found[: MOST_ROWS + 1])
    context = {
        "find": find,
        "organizations": rows[:MOST_ROWS],
        "more": len(rows) > MOST_ROWS,
        "trail": trail(Crumb("Organizations")),
    }
    return render(request, "web/administration/organizations.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@administering_server
def add(request: HttpRequest) -> HttpResponse:
    answered = setting.answer(request, OrganizationForm, Organization())
    if answered.kept:
        messages.success(request, f"{answered.kept} is added. Next: a user of it, then an extension.")
        return redirect("organization", answered.kept.pk)
    return render_form(
        request,
        answered.form,
        PARTS,
        status=answered.status,
        discard=reverse("organizations"),
        title="Add an organization",
        trail=trail(_list_crumb(), Crumb("Add")),
        save="Add the organization",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@administering
def one(request: HttpRequest, key: int) -> HttpResponse:
    person = seen.person(request)
    organization = get_object_or_404(organizations_administered_by(person), pk=key)
    named = str(organization)
    server = administers_server(person)
    answered = setting.answer(request, OrganizationForm, organization)
    if answered.kept:
        messages.success(request, f"{answered.kept} is saved.")
        return redirect("organization", key)
    return render_form(
        request,
        answered.form,
        PARTS,
        status=answered.status,
        discard=reverse("organizations" if server else "administration"),
        template="web/administration/organization.html",
        title=named,
        trail=trail(*([_list_crumb()] if server else []), Crumb(named)),
        organization=organization,
        server=server,
        counts={
            "users": organization.users.count(),
            "extensions": organization.extensions.count(),
            "trunks": organization.trunks.count(),
            "blocked": organization.blocked_destinations.count(),
            "mails": organization.mail_templates.count(),
        },
    )
