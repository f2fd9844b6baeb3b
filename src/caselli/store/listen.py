"""Connections that wait for NOTIFY, at rest until something comes."""

import psycopg
from django.db import connection
from psycopg.abc import RV, PQGen
from psycopg.rows import TupleRow

MAILBOX_CHANNEL = "caselli_mailboxes"
"""The mailboxes that faxes are fetched from were changed. No payload."""

LONG = 60.0
"""Seconds."""
_NOT_FOR_LIBPQ = {"cursor_factory", "context", "prepare_threshold"}


class RestingConnection(psycopg.AsyncConnection[TupleRow]):
    """psycopg's own looks up ten times a second, to see whether somebody interrupts; three processes that only listen
    cost more by that than by all else they do at rest. In asyncio an interrupt comes through the loop anyway.
    """

    async def wait(self, gen: PQGen[RV], interval: float = LONG, timeout: float | None = None) -> RV:  # noqa: ASYNC109 - theirs
        return await super().wait(gen, interval, timeout)


async def connect() -> RestingConnection:
    """To the database of Django's settings, each statement by itself. Raises psycopg.OperationalError."""
    parameters = connection.get_connection_params()
    wanted = {name: one for name, one in parameters.items() if name not in _NOT_FOR_LIBPQ and one is not None}
    return await RestingConnection.connect(**wanted, autocommit=True)


def tell(channel: str) -> None:
    """Heard when the transaction commits, and only then."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [channel])
