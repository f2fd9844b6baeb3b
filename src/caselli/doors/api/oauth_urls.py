"""Where apps ask for access tokens. The consent page is one of the web door's (``doors/web/urls/apps.py``)."""

from django.urls import path

from caselli.doors.api.oauth_token import token

urlpatterns = [
    path("oauth/token.php", token, name="oauth-token"),
    path("ouath/token.php", token),  # as a sample of the field spells it
]
