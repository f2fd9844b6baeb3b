"""Watch a fax until it rests: a progress bar on a terminal, else a line a change of state."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from caselli.fax.number import spoken
from caselli.fax.status import DELIVERY_RESTS, DeliveryStatus, ShownStatus
from caselli.history.timeline import DELIVERY_WORDS, reason_of, remedy_of
from caselli.store.journey import FAX_CHANNEL
from caselli.store.models import Delivery, Fax

NET = 2.0
"""Seconds between looks when no notification comes: the net below NOTIFY."""


def follow(fax: Fax, *, quiet: bool = False) -> Fax:
    """Return when nothing moves any more without a person; the fax as it is then."""
    show = _silence() if quiet else _bars(fax) if sys.stdout.isatty() else _lines(fax)
    with show as tell, _heard_changes(fax.pk) as changes:
        for _ in changes:
            fax = Fax.objects.select_related("organization", "extension__organization").get(pk=fax.pk)
            deliveries = list(fax.deliveries.all())
            tell(deliveries)
            if fax.shown_status != ShownStatus.SCHEDULED:
                return fax
    return fax


@contextmanager
def _heard_changes(fax_id: int) -> Iterator[Iterator[None]]:
    with connection.cursor() as cursor:
        cursor.execute(f"LISTEN {FAX_CHANNEL}")
    try:
        yield _changes(fax_id)
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"UNLISTEN {FAX_CHANNEL}")


def _changes(fax_id: int) -> Iterator[None]:
    while True:
        yield None
        connection.ensure_connection()
        for heard in connection.connection.notifies(timeout=NET, stop_after=1):
            if heard.payload.startswith(f"{fax_id}:"):
                break


def words(delivery: Delivery) -> str:
    """What is happening to one recipient, now."""
    status = DeliveryStatus(delivery.status)
    if status is DeliveryStatus.SENDING and delivery.phase:
        page = f"page {delivery.phase_page} of {delivery.fax.pages}" if delivery.phase_page else ""
        return page if page and delivery.phase == "sending" else delivery.phase
    text = DELIVERY_WORDS[status]
    reason, remedy = reason_of(delivery), remedy_of(delivery)
    if status is DeliveryStatus.RETRY_WAIT and delivery.next_try_at is not None:
        return f"{reason} Next try at {delivery.next_try_at.astimezone():%H:%M:%S}."
    return " ".join(part for part in (f"{text}:" if reason else text, reason, remedy) if part)


class _Silence:
    def __call__(self, deliveries: list[Delivery]) -> None:
        pass


@contextmanager
def _silence() -> Iterator[_Silence]:
    yield _Silence()


class _Lines:
    """A line a change."""

    def __init__(self) -> None:
        self._last: dict[int, str] = {}

    def __call__(self, deliveries: list[Delivery]) -> None:
        for delivery in deliveries:
            text = words(delivery)
            if self._last.get(delivery.pk) != text:
                self._last[delivery.pk] = text
                print(f"{spoken(delivery.destination)}  {text}", flush=True)


@contextmanager
def _lines(fax: Fax) -> Iterator[_Lines]:
    print(f"fax {fax.uid}, {fax.pages} {'page' if fax.pages == 1 else 'pages'}", flush=True)
    yield _Lines()


class _Bars:
    """A bar a recipient: pages confirmed of all."""

    def __init__(self, fax: Fax, progress: Progress) -> None:
        self._pages = fax.pages
        self._progress = progress
        self._tasks: dict[int, TaskID] = {}

    def __call__(self, deliveries: list[Delivery]) -> None:
        for delivery in deliveries:
            task = self._tasks.get(delivery.pk)
            if task is None:
                task = self._progress.add_task(spoken(delivery.destination), total=self._pages, words="")
                self._tasks[delivery.pk] = task
            self._progress.update(task, completed=delivery.pages_confirmed, words=words(delivery))
            if DeliveryStatus(delivery.status) in DELIVERY_RESTS:
                self._progress.stop_task(task)


@contextmanager
def _bars(fax: Fax) -> Iterator[_Bars]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(24),
        TextColumn("{task.completed}/{task.total} pages"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[words]}"),
    )
    with Progress(*columns, console=Console()) as progress:
        yield _Bars(fax, progress)
