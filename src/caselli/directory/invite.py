"""Mail that lets a person choose a password: an invitation, and a reset. The link is signed and works once."""

from dataclasses import dataclass
from smtplib import SMTPException

from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.mail import EmailMessage
from django.db import transaction
from django.urls import reverse
from django.utils.http import int_to_base36

from caselli.directory import audit
from caselli.directory.audit import Actor, Change
from caselli.store.models import AuditEntry, User

_A_DAY = 86_400
_TOKENS = PasswordResetTokenGenerator()
"""Signed with password, last sign-in and mail address: a link is dead once one of these has changed."""


class NotSent(RuntimeError):  # noqa: N818 - it names what happened
    """No mail went out; the text says why, and what to do."""


@dataclass(frozen=True, slots=True)
class _Words:
    deed: str
    title: str
    text: str


_INVITATION = _Words(
    "Invitation",
    "Your account for faxes",
    """\
Hello {called},

{who} has made an account for you to send and receive faxes{where}.

Your login: {login}
Choose a password here:

{link}

The link works once, for {days} days. When it has ended, ask for another one at
{forgotten}

Caselli
""",
)
_RESET = _Words(
    "Link to reset the password",
    "Choose a new password",
    """\
Hello {called},

{who} has asked for a new password for your account.

Your login: {login}
Choose a new password here:

{link}

The link works once, for {days} days. Until you use it, the old password stays.
If you did not expect this mail, you need not do anything.

Caselli
""",
)


def invite(user: User, actor: Actor) -> None:
    """Ask a new user by mail to choose a password. Raises NotSent."""
    _send(_INVITATION, user, actor)


def reset(user: User, actor: Actor) -> None:
    """Send a link to choose another password; until it is used the old one stays. Raises NotSent."""
    _send(_RESET, user, actor)


def link_for(user: User) -> str:
    """The address at which a password is chosen, for whoever reads this user's mail."""
    key = {"uidb36": int_to_base36(user.pk), "key": _TOKENS.make_token(user)}
    return _absolute(reverse("account_reset_password_from_key", kwargs=key))


def _send(words: _Words, user: User, actor: Actor) -> None:
    if not user.email:
        raise NotSent(f"{user} has no mail address. Give one, then send the mail again.")
    if not user.is_active or (user.organization is not None and not user.organization.enabled):
        raise NotSent(f"{user} is switched off and could not sign in. Switch on first, then send the mail again.")
    themselves = actor.person is not None and actor.person.pk == user.pk
    text = words.text.format(
        called=user.called,
        who="Somebody, probably you," if themselves else actor.called,
        where=f" at {user.organization.name}" if user.organization else "",
        login=user.username,
        link=link_for(user),
        days=settings.PASSWORD_RESET_TIMEOUT // _A_DAY,
        forgotten=_absolute(reverse("account_reset_password")),
    )
    with transaction.atomic():
        change = Change(words.deed, "–", f"sent to {user.email}")
        audit.note(actor, AuditEntry.Deed.CHANGED, "user", user, user.organization, [change])
        try:
            EmailMessage(f"Caselli: {words.title}", text, to=[user.email]).send()
        except (SMTPException, OSError) as error:
            raise NotSent(f"The mail to {user.email} could not be handed over ({error}). Try again later.") from error


def _absolute(path: str) -> str:
    return f"{settings.CONFIGURATION.public_url.rstrip('/')}{path}"
