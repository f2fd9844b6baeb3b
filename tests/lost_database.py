"""A database that goes away in the middle: whoever writes a job down is told what PostgreSQL tells when it stops."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection

_GO = """
CREATE FUNCTION goes_away() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'terminating connection due to administrator command' USING ERRCODE = '57P01'; END $$;
CREATE TRIGGER goes_away BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION goes_away();
"""
_COME_BACK = "DROP TRIGGER goes_away ON {table}; DROP FUNCTION goes_away();"


def _ask(what: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(what)


@contextmanager
def lost_at_a_job(
    so: Callable[[Callable[[], None]], None] = lambda deed: deed(), *, table: str = "procrastinate_jobs"
) -> Iterator[None]:
    """In the transaction of the test; ``so``: how else it is arranged; ``table``: what else is written down."""
    so(lambda: _ask(_GO.replace("{table}", table)))
    try:
        yield
    finally:
        so(lambda: _ask(_COME_BACK.replace("{table}", table)))
