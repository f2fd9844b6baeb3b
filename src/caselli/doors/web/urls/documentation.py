"""What the API is, readable by anybody: it says nothing of anyone here."""

from django.urls import path

from caselli.doors.web.views import documentation

urlpatterns = [
    path("docs/api", documentation.api, name="docs-api"),
    path("docs/problems", documentation.problems, name="docs-problems"),
]
