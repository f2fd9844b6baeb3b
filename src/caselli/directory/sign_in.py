"""Who may sign in, by which login, and with what."""

from allauth.mfa.models import Authenticator

from caselli.store.models import Role, User


def may_sign_in(user: User) -> bool:
    """Not who is switched off, nor whose organization is. Administrators of the server belong to none in particular:
    whoever switches off the organization they are in does not lock everybody out.
    """
    if not user.is_active:
        return False
    return user.role == Role.ADMINISTRATOR or user.organization is None or user.organization.enabled


def find(login: str) -> User | None:
    """By login, or by a mail address that only one person has; upper and lower case do not matter."""
    login = login.strip()
    if not login or "\0" in login:
        return None
    everybody = User.objects.select_related("organization")
    if user := everybody.filter(username=login).first():
        return user
    for found in (everybody.filter(username__iexact=login)[:2], everybody.filter(email__iexact=login)[:2]):
        if len(found) == 1:
            return found[0]
    return None


def has_second_factor(user: User) -> bool:
    """An authenticator app or a passkey; recovery codes alone are none. Asks nothing where the person was read with
    ``authenticator_set``.
    """
    return any(one.type != Authenticator.Type.RECOVERY_CODES for one in user.authenticator_set.all())


def lacks_second_factor(user: User) -> bool:
    """Whether the person's organization asks for a second factor that the person has not set up yet."""
    if user.organization is None or not user.organization.second_factor_required:
        return False
    return not has_second_factor(user)
