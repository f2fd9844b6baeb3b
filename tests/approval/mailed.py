"""Faxes that came by mail, and what becomes of them."""

from datetime import timedelta

import pytest
from cast import begun
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from caselli.approval import confirm, request
from caselli.approval.request import content_of
from caselli.fax.outcome import CallEnd, CallReport
from caselli.fax.refusals import Refusal
from caselli.fax.status import FaxStatus
from caselli.queue import report
from caselli.queue.claim import claim
from caselli.store import blobs, journey
from caselli.store.models import AuthorizedAddress, Event, Fax, IncomingMail
from caselli.store.promise import TELL

HOME, ABROAD = "+12025550100", "+493012345678"
SENDER = "alice@acme.example"
IP = "192.0.2.9"


@pytest.fixture
def by_mail(cast):
    """A fax as a mail leaves it, waiting for its sender."""
    AuthorizedAddress.objects.get_or_create(extension=cast.desk, address=SENDER)

    def make(*numbers, author=None, days=0):
        now = timezone.now()
        pages = {"pages": 1, "pages_blob": blobs.keep(b"pages of a fax")}
        added = {"channel": "email", "added_at": now - timedelta(days=days), "added_by": author}
        fax = begun(cast.desk, *(numbers or (HOME,)), **pages, **added)
        IncomingMail.objects.create(
            via="smtp", state="faxed", sender=SENDER, extension=cast.desk, received_at=now, ended_at=now, fax=fax
        )
        journey.advance_fax(fax, FaxStatus.RENDERED, journey.By(now))
        request.ask(fax, now)
        return fresh(fax)

    return make


def fresh(fax):
    return Fax.objects.get(pk=fax.pk)


def mail_of(fax):
    return IncomingMail.objects.get(fax=fax)


def notes_of(fax):
    return [one.note for one in Event.objects.filter(fax=fax, delivery=None) if one.note]


def told():
    """What was promised to be told, in order."""
    faxes = list(Fax.objects.values_list("pk", flat=True))  # those of other tests may have left their jobs
    jobs = ProcrastinateJob.objects.filter(task_name=TELL, args__fax_id__in=faxes)
    return list(jobs.order_by("id").values_list("args__what", flat=True))


def yes(fax, ip=IP):
    return confirm.confirm(fax, ip, content_of(fax))


def later(fax, seconds=301):
    """So much time passes since the link was used."""
    IncomingMail.objects.filter(fax=fax).update(link_used_at=timezone.now() - timedelta(seconds=seconds))


def fails(fax):
    for one in claim("dialer"):
        report.ended(one.attempt_id, CallReport(CallEnd.REJECTED, sip_code=404))
    return fresh(fax)


def refused(kind, deed, *arguments):
    with pytest.raises(Refusal) as found:
        deed(*arguments)
    assert found.value.kind is kind, found.value
    return str(found.value)


@pytest.fixture
def abroad(cast, by_mail):
    """A mail's fax abroad, where the organization asks for a second person."""
    cast.clinic.approve_abroad = True
    cast.clinic.save()
    return lambda **more: by_mail(ABROAD, **more)
