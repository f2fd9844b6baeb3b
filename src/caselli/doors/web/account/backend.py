"""Finds who signs in. An unknown login takes as long as a wrong password: exactly one hash either way."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest

from caselli.directory import sign_in
from caselli.store.models import User


class Backend(AuthenticationBackend):
    """Who is switched off is nobody, also in a session that is open (``get_user`` asks ``user_can_authenticate``)."""

    def _authenticate(self, request: HttpRequest | None, **credentials: Any) -> AbstractBaseUser | None:
        # allauth's own looks in several ways and hashes for each, which tells known mail addresses by the clock.
        del request
        login = str(credentials.get("username") or credentials.get("email") or "")
        return self._check_password(sign_in.find(login), credentials["password"])

    def user_can_authenticate(self, user: Any) -> bool:
        return isinstance(user, User) and sign_in.may_sign_in(user)
