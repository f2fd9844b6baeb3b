from django.urls import include, path

urlpatterns = [path("", include("caselli.doors.web.urls"))]
handler400 = "caselli.doors.web.views.site.bad_request"
handler404 = "caselli.doors.web.views.site.not_found"
handler429 = "caselli.doors.web.views.site.too_many"  # where allauth looks for it
