"""The words of an organization's mails."""

from django.urls import path

from caselli.doors.web.views.administration import mail_templates

_ONE = "administration/organizations/<int:key>/mails/<slug:happening>"

urlpatterns = [
    path("administration/organizations/<int:key>/mails", mail_templates.every, name="mail-templates"),
    path(_ONE, mail_templates.one, name="mail-template"),
    path(f"{_ONE}/preview", mail_templates.preview, name="mail-template-preview"),
    path(f"{_ONE}/ours", mail_templates.back_to_ours, name="mail-template-ours"),
]
