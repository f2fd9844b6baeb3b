"""Grey pages in, coded strips out: the last step of every document, beside the drawing of the next page."""

import os
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

from caselli.documents.bilevel import Packed
from caselli.documents.coding import CodingFailed, code_page
from caselli.documents.jobs import Objected, Objection, Outcome, Strip
from caselli.documents.rules import PAGE_WIDTH

_IN_WORK = 2
"""Pages that may be open at once: one that is drawn and one that is coded."""


class Press:
    """Writes pages to a descriptor, one after the other, ``max_pages`` at most."""

    def __init__(self, result: int, max_pages: int) -> None:
        self._result = result
        self._max_pages = max_pages
        self._coder: ThreadPoolExecutor | None = None
        self._pending: deque[Future[Strip]] = deque()
        self._strips: list[Strip] = []
        self._count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._coder is not None:
            self._coder.shutdown(cancel_futures=True)

    def expect(self, pages: int) -> None:
        """Refuse a document before any work when it says how many pages it has. Raises Objected."""
        if self._count + pages > self._max_pages:
            raise Objected(Objection.TOO_MANY_PAGES, str(pages))
        if self._count + pages > 1 and self._coder is None:
            self._coder = ThreadPoolExecutor(1)

    def add(self, make: Callable[[], Packed]) -> None:
        """Make a page black and white and code it: beside the caller, where it is not the only one expected.

        Its pixels must stay untouched until two more pages came.
        """
        self.expect(1)
        self._count += 1
        if self._coder is None:  # nothing goes on beside it: a thread costs a new process 1 ms
            self._strips.append(self._code(make))
            return
        self._pending.append(self._coder.submit(self._code, make))
        while len(self._pending) >= _IN_WORK:
            self._strips.append(self._pending.popleft().result())

    def finish(self) -> Outcome:
        """All pages are written. Raises what went wrong with any of them."""
        self._strips.extend(future.result() for future in self._pending)
        self._pending.clear()
        return Outcome(strips=tuple(self._strips))

    def _code(self, make: Callable[[], Packed]) -> Strip:
        packed = make()
        try:
            coded = code_page(packed, PAGE_WIDTH)
            written = os.write(self._result, coded)
        except (CodingFailed, OSError) as failed:
            raise Objected(Objection.TOO_COMPLEX, str(failed)) from failed
        if written != len(coded):
            raise Objected(Objection.TOO_COMPLEX, "the pages are too large together")
        return Strip(PAGE_WIDTH, packed.shape[0], len(coded))
