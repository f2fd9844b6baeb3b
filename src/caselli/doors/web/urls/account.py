"""Signing in and out, and how the pages look."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from caselli.doors.web.views import site

urlpatterns = [
    path("login", site.SignIn.as_view(), name="login"),
    path("logout", LogoutView.as_view(), name="logout"),
    path("appearance", site.appearance, name="appearance"),
]
