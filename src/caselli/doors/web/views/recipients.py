"""Other recipients for a fax that waits or is held, on a page with an address of its own."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from caselli.approval.request import unconfirmed
from caselli.directory.access import may_act
from caselli.doors.web import seen
from caselli.fax.number import split_recipients
from caselli.fax.refusals import Refusal, Refusals
from caselli.fax.status import FaxStatus
from caselli.intake import check
from caselli.intake.readdress import CHANGEABLE, readdress
from caselli.store.models import Fax


@require_http_methods(["GET", "HEAD", "POST"])
@seen.signed_in
def change(request: HttpRequest, uid: UUID) -> HttpResponse:
    fax = seen.fax(request, uid)
    if not may_act(seen.person(request), fax.extension):
        raise Http404
    if request.method == "POST":
        return _change(request, fax)
    if fax.status not in CHANGEABLE:
        messages.error(request, "The recipients of this fax cannot be changed any more.")
        return redirect("fax", fax.uid)
    return _ask(request, fax, ", ".join(fax.deliveries.order_by("position").values_list("given", flat=True)))


def _change(request: HttpRequest, fax: Fax) -> HttpResponse:
    given = ", ".join(request.POST.getlist("recipients"))
    try:
        changed = readdress(fax, seen.person(request), seen.ip(request), split_recipients(given))
    except Refusals as refused:
        if any(one.field == "fax" for one in refused.all):
            messages.error(request, str(refused))
            return redirect("fax", fax.uid)
        return _ask(request, fax, given, refused.all)
    fresh = seen.fax(request, fax.uid)
    if not changed:
        messages.success(request, "The recipients are as they were.")
    elif unconfirmed(fresh):
        messages.success(request, "The recipients are changed. Its sender is asked by mail again.")
    elif fresh.status == FaxStatus.AWAITING_APPROVAL:
        messages.success(request, "The recipients are changed. The fax waits for a second person’s yes.")
    else:
        messages.success(request, "The recipients are changed.")
    return redirect("fax", fax.uid)


def _ask(request: HttpRequest, fax: Fax, given: str, refusals: tuple[Refusal, ...] = ()) -> HttpResponse:
    context = {
        "fax": fax,
        "extension": fax.extension,
        "given": given,
        "refusals": refusals,
        "limits": check.limits(),
        "approved": fax.approved_at is not None,
    }
    return render(request, "web/recipients.html", context, status=422 if refusals else 200)
