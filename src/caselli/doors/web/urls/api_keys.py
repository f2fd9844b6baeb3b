"""API keys: one's own, and those of the people one administers."""

from django.urls import path

from caselli.doors.web.views import api_keys

urlpatterns = [
    path("account/keys", api_keys.every, name="api-keys"),
    path("account/keys/add", api_keys.add, name="api-key-add"),
    path("account/keys/<uuid:uid>/end", api_keys.end, name="api-key-end"),
]
