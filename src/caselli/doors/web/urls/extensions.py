"""An extension and its pages."""

from django.urls import path

from caselli.doors.web.views import extensions, received, sent, several

urlpatterns = [
    path("extensions", extensions.every, name="extensions"),
    path("extensions/<extended:extended>", extensions.overview, name="extension"),
    path("extensions/<extended:extended>/sent", sent.sent, name="sent"),
    path("extensions/<extended:extended>/sent/several", several.several, name="sent-several"),
    path("extensions/<extended:extended>/received", received.every, name="received"),
]
