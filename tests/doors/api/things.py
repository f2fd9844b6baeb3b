"""Things behind the addresses of the API, made without conversions and calls."""

import io

from django.utils import timezone
from PIL import Image

from caselli.fax.status import DeliveryStatus
from caselli.store import blobs, journey
from caselli.store.models import (
    BlockedDestination,
    Document,
    Fax,
    ReceivedFax,
    StagedFile,
    Trunk,
    Webhook,
    WebhookMessage,
)


def two_pages():
    """A TIFF as it goes down the line, nearly white."""
    file = io.BytesIO()
    page = Image.new("1", (1728, 200), 1)
    page.paste(0, (100, 100, 900, 120))
    page.save(file, "TIFF", compression="group4", dpi=(204, 196), save_all=True, append_images=[page])
    return file.getvalue()


def with_pages(fax, *, sandbox=False):
    """And a document, as it was handed in."""
    Fax.objects.filter(pk=fax.pk).update(pages_blob=blobs.keep(two_pages()), pages=2, sandbox=sandbox)
    fax.deliveries.update(sandbox=sandbox)
    content = b"<script>alert(1)</script>"
    Document.objects.create(
        fax=fax, position=1, name="letter.html", kind="html", blob=blobs.keep(content), size=len(content), pages=2
    )
    return Fax.objects.get(pk=fax.pk)


def ended(fax, status, cause):
    """Its one delivery, after a call."""
    delivery, by = fax.deliveries.get(), journey.By(timezone.now())
    journey.advance_delivery(delivery, DeliveryStatus.SENDING, by)
    journey.advance_delivery(delivery, status, by, cause=cause)


def awaits_a_yes(fax):
    Fax.objects.filter(pk=fax.pk).update(status="awaiting_approval", shown_status="Not approved", approved_at=None)
    fax.deliveries.update(status="waiting", queued_at=None)


def received(extension, *, delivery=None):
    return ReceivedFax.objects.create(
        organization=extension.organization,
        extension=extension,
        delivery=delivery,
        sender="0003*211",
        pages=2,
        blob=blobs.keep(two_pages()),
        received_at=timezone.now(),
    )


def objects_of(extension, fax):
    """One of each that an organization has, by the names of ``operations.OPERATIONS``."""
    organization, owner = extension.organization, extension.owner
    upload = StagedFile.objects.create(
        extension=extension, person=owner, name="a.txt", blob=blobs.keep(b"a"), size=1, staged_at=timezone.now()
    )
    trunk = Trunk.objects.create(organization=organization, name=f"Trunk of {organization.name}", host="127.0.0.1")
    blocked = BlockedDestination.objects.create(organization=organization, prefix="+1900", reason=organization.name)
    webhook = Webhook.objects.create(
        organization=organization,
        name="Orders",
        url="http://127.0.0.1:9/",
        secret="whsec_c2VjcmV0cyBmb3Igb25lIHRlc3Q=",
        created_at=timezone.now(),
    )
    message = WebhookMessage.objects.create(
        webhook=webhook, organization=organization, kind="fax.sent", body="{}", added_at=timezone.now()
    )
    return {
        "webhook": webhook.uid,
        "message": f"msg_{message.uid.hex}",
        "fax": fax.uid,
        "received": received(extension).pk,
        "extension": extension.extended,
        "upload": upload.uid,
        "user": owner.username,
        "organization": organization.number,
        "trunk": trunk.pk,
        "blocked": blocked.pk,
        "one": 1,
    }
