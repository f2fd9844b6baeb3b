"""The mailboxes that faxes are fetched from."""

from django.urls import path

from caselli.doors.web.views.administration import mailboxes

urlpatterns = [
    path("administration/mailboxes", mailboxes.every, name="mailboxes"),
    path("administration/mailboxes/add", mailboxes.add, name="mailbox-add"),
    path("administration/mailboxes/<int:key>", mailboxes.one, name="mailbox"),
    path("administration/mailboxes/<int:key>/switch", mailboxes.switch, name="mailbox-switch"),
    path("administration/mailboxes/<int:key>/test", mailboxes.test, name="mailbox-test"),
    path("administration/mailboxes/<int:key>/remove", mailboxes.take_away, name="mailbox-remove"),
]
