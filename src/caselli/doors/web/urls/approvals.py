"""The second person's yes or no, and other recipients for what is not on its way yet."""

from django.urls import path

from caselli.doors.web.views import approvals, recipients

urlpatterns = [
    path("approvals", approvals.every, name="approvals"),
    path("approvals/<uuid:uid>", approvals.one, name="approval"),
    path("approvals/<uuid:uid>/line", approvals.line, name="approval-line"),
    path("approvals/<uuid:uid>/approve", approvals.approve, name="approval-approve"),
    path("approvals/<uuid:uid>/refuse", approvals.refuse, name="approval-refuse"),
    path("faxes/<uuid:uid>/recipients", recipients.change, name="fax-recipients"),
]
