"""With whom the faxes of an extension are shared."""

from django.urls import path

from caselli.doors.web.views import sharing

urlpatterns = [
    path("extensions/<extended:extended>/sharing", sharing.sharing, name="sharing"),
    path("extensions/<extended:extended>/sharing/<int:number>/stop", sharing.stop, name="sharing-stop"),
]
