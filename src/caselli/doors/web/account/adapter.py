"""What allauth asks of us."""

import time
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.stagekit import clear_login
from allauth.mfa.adapter import DefaultMFAAdapter
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from caselli.directory import account, sign_in
from caselli.doors.web import seen
from caselli.doors.web.account import limits
from caselli.store.models import AccountEvent, User

WRONG = "This login and password do not belong together. Check both; upper and lower case of the password differ."
WRONG_CODE = "That code is not right. Codes change every 30 seconds: type the newest one."
TOO_MANY = "Too many attempts. Try again in 5 minutes."
FRESH = 300
"""Seconds after signing in during which one is not asked for the password again."""
_SAID = {
    "account/messages/logged_out.txt": "You have signed out.",
    "account/messages/password_changed.txt": "Your password is changed. Everywhere else you are signed out.",
    "account/messages/password_set.txt": "Your password is set.",
    "mfa/messages/totp_activated.txt": "Your authenticator app is asked from now on.",
    "mfa/messages/totp_deactivated.txt": "Your authenticator app is removed.",
    "mfa/messages/recovery_codes_generated.txt": "New recovery codes are made. Keep them where you find them.",
    "mfa/messages/webauthn_added.txt": "Your passkey is added.",
    "mfa/messages/webauthn_removed.txt": "The passkey is removed.",
    "usersessions/messages/sessions_logged_out.txt": "Everywhere else you are signed out.",
}


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": WRONG,
        "email_password_mismatch": WRONG,
        "incorrect_password": "That is not your password. Upper and lower case differ.",
        "enter_current_password": "That is not your password of today. Upper and lower case differ.",
        "incorrect_code": WRONG_CODE,
        "too_many_login_attempts": TOO_MANY,
        "rate_limited": TOO_MANY,
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Administrators add people."""
        del request
        return False

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        """Say it in our words; what has none (that one signed in) is seen without being said."""
        del message_context
        if said := message or _SAID.get(message_template or ""):
            super().add_message(request, level, message=said, extra_tags=extra_tags)

    def pre_login(self, request: HttpRequest, user: AbstractBaseUser, **kwargs: Any) -> HttpResponse | None:
        """Every way in passes here: password, passkey, and a link from a mail."""
        if not isinstance(user, User) or not sign_in.may_sign_in(user):
            clear_login(request)
            return self.respond_user_inactive(request, user)
        return super().pre_login(request, user, **kwargs)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            key = self._get_login_attempts_cache_key(request, **credentials)
            seconds = limits.seconds_to_wait(request, "login_failed", key)
            raise ValidationError(f"Too many attempts. Try again {limits.in_words(seconds)}.") from None

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        user = sign_in.find(_login_in(credentials))
        if user is None:
            account.note_unknown(seen.ip(request))
        else:
            account.note(user, AccountEvent.What.WRONG_PASSWORD, seen.ip(request))

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        # allauth's own begins with the Host header, which whoever guesses may change at each attempt.
        del request
        login = _login_in(credentials)
        user = sign_in.find(login)
        return f"user-{user.pk}" if user else f"login-{login.casefold()}"

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        records = get_authentication_records(self.request, self.request.user)
        if records and time.time() - records[-1]["at"] < FRESH:
            return False
        required: bool = super().is_reauthentication_required(app=app, **kwargs)
        return required

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        del request
        return reverse("mfa_index")

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        words = {
            "reauthenticate": "Use your password",
            "mfa_reauthenticate": "Use a code",
            "mfa_reauthenticate:webauthn": "Use a passkey",
        }
        methods = super().get_reauthentication_methods(user)
        return [one | {"description": words.get(one["id"], one["description"])} for one in methods]


class SecondFactorAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {"incorrect_code": WRONG_CODE}

    def get_totp_label(self, user: AbstractBaseUser) -> str:
        return user.get_username()

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Any) -> str:  # noqa: A002 - allauth's name
        del user, type
        return "Passkey"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return super().get_public_key_credential_rp_entity() | {"name": "Caselli"}


def _login_in(credentials: dict[str, Any]) -> str:
    return str(credentials.get("username") or credentials.get("email") or "").strip()
