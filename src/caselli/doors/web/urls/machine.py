"""The answering machine."""

from django.urls import path

from caselli.doors.web.views import machine

urlpatterns = [
    path("machine/", machine.every, name="machine"),
    path("machine/<call:name>", machine.one, name="machine-call"),
    path("machine/<call:name>/pages/<int:page>", machine.one, name="machine-page"),
    path("machine/<call:name>/pages/<int:page>.png", machine.page_picture, name="machine-page-picture"),
    path("machine/<call:name>/pages.pdf", machine.pages_as_received, name="machine-pages"),
]
