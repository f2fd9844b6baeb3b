"""What allauth tells of is written down, and who gets a second factor is signed out elsewhere."""

from typing import Any

from allauth.account import signals as of_accounts
from allauth.mfa import signals as of_factors
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.http import HttpRequest

from caselli.directory import account
from caselli.doors.web import seen
from caselli.store.models import AccountEvent, User

What = AccountEvent.What
_ADDED = {
    Authenticator.Type.TOTP: What.APP_ADDED,
    Authenticator.Type.WEBAUTHN: What.PASSKEY_ADDED,
    Authenticator.Type.RECOVERY_CODES: What.CODES_MADE,
}
_REMOVED = {Authenticator.Type.TOTP: What.APP_REMOVED, Authenticator.Type.WEBAUTHN: What.PASSKEY_REMOVED}


def signed_in(request: HttpRequest, user: User, **_: Any) -> None:
    account.note(user, What.SIGNED_IN, seen.ip(request))


def password_changed(request: HttpRequest, user: User, **_: Any) -> None:
    account.note(user, What.PASSWORD_CHANGED, seen.ip(request))


def password_reset(request: HttpRequest, user: User, **_: Any) -> None:
    account.note(user, What.PASSWORD_RESET, seen.ip(request))


def code_failed(request: HttpRequest, user: User, **_: Any) -> None:
    account.note(user, What.WRONG_CODE, seen.ip(request))


def factor_added(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    account.note(user, _ADDED[Authenticator.Type(authenticator.type)], seen.ip(request))
    if authenticator.type != Authenticator.Type.RECOVERY_CODES:
        end_other_sessions(request, user)


def codes_made(request: HttpRequest, user: User, **_: Any) -> None:
    account.note(user, What.CODES_MADE, seen.ip(request))


def factor_removed(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    if what := _REMOVED.get(Authenticator.Type(authenticator.type)):
        account.note(user, what, seen.ip(request))


def end_other_sessions(request: HttpRequest, user: User) -> None:
    """They were begun without the second factor."""
    for one in UserSession.objects.filter(user=user).exclude(session_key=request.session.session_key):
        one.end()


def connect() -> None:
    of_accounts.user_logged_in.connect(signed_in)
    of_accounts.password_changed.connect(password_changed)
    of_accounts.password_set.connect(password_changed)
    of_accounts.password_reset.connect(password_reset)
    of_factors.authentication_failed.connect(code_failed)
    of_factors.authenticator_added.connect(factor_added)
    of_factors.authenticator_reset.connect(codes_made)
    of_factors.authenticator_removed.connect(factor_removed)
