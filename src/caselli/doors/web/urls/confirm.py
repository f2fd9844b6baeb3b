"""The link of a mail, which opens without sign-in."""

from django.urls import path

from caselli.doors.web.views import confirm

urlpatterns = [
    path("confirm/<token:token>", confirm.page, name="confirm"),
    path("confirm/<token:token>/told", confirm.told, name="confirm-told"),
    path("confirm/<token:token>/pages/<int:page>.png", confirm.page_picture, name="confirm-picture"),
]
