from django.urls import include, path

urlpatterns = [path("", include("caselli.doors.web.urls"))]
