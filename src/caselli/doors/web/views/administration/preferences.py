"""Server fax preferences. Every use reads the row, so they act at once."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from caselli.directory.forms import PreferencesForm
from caselli.doors.web import setting
from caselli.doors.web.setting import Part
from caselli.doors.web.views.administration.page import Crumb, administering_server, render_form, trail
from caselli.store.models import Preferences

PARTS = (
    Part("Faxing by email", ("email_accepted", "fax_address", "front_server", "mail_megabytes")),
    Part("Approval by mail", ("approval_host", "confirmation_interval", "unconfirmed_days")),
    Part("Sending", ("files_limit", "recipients_limit", "negotiation_limit")),
    Part("Keeping", ("sent_days",)),
)


@require_http_methods(["GET", "HEAD", "POST"])
@administering_server
def preferences(request: HttpRequest) -> HttpResponse:
    answered = setting.answer(request, PreferencesForm, Preferences.current())
    if answered.kept:
        messages.success(request, "Saved. The preferences act at once.")
        return redirect("preferences")
    return render_form(
        request,
        answered.form,
        PARTS,
        status=answered.status,
        discard=reverse("administration"),
        title="Server fax preferences",
        trail=trail(Crumb("Server fax preferences")),
        sub="They hold for every organization, and act as soon as they are saved.",
    )
