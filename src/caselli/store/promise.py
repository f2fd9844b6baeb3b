"""Jobs promised in the transaction that gives rise to them: with it they are kept, without it there are none."""

from collections.abc import Sequence
from typing import Any

from django.db import connection
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.manager import JobManager
from procrastinate.tasks import configure_task

TELL = "caselli.notice.tell"
"""Someone may want to hear of it: ``what`` (``notice.rules.Happening``), and what it happened to."""
SEND = "caselli.notice.send"
"""A mail is ready to go: ``mail_id``."""

OPEN = "caselli.doors.mail.open"
"""A mail was taken, and is to become a fax: ``mail_id`` (``IncomingMail``)."""


def promise(task: str, **arguments: int | str) -> None:
    """By the task's name: a station above carries it out."""
    promise_all(task, [arguments])


def promise_all(task: str, jobs: Sequence[dict[str, Any]]) -> None:
    """Several jobs of one task in one statement; ``jobs``: the arguments of each.

    Not by the library's own app: in the process of the chores that one has a connection outside of our transaction.
    A database that goes away in the middle is told as every other statement tells it, by django.db.Error: whoever
    tries again, or says so, need not know this library.
    """
    if not jobs:
        return
    try:
        configure_task(name=task, job_manager=JobManager(DjangoConnector())).batch_defer(*jobs)
    except ConnectorException as lost:
        with connection.wrap_database_errors:
            raise lost.__cause__ or lost from None
