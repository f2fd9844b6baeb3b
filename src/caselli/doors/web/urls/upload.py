"""What the upload form asks while it is filled in."""

from django.urls import path

from caselli.doors.web.views import upload

urlpatterns = [
    path("extensions/<extended:extended>/recipients", upload.recipients, name="recipients"),
    path("extensions/<extended:extended>/staged", upload.stage, name="stage"),
    path("staged/<uuid:uid>/remove", upload.remove, name="staged-remove"),
    path("staged/<uuid:uid>/pages/<int:page>.png", upload.page_picture, name="staged-picture"),
]
