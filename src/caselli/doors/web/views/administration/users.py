"""Users: found, added by an invitation, changed, switched off."""

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from caselli.directory import second_factor
from caselli.directory.access import users_administered_by
from caselli.directory.forms import UserForm
from caselli.directory.invite import NotSent, invite, reset
from caselli.directory.sign_in import has_second_factor
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
from caselli.store.models import User

PARTS = (
    Part("Who it is", ("first_name", "last_name", "email")),
    Part("What they may do", ("username", "organization", "role", "is_active")),
)


def _list_crumb() -> Crumb:
    return Crumb("Users", reverse("users"))


@require_safe
@administering
def every(request: HttpRequest) -> HttpResponse:
    organization = chosen_organization(request)
    find = request.GET.get("find", "").strip()[:100]
    found = users_administered_by(seen.person(request)).order_by("first_name", "last_name", "username")
    if organization:
        found = found.filter(organization=organization)
    for word in find.split():
        found = found.filter(
            Q(username__icontains=word)
            | Q(first_name__icontains=word)
            | Q(last_name__icontains=word)
            | Q(email__icontains=word)
        )
    rows = list(found[: MOST_ROWS + 1])
    context = {
        "find": find,
        "users": rows[:MOST_ROWS],
        "more": len(rows) > MOST_ROWS,
        "organization": organization,
        "organizations": organizations_to_choose(request),
        "trail": trail(Crumb("Users")),
    }
    return render(request, "web/administration/users.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@administering
def add(request: HttpRequest) -> HttpResponse:
    answered = setting.answer(request, UserForm, User(organization=chosen_organization(request)))
    if answered.kept:
        try:
            invite(answered.kept, setting.actor(request))
        except NotSent as refusal:
            messages.error(request, f"{answered.kept} is added, but not invited. {refusal}")
        else:
            messages.success(
                request, f"{answered.kept} is added. The invitation is on its way to {answered.kept.email}."
            )
        return redirect("user", answered.kept.pk)
    return render_form(
        request,
        answered.form,
        PARTS,
        status=answered.status,
        discard=reverse("users"),
        title="Add a user",
        sub="An invitation goes to the mail address, with a link to choose a password.",
        trail=trail(_list_crumb(), Crumb("Add")),
        save="Add and invite",
        button="envelope",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@administering
def one(request: HttpRequest, key: int) -> HttpResponse:
    user = get_object_or_404(users_administered_by(seen.person(request)), pk=key)
    named = str(user)
    invited = user.has_usable_password()
    answered = setting.answer(request, UserForm, user)
    if answered.kept:
        out = "" if answered.kept.is_active else " Nobody can sign in with this login any more."
        messages.success(request, f"{answered.kept} is saved.{out}")
        return redirect("user", key)
    return render_form(
        request,
        answered.form,
        PARTS,
        status=answered.status,
        discard=reverse("users"),
        template="web/administration/user.html",
        title=named,
        trail=trail(_list_crumb(), Crumb(named)),
        key=key,
        has_password=invited,
        extensions=user.extensions.select_related("organization"),
        themselves=user.pk == seen.person(request).pk,
        has_second_factor=has_second_factor(user),
    )


@require_POST
@administering
def send_link(request: HttpRequest, key: int) -> HttpResponse:
    """The link to choose a password: an invitation for who has none yet, otherwise a new password."""
    user = get_object_or_404(users_administered_by(seen.person(request)), pk=key)
    try:
        (reset if user.has_usable_password() else invite)(user, setting.actor(request))
    except NotSent as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"The link is on its way to {user.email}.")
    return redirect("user", key)


@require_POST
@administering
def take_second_factor(request: HttpRequest, key: int) -> HttpResponse:
    """Of who has lost phone and recovery codes; one's own is changed on one's own page, which asks for it first."""
    user = get_object_or_404(users_administered_by(seen.person(request)).exclude(pk=seen.person(request).pk), pk=key)
    if second_factor.take_away(user, setting.actor(request)):
        messages.success(request, f"{user} has no second factor any more, and is signed out. The password alone opens.")
    else:
        messages.error(request, f"{user} had no second factor.")
    return redirect("user", key)
