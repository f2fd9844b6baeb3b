from django.urls import include, path

from caselli.doors.api.rest import api

urlpatterns = [
    path("api/v1/", api.urls),
    path("", include("caselli.doors.api.oauth_urls")),
    path("", include("caselli.doors.api.unified_urls")),
    path("", include("caselli.doors.web.urls")),
]
handler400 = "caselli.doors.web.views.site.bad_request"
handler404 = "caselli.doors.web.views.site.not_found"
handler500 = "caselli.doors.web.views.site.failed"
handler429 = "caselli.doors.web.views.site.too_many"  # where allauth looks for it
