"""The tables, by noun."""

from caselli.store.models.fax import (
    ApprovedHow,
    Attempt,
    Channel,
    Delivery,
    Document,
    Event,
    Fax,
    Ladder,
    ReceivedFax,
)
from caselli.store.models.organization import Organization, Preferences
from caselli.store.models.people import Extension, Role, User
from caselli.store.models.trunk import Trunk

__all__ = [
    "ApprovedHow",
    "Attempt",
    "Channel",
    "Delivery",
    "Document",
    "Event",
    "Extension",
    "Fax",
    "Ladder",
    "Organization",
    "Preferences",
    "ReceivedFax",
    "Role",
    "Trunk",
    "User",
]
