"""The client of Caselli's REST API: typed, blocking or under asyncio.

    from caselli.client import Client

    with Client("https://fax.example.com", "caselli_...") as client:
        fax = client.faxes.send("+12025550100", "letter.pdf", extension="210")
        print(client.faxes.wait(fax.id).status_name)

It needs httpx (and standardwebhooks, for :func:`verify_webhook`), and nothing else of Caselli. docs/api.md tells more.
"""

from caselli.client.clients import AsyncClient, Client
from caselli.client.given import File, Recipient
from caselli.client.pinning import pinned
from caselli.client.problem import Fault, Problem
from caselli.client.shapes import Attempt, Delivery, Document, Fax, Me, ReceivedFax, Rehearsal, Upload
from caselli.client.shapes_events import Event
from caselli.client.webhook import verify_webhook

__all__ = [
    "AsyncClient",
    "Attempt",
    "Client",
    "Delivery",
    "Document",
    "Event",
    "Fault",
    "Fax",
    "File",
    "Me",
    "Problem",
    "ReceivedFax",
    "Recipient",
    "Rehearsal",
    "Upload",
    "pinned",
    "verify_webhook",
]
