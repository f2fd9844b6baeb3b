"""Mails that went out, and those that came in."""

from django.urls import path

from caselli.doors.web.views import mails

urlpatterns = [
    path("mail", mails.every, name="mails"),
    path("mail/incoming", mails.came, name="incoming-mails"),
    path("mail/<uuid:uid>", mails.one, name="mail"),
    path("mail/<uuid:uid>/attachments/<int:position>", mails.attachment, name="mail-attachment"),
    path("mail/<uuid:uid>.eml", mails.source, name="mail-source"),
]
