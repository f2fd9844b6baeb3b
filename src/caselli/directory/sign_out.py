"""End the sessions of somebody, wherever they are signed in."""

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.utils import timezone

from caselli.store.models import User


def sign_out_everywhere(user: User) -> None:
    """A session says whose it is only inside; all that still live are opened, which for thousands takes a second."""
    theirs = [
        one.pk
        for one in Session.objects.filter(expire_date__gt=timezone.now()).iterator()
        if one.get_decoded().get(SESSION_KEY) == str(user.pk)
    ]
    Session.objects.filter(pk__in=theirs).delete()
