"""Apps that get access tokens: one's own, those of whom one administers, those one has allowed; and the consent."""

from django.urls import path

from caselli.doors.web.views import apps, consent

urlpatterns = [
    path("account/apps", apps.every, name="apps"),
    path("account/apps/add", apps.add, name="app-add"),
    path("account/apps/<int:key>", apps.one, name="app"),
    path("account/apps/<int:key>/secret", apps.new_secret, name="app-secret"),
    path("account/apps/<int:key>/remove", apps.take_away, name="app-remove"),
    path("account/apps/<int:key>/take-back", apps.take_back, name="app-take-back"),
    path("oauth/authorize.php", consent.consent, name="authorize"),
]
