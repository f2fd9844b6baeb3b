"""Webhooks: addresses that hear of an organization's events."""

from django.urls import path

from caselli.doors.web.views.administration import webhooks

urlpatterns = [
    path("administration/webhooks", webhooks.every, name="webhooks"),
    path("administration/webhooks/add", webhooks.add, name="webhook-add"),
    path("administration/webhooks/<uuid:uid>", webhooks.one, name="webhook"),
    path("administration/webhooks/<uuid:uid>/switch", webhooks.switch, name="webhook-switch"),
    path("administration/webhooks/<uuid:uid>/test", webhooks.test, name="webhook-test"),
    path("administration/webhooks/<uuid:uid>/secret", webhooks.secret, name="webhook-secret"),
    path("administration/webhooks/<uuid:uid>/remove", webhooks.take_away, name="webhook-remove"),
    path("administration/webhooks/<uuid:uid>/messages/<uuid:message>", webhooks.message, name="webhook-message"),
    path(
        "administration/webhooks/<uuid:uid>/messages/<uuid:message>/redeliver",
        webhooks.redeliver,
        name="webhook-redeliver",
    ),
]
