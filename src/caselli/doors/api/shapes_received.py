"""Received faxes, as the API tells of them."""

from ninja import Schema
from pydantic import ConfigDict, Field, StrictBool

from caselli.doors.api.shapes import List, Moment
from caselli.store import models


class ReceivedFax(Schema):
    """A fax in the inbox of an extension."""

    id: int = Field(examples=[17])
    extension: str = Field(description="Which received it.", examples=["0003*211"])
    sender: str = Field(description="An extension, or what the far machine called itself.", examples=["0003*210"])
    pages: int = Field(examples=[2])
    received_at: Moment
    read_at: Moment | None = Field(description="When it was read first; null while it is unread.")
    sandbox: bool = Field(description="It was sent with a sandbox key.")


class ReceivedFaxes(List[ReceivedFax]):
    """Newest first."""


class Reading(Schema):
    model_config = ConfigDict(extra="forbid")

    read: StrictBool = Field(description="False: as if nobody had read it yet.")


def told(one: models.ReceivedFax) -> ReceivedFax:
    """``one`` with its extension and delivery."""
    return ReceivedFax.model_construct(
        id=one.pk,
        extension=one.extension.extended,
        sender=one.sender,
        pages=one.pages,
        received_at=one.received_at,
        read_at=one.read_at,
        sandbox=one.delivery.sandbox if one.delivery else False,
    )
