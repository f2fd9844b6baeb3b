"""allauth's forms, in our words."""

from typing import Any

import structlog
from allauth.account.forms import (
    ChangePasswordForm,
    ReauthenticateForm,
    ResetPasswordForm,
    ResetPasswordKeyForm,
    SetPasswordForm,
)
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import AuthenticateWebAuthnForm, LoginWebAuthnForm, ReauthenticateWebAuthnForm
from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from caselli.directory import invite, sign_in
from caselli.directory.audit import Actor
from caselli.doors.web import seen
from caselli.store.models import User

log = structlog.get_logger()

STRONG = "At least 10 characters. Neither a common password nor one that is like your name."
NO_PASSKEY = "That passkey does not open this account. Try another one, or sign in another way."


class _Worded(forms.Form):
    """Labels stand above their fields; nothing stands in them."""

    LABELS = {"oldpassword": "Present password", "password1": "New password", "password2": "New password again"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = self.LABELS.get(name, field.label)
            field.help_text = STRONG if name == "password1" else ""


class ChangePassword(_Worded, ChangePasswordForm):
    pass


class FirstPassword(_Worded, SetPasswordForm):
    pass


class NewPassword(_Worded, ResetPasswordKeyForm):
    pass


class Confirmation(_Worded, ReauthenticateForm):
    pass


class ForgottenPassword(_Worded, ResetPasswordForm):
    """Nobody learns here which addresses are known: the answer is the same, and only known ones get mail."""

    LABELS = {"email": "Mail address"}

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        everybody = User.objects.select_related("organization").filter(email__iexact=email)
        self.users = [one for one in everybody if sign_in.may_sign_in(one)]
        return email

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        del kwargs
        for user in self.users:
            try:
                invite.reset(user, Actor(user, seen.ip(request)))
            except invite.NotSent as refusal:
                log.warning("no link to reset the password", login=user.username, reason=str(refusal))
        email: str = self.cleaned_data["email"]
        return email


class _Passkey(AuthenticateWebAuthnForm):
    """What the browser made of a passkey; who makes it up gets a sentence, no error of ours."""

    def clean_credential(self) -> Authenticator:
        try:
            found: Authenticator = super().clean_credential()
        except (LookupError, TypeError, ValueError, AttributeError):
            raise ValidationError(NO_PASSKEY) from None
        except ValidationError as error:
            if error.code == "incorrect_code":
                raise ValidationError(NO_PASSKEY) from None
            raise
        return found


class PasskeySignIn(_Passkey, LoginWebAuthnForm):
    pass


class PasskeySecondFactor(_Passkey):
    pass


class PasskeyConfirmation(_Passkey, ReauthenticateWebAuthnForm):
    pass
