"""What the API is, readable by anybody: it says nothing of anyone here."""

from django.urls import path

from caselli.doors.web.views.documentation import api, problems

urlpatterns = [
    path("docs/api", api, name="docs-api"),
    path("docs/problems", problems, name="docs-problems"),
]
