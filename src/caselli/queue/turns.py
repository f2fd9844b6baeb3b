"""Whose turn it is on a trunk: pure. First between organizations, then between the extensions of one, then in order.

Who has the fewest calls under way goes first; of equals, who has been without a line for longest; then the oldest fax.
So ten thousand faxes of one never hold up the single fax of another, also where a trunk has but one channel.
Priority counts inside an extension alone: nobody jumps the queue of a colleague, or of another organization.
"""

import heapq
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

NEVER = float("-inf")
_JUST_NOW = float("inf")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A queued delivery that may go on the trunk in question. ``queued_at``: seconds of the epoch."""

    delivery_id: int
    destination: str
    organization_id: int
    extension_id: int
    queued_at: float


@dataclass(frozen=True, slots=True)
class Standing:
    """Of an organization or an extension: its calls under way, and when it last got a line, seconds of the epoch."""

    calls: int = 0
    last_turn: float = NEVER


_Key = tuple[int, float, int, float, int]


class _Queue:
    """The candidates of one extension, in their order. ``cut``: there may be more than the database was asked for."""

    def __init__(self, number: int, standing: Standing, *, cut: bool) -> None:
        self.number = number
        self.calls = standing.calls
        self.turn = (standing.last_turn, 0)
        self.candidates: deque[Candidate] = deque()
        self.cut = cut
        self.last_seen = NEVER

    def key(self, called: set[str]) -> _Key | None:
        """What decides; None when nothing is left. One call at a time to a number, also within this round."""
        while self.candidates and self.candidates[0].destination in called:
            self.last_seen = self.candidates.popleft().queued_at
        if not self.candidates and not self.cut:
            return None
        oldest = self.candidates[0].queued_at if self.candidates else self.last_seen
        return self.calls, *self.turn, oldest, self.number

    def take(self, place: int) -> Candidate:
        one = self.candidates.popleft()
        self.last_seen = one.queued_at
        self.calls += 1
        self.turn = (_JUST_NOW, place)
        return one


class _Organization:
    def __init__(self, number: int, standing: Standing) -> None:
        self.number = number
        self.calls = standing.calls
        self.turn = (standing.last_turn, 0)
        self.heap: list[tuple[_Key, int]] = []
        self.queues: dict[int, _Queue] = {}

    def first(self, called: set[str]) -> _Queue | None:
        """The extension whose turn it is. Keys only grow, so that an old one at the top is renewed where it lies."""
        while self.heap:
            old, number = self.heap[0]
            key = self.queues[number].key(called)
            if key is None:
                heapq.heappop(self.heap)
            elif key != old:
                heapq.heapreplace(self.heap, (key, number))
            else:
                return self.queues[number]
        return None

    def key(self, called: set[str]) -> _Key | None:
        first = self.first(called)
        own = first.key(called) if first else None
        return (self.calls, *self.turn, own[3], self.number) if own else None

    def took(self, place: int) -> None:
        self.calls += 1
        self.turn = (_JUST_NOW, place)


def share_out(
    candidates: Iterable[Candidate],
    room: int,
    window: int,
    organizations: Mapping[int, Standing],
    extensions: Mapping[int, Standing],
) -> list[Candidate]:
    """Up to ``room`` of the candidates, in the order of their turns.

    ``candidates``: those of each extension in their order, at most ``window`` of each. Where an extension whose turn it
    is may have more than was asked for, the round ends there: the next one looks again, and nobody is passed over.
    """
    called: set[str] = set()
    ranks = _ranks(candidates, window, organizations, extensions)
    heap = [(key, number) for number, one in ranks.items() if (key := one.key(called))]
    heapq.heapify(heap)
    chosen: list[Candidate] = []
    while heap and len(chosen) < room:
        old, number = heapq.heappop(heap)
        organization = ranks[number]
        queue = organization.first(called)
        key = organization.key(called)
        if queue is None or key is None:
            continue
        if key != old:
            heapq.heappush(heap, (key, number))
            continue
        if not queue.candidates:
            break
        one = queue.take(len(chosen))
        organization.took(len(chosen))
        called.add(one.destination)
        chosen.append(one)
        if key := organization.key(called):
            heapq.heappush(heap, (key, number))
    return chosen


def _ranks(
    candidates: Iterable[Candidate],
    window: int,
    organizations: Mapping[int, Standing],
    extensions: Mapping[int, Standing],
) -> dict[int, _Organization]:
    queues: dict[tuple[int, int], list[Candidate]] = defaultdict(list)
    for one in candidates:
        queues[one.organization_id, one.extension_id].append(one)
    ranks: dict[int, _Organization] = {}
    for (organization_id, extension_id), waiting in queues.items():
        if organization_id not in ranks:
            ranks[organization_id] = _Organization(organization_id, organizations.get(organization_id, Standing()))
        queue = _Queue(extension_id, extensions.get(extension_id, Standing()), cut=len(waiting) >= window)
        queue.candidates.extend(waiting)
        rank = ranks[organization_id]
        rank.queues[extension_id] = queue
        if key := queue.key(set()):
            rank.heap.append((key, extension_id))
    for rank in ranks.values():
        heapq.heapify(rank.heap)
    return ranks
