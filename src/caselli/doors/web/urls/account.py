"""Signing in and out, one's own account, and how the pages look.

allauth's views stand here under addresses of ours, each with the name that allauth looks for; its other pages (signing
up, mail addresses, codes by mail) do not exist. Two entries of one address: our name comes first, it is what a request
finds.
"""

from collections.abc import Callable

from allauth.account import views as accounts
from allauth.mfa.base import views as factors
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as app
from allauth.mfa.webauthn import views as passkeys
from django.http.response import HttpResponseBase
from django.urls import path, re_path
from django.views.decorators.http import require_POST, require_safe

from caselli.doors.web import seen
from caselli.doors.web.views import account, site

_sign_out = require_POST(accounts.logout)


def _read(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    return require_safe(seen.signed_in(view))


urlpatterns = [
    path("login", site.SignIn.as_view(), name="login"),
    path("login", site.SignIn.as_view(), name="account_login"),
    path("login/second-factor", site.SecondFactor.as_view(), name="mfa_authenticate"),
    path("login/passkey", site.PasskeySignIn.as_view(), name="mfa_login_webauthn"),
    path("logout", _sign_out, name="logout"),
    path("logout", _sign_out, name="account_logout"),
    path("account/switched-off", accounts.account_inactive, name="account_inactive"),
    path("account/forgotten", accounts.password_reset, name="account_reset_password"),
    path("account/forgotten/sent", accounts.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^account/forgotten/(?P<uidb36>[0-9A-Za-z]{1,13})-(?P<key>[0-9A-Za-z-]{1,100})$",
        accounts.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("account/forgotten/done", accounts.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    path("account", _read(account.YourAccount.as_view()), name="mfa_index"),
    path("account/second-factor", account.second_factor_first, name="second-factor-first"),
    path("account/password", seen.signed_in(accounts.password_change), name="account_change_password"),
    path("account/password/first", seen.signed_in(accounts.password_set), name="account_set_password"),
    path("account/confirm", seen.signed_in(accounts.reauthenticate), name="account_reauthenticate"),
    path("account/confirm/code", seen.signed_in(factors.reauthenticate), name="mfa_reauthenticate"),
    path(
        "account/confirm/passkey", seen.signed_in(passkeys.reauthenticate_webauthn), name="mfa_reauthenticate_webauthn"
    ),
    path("account/app/add", seen.signed_in(app.activate_totp), name="mfa_activate_totp"),
    path("account/app/remove", seen.signed_in(app.deactivate_totp), name="mfa_deactivate_totp"),
    path("account/codes", _read(codes.view_recovery_codes), name="mfa_view_recovery_codes"),
    path("account/codes/new", seen.signed_in(codes.generate_recovery_codes), name="mfa_generate_recovery_codes"),
    path("account/codes/download", _read(codes.download_recovery_codes), name="mfa_download_recovery_codes"),
    path("account/passkeys", _read(account.Passkeys.as_view()), name="mfa_list_webauthn"),
    path("account/passkeys/add", seen.signed_in(account.AddPasskey.as_view()), name="mfa_add_webauthn"),
    path("account/passkeys/<int:pk>/name", seen.signed_in(passkeys.edit_webauthn), name="mfa_edit_webauthn"),
    path("account/passkeys/<int:pk>/remove", seen.signed_in(passkeys.remove_webauthn), name="mfa_remove_webauthn"),
    path("account/sessions", seen.signed_in(account.Sessions.as_view()), name="usersessions_list"),
    path("account/sessions/<int:number>/end", account.end_session, name="session-end"),
    path("appearance", site.appearance, name="appearance"),
]
