"""Which sessions are over: of who signed out, was signed out, or is switched off."""

from collections.abc import Collection

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import close_old_connections
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from caselli.directory.sign_in import may_sign_in
from caselli.store.models import User


def over(keys: Collection[str]) -> set[str]:
    """Of all these at once, in two queries however many they are."""
    close_old_connections()
    try:
        rows = Session.objects.filter(pk__in=keys, expire_date__gt=timezone.now())
        sessions = {row.session_key: row.get_decoded() for row in rows}
        owners = {int(one[SESSION_KEY]) for one in sessions.values() if SESSION_KEY in one}
        people = User.objects.select_related("organization").in_bulk(owners)
        live = {
            key
            for key, session in sessions.items()
            if (person := people.get(int(session.get(SESSION_KEY, 0)))) and _is_open(session, person)
        }
        return set(keys) - live
    finally:
        close_old_connections()


def _is_open(session: dict[str, str], person: User) -> bool:
    """The hash is of the password with which the session began: whoever changes it ends the others."""
    same = constant_time_compare(session.get(HASH_SESSION_KEY, ""), person.get_session_auth_hash())
    return same and may_sign_in(person)
