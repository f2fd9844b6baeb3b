"""A database that goes away in the middle: whoever writes a job down is told what PostgreSQL tells when it stops."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection

_GO = """
CREATE FUNCTION goes_away() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'terminating connection due to administrator command' USING ERRCODE = '57P01'; END $$;
CREATE TRIGGER goes_away BEFORE INSERT ON procrastinate_jobs FOR EACH ROW EXECUTE FUNCTION goes_away();
"""
_COME_BACK = "DROP TRIGGER goes_away ON procrastinate_jobs; DROP FUNCTION goes_away();"


def _ask(what: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(what)


@contextmanager
def lost_at_a_job(so: Callable[[Callable[[], None]], None] = lambda deed: deed()) -> Iterator[None]:
    """In the transaction of the test; ``so``: how else it is arranged."""
    so(lambda: _ask(_GO))
    try:
        yield
    finally:
        so(lambda: _ask(_COME_BACK))
