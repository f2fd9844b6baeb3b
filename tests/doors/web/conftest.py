"""Browsers without a browser: Django's test client, signed in as one of the cast."""

import io

import pytest
from by_link import HERE, link_to
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image, ImageDraw

from caselli.approval.request import ask
from caselli.fax.outcome import CallEnd, CallReport, Direction, LadderEntry, LadderProtocol, PageReport, Transport
from caselli.queue import report
from caselli.queue.claim import claim
from caselli.store.models import AuthorizedAddress, Fax, IncomingMail

CONFIRMED = CallReport(
    CallEnd.COMPLETED,
    seconds=44.4,
    answered=True,
    sip_code=200,
    sip_phrase="OK",
    t30_code=0,
    transport=Transport.T38,
    remote_id="LAB FAX",
    rate=14_400,
    ecm=True,
    pages=(PageReport(1, confirmed=True, rate=14_400, ecm=True, width=1728, length=2292, size=25_600, seconds=18.8),),
    ladder=(
        LadderEntry(0.0, LadderProtocol.SIP, Direction.SENT, "INVITE", "m=audio <4000> RTP/AVP 0"),
        LadderEntry(0.5, LadderProtocol.CALL, Direction.NOTE, "heard CED"),
        LadderEntry(3.1, LadderProtocol.T30, Direction.RECEIVED, "DIS"),
    ),
)
NO_SUCH_NUMBER = CallReport(CallEnd.REJECTED, seconds=0.4, sip_code=404, sip_phrase="Not Found")
BUSY = CallReport(CallEnd.REJECTED, sip_code=486, sip_phrase="Busy Here")
NOBODY_KNOWS = CallReport(CallEnd.FAR_HUNG_UP, answered=True, sip_code=200, final_page_out=True)
OUTCOMES = {
    "+12025550100": CONFIRMED,
    "+12025550101": BUSY,
    "+12025550107": NO_SUCH_NUMBER,
    "+12025550108": NOBODY_KNOWS,
}


@pytest.fixture
def run_calls():
    """The dialer's part: all that may be called is called, and ends as its number says."""

    def run(*faxes):
        while claimed := claim("dialer"):
            for one in claimed:
                report.dialled(one.attempt_id)
                report.ended(one.attempt_id, OUTCOMES.get(one.delivery.destination, CONFIRMED))
        return [Fax.objects.get(pk=fax.pk) for fax in faxes]

    return run


@pytest.fixture
def browser_of():
    """A browser in which this user is signed in."""

    def sign_in(user):
        browser = Client(REMOTE_ADDR="192.0.2.7")
        browser.force_login(user)
        return browser

    return sign_in


@pytest.fixture
def alice(cast, browser_of):
    return browser_of(cast.alice)


def picture(words="A letter to the clinic", name="letter.png"):
    image = Image.new("L", (850, 1100), 255)
    ImageDraw.Draw(image).text((100, 100), words, fill=0)
    file = io.BytesIO()
    image.save(file, "PNG", dpi=(100, 100))
    return SimpleUploadedFile(name, file.getvalue())


@pytest.fixture
def letter():
    """A new file to hand in, at each call."""
    return picture


@pytest.fixture
def sent_page(cast):
    return reverse("sent", args=[cast.desk.extended])


@pytest.fixture
def hand_in(alice, sent_page, letter):
    """Upload a real document as Alice does; the fax."""

    def upload(recipients="+12025550100", **fields):
        answer = alice.post(sent_page, {"recipients": recipients, "files": [letter()], **fields})
        assert answer.status_code == 302, answer.content.decode()
        return Fax.objects.latest("id")

    return upload


@pytest.fixture
def htmx():
    """The headers of a part of a page being fetched; ``htmx("/faxes/...")`` says from which page."""

    def headers(page="/"):
        return {"HX-Request": "true", "HX-Current-URL": f"http://testserver{page}"}

    return headers


@pytest.fixture
def mail_in(cast):
    """A mail from Alice for her extension that waits to be read; ``mail_in(state="refused", words="...")``."""

    def come(**fields):
        usual = {"via": "smtp", "sender": "alice@acme.example", "subject": "+12025550100", "extension": cast.desk}
        usual |= {"received_at": timezone.now(), "client_ip": "192.0.2.25", "helo": "mail.acme.example", "size": 87_000}
        if fields.get("state", "waiting") == "waiting":
            usual |= {"blob": "0" * 64, "next_try_at": timezone.now()}
        return IncomingMail.objects.create(**usual | fields)

    return come


@pytest.fixture
def mailed(make_fax, mail_in):
    """A fax that came by mail and waits for its sender's word: ``mailed("+12025550100", dmarc="pass").fax``."""

    def come(*numbers, **fields):
        fax = make_fax(*numbers or ["+12025550100"], hold=True, extension=fields.get("extension"))
        Fax.objects.filter(pk=fax.pk).update(channel="email", added_by=None, held=False)
        fax.refresh_from_db()
        ask(fax, timezone.now())
        AuthorizedAddress.objects.get_or_create(
            extension=fax.extension, address=fields.get("sender", "alice@acme.example")
        )
        return mail_in(state="faxed", fax=fax, ended_at=timezone.now(), **fields)

    return come


@pytest.fixture
def stranger():
    """Somebody who is not signed in, with the mail on their phone."""
    return Client(REMOTE_ADDR=HERE)


@pytest.fixture
def link(mailed):
    """The link to a new fax by mail: ``link("+12025550100")``."""
    return lambda *numbers, **fields: link_to(mailed(*numbers, **fields).fax)
