"""Things that pages show, where no deed of a test makes them."""

import json
from email.message import EmailMessage

from django.utils import timezone

from caselli.store.models import Fax, OutgoingMail


def receive_at_the_machine(cast, fax, configuration):
    cast.trunk.organization = cast.clinic
    cast.trunk.port = configuration.machine_sip.port
    cast.trunk.save()
    configuration.machine_folder.mkdir(exist_ok=True)
    pages = configuration.blobs / fax.pages_blob[:2] / fax.pages_blob
    (configuration.machine_folder / "call.tiff").write_bytes(pages.read_bytes())
    told = {"called": "+12025550100", "started_at": "2026-11-20T14:31:00Z", "seconds": 1, "pages": 1}
    (configuration.machine_folder / "call.json").write_text(json.dumps(told))


def with_the_pages_of(fax, other):
    Fax.objects.filter(pk=other.pk).update(pages_blob=fax.pages_blob)
    return other


def mail_with_an_attachment():
    mail = EmailMessage()
    mail.set_content("Good day.")
    mail.add_attachment(b"%PDF-", "application", "pdf", filename="fax.pdf")
    return OutgoingMail.objects.create(added_at=timezone.now(), content=mail.as_bytes(), state="failed")
