"""Watch a fax until it rests: a progress bar on a terminal, else a line a change of state. What is watched comes from
this machine's tables (``following_here.py``) or from another server (``remote.py``).
"""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from caselli.doors.console.telling import pages_in_words
from caselli.fax.number import spoken
from caselli.fax.status import DELIVERY_RESTS, DeliveryStatus


@dataclass(frozen=True, slots=True)
class Watched:
    """One recipient, now. ``status_name``, ``reason`` and ``remedy`` as people read them; ``phase`` of its call."""

    number: int
    to: str
    status: DeliveryStatus
    status_name: str
    reason: str
    remedy: str
    phase: str
    phase_page: int
    pages: int
    pages_confirmed: int
    next_try_at: datetime | None

    @property
    def words(self) -> str:
        """What is happening to it."""
        if self.status is DeliveryStatus.SENDING and self.phase:
            page = f"page {self.phase_page} of {self.pages}" if self.phase_page else ""
            return page if page and self.phase == "sending" else self.phase
        if self.status is DeliveryStatus.RETRY_WAIT and self.next_try_at is not None:
            return f"{self.reason} Next try at {self.next_try_at.astimezone():%H:%M:%S}."
        text = f"{self.status_name}:" if self.reason else self.status_name
        return " ".join(part for part in (text, self.reason, self.remedy) if part)


Teller = Callable[[Iterable[Watched]], None]


@contextmanager
def told_to_the_terminal(fax: str, pages: int, *, quiet: bool) -> Iterator[Teller]:
    """Gives what is to be called at each look. ``fax``: its id; ``quiet``: nothing is shown."""
    if quiet:
        yield lambda _: None
    elif sys.stdout.isatty():
        with _bars(pages) as bars:
            yield bars
    else:
        print(f"fax {fax}, {pages_in_words(pages)}", flush=True)
        yield _Lines()


class _Lines:
    """A line a change."""

    def __init__(self) -> None:
        self._last: dict[int, str] = {}

    def __call__(self, recipients: Iterable[Watched]) -> None:
        for one in recipients:
            if self._last.get(one.number) != one.words:
                self._last[one.number] = one.words
                print(f"{spoken(one.to)}  {one.words}", flush=True)


class _Bars:
    """A bar a recipient: pages confirmed of all."""

    def __init__(self, pages: int, progress: Progress) -> None:
        self._pages = pages
        self._progress = progress
        self._tasks: dict[int, TaskID] = {}

    def __call__(self, recipients: Iterable[Watched]) -> None:
        for one in recipients:
            task = self._tasks.get(one.number)
            if task is None:
                task = self._progress.add_task(spoken(one.to), total=self._pages, words="")
                self._tasks[one.number] = task
            self._progress.update(task, completed=one.pages_confirmed, words=one.words)
            if one.status in DELIVERY_RESTS:
                self._progress.stop_task(task)


@contextmanager
def _bars(pages: int) -> Iterator[_Bars]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(24),
        TextColumn("{task.completed}/{task.total} pages"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[words]}"),
    )
    with Progress(*columns, console=Console()) as progress:
        yield _Bars(pages, progress)
