"""All addresses of the web door, a file a subject. ``addresses``: each with a name that no other has."""

from django.urls import URLPattern, re_path, register_converter

from caselli.doors.web.addresses import CallName, ExtendedNumber, Token

# The files below write paths with these.
register_converter(ExtendedNumber, "extended")
register_converter(CallName, "call")
register_converter(Token, "token")

from caselli.doors.web.urls import (  # noqa: E402 - after the converters
    account,
    administration,
    api_keys,
    approvals,
    apps,
    confirm,
    documentation,
    extensions,
    faxes,
    machine,
    mail_templates,
    mailboxes,
    mails,
    received,
    set_up,
    sharing,
    trunk_tests,
    upload,
    webhooks,
)
from caselli.doors.web.views import site  # noqa: E402

urlpatterns: list[URLPattern] = [
    *account.urlpatterns,
    *administration.urlpatterns,
    *api_keys.urlpatterns,
    *approvals.urlpatterns,
    *apps.urlpatterns,
    *confirm.urlpatterns,
    *documentation.urlpatterns,
    *set_up.urlpatterns,
    *extensions.urlpatterns,
    *faxes.urlpatterns,
    *received.urlpatterns,
    *machine.urlpatterns,
    *mail_templates.urlpatterns,
    *mailboxes.urlpatterns,
    *mails.urlpatterns,
    *sharing.urlpatterns,
    *trunk_tests.urlpatterns,
    *upload.urlpatterns,
    *webhooks.urlpatterns,
    re_path(r"^(?P<rest>.+)/$", site.without_slash, name="without-slash"),
]
