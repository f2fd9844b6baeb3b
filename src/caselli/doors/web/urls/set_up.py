"""Where `/` leads, and the set-up of a server that began empty."""

from django.urls import path

from caselli.doors.web.views import set_up

urlpatterns = [
    path("", set_up.home, name="home"),
    path("set-up", set_up.set_up, name="set-up"),
    path("set-up/leave", set_up.leave, name="set-up-leave"),
]
