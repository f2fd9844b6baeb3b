"""The queue as a machine that hypothesis drives: people, dialers and the clock, also at once, against PostgreSQL.

``World`` holds what can be done; each deed may be refused in words, and may meet any other. What must be true whatever
was done stands in ``queue_laws``.
"""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from caselli.fax.outcome import CallEnd, CallReport, PageReport
from caselli.fax.refusals import Refusal
from caselli.history.purge import purge
from caselli.queue import deadline, decide, lease, report
from caselli.queue.claim import Claimed, claim_round, promote_due
from caselli.store.models import Attempt, BlockedDestination, Delivery, Fax, Organization, Trunk

NUMBERS = ("+12025550100", "+12025550101", "+12025550102", "+4930123456", "+4930123457", "0003*211")
DIALERS = ("north", "south", "west")
OUTCOMES = (
    CallReport(CallEnd.REJECTED, sip_code=486),
    CallReport(CallEnd.REJECTED, sip_code=404),
    CallReport(CallEnd.REJECTED, sip_code=503),
    CallReport(CallEnd.NO_FAX, answered=True),
    CallReport(CallEnd.FAR_HUNG_UP, answered=True),
    CallReport(CallEnd.MEDIA_LOST, answered=True),
    CallReport(CallEnd.CANCELED),
)
THREADS = 4
LONG_AGO = timedelta(days=4_000)
FORGET = (
    "TRUNCATE store_turn, store_receivedfax, store_ladder, store_event, store_attempt, store_delivery, store_document,"
    " store_fax, store_blockeddestination CASCADE"
)


@dataclass
class Call:
    """A call as its dialer knows it, also when the dialer has lost it and does not know."""

    claimed: Claimed
    dialer: str
    confirmed: list[PageReport] = field(default_factory=list)
    answered: bool = False
    final: bool = False


class World:
    def __init__(self, cast, make_fax):
        self.cast = cast
        self.make_fax = make_fax
        self.calls: dict[int, Call] = {}
        self.pool = ThreadPoolExecutor(THREADS)
        with connection.cursor() as cursor:
            cursor.execute(FORGET)
        Organization.objects.update(dials_limit=3, answered_limit=2)
        Trunk.objects.exclude(pk=cast.trunk.pk).delete()
        Trunk.objects.filter(pk=cast.trunk.pk).update(channels=2, calls_a_second=40, next_call_at=None)
        Trunk.objects.create(name="Europe", host="h", prefix="+49", position=1, channels=1, calls_a_second=1_000)
        Trunk.objects.create(name="Own", host="h", organization=cast.rival, position=20, calls_a_second=1_000)

    def close(self):
        barrier = threading.Barrier(THREADS)  # so that each thread closes its own connection

        def leave(_):
            barrier.wait(60)
            connection.close()

        list(self.pool.map(leave, range(THREADS)))
        self.pool.shutdown()

    def together(self, deeds):
        """All of them at once, each on a connection of its own; what is not a refusal in words is raised here."""
        barrier = threading.Barrier(len(deeds))

        def one(deed):
            barrier.wait(60)
            self.do(deed)

        for done in [self.pool.submit(one, deed) for deed in deeds]:
            done.result(60)

    def do(self, deed):
        name, which = deed
        with suppress(Refusal):
            getattr(self, name)(which)

    # What people do

    def _fax(self, which):
        faxes = list(Fax.objects.order_by("pk"))
        return faxes[which % len(faxes)] if faxes else None

    def submit(self, which):
        extension = (self.cast.desk, self.cast.lab, self.cast.foreign)[which % 3]
        to = {NUMBERS[which % 6], NUMBERS[which // 7 % 6]}
        self.make_fax(*sorted(to), pages=1 + which % 3, hold=which % 5 == 0, extension=extension)

    def send_held(self, which):
        if fax := self._fax(which):
            decide.send_held(fax, self.cast.alice, None)

    def cancel(self, which):
        if fax := self._fax(which):
            decide.cancel(fax, self.cast.alice, None)

    def resend(self, which):
        if fax := self._fax(which):
            decide.resend(fax, self.cast.alice, None)

    def _unknown(self, which):
        found = list(Delivery.objects.filter(status="unknown").order_by("pk"))
        return found[which % len(found)] if found else None

    def say_it_arrived(self, which):
        if one := self._unknown(which):
            decide.it_arrived(one, self.cast.alice, None)

    def send_again(self, which):
        if one := self._unknown(which):
            decide.send_again(one, self.cast.alice, None)

    def block(self, which):
        BlockedDestination.objects.get_or_create(organization=None, prefix=NUMBERS[which % 5])

    def unblock(self, _which):
        BlockedDestination.objects.all().delete()

    def switch_trunk(self, which):
        """One goes off, or all come on again."""
        for place, trunk in enumerate(Trunk.objects.order_by("pk")):  # as a claim locks them
            Trunk.objects.filter(pk=trunk.pk).update(enabled=not which % 2 or place != which % 3)

    # What dialers do

    def claim(self, which):
        dialer = DIALERS[which % 3]
        for one in claim_round(dialer, most=1 + which % 4).calls:
            self.calls[one.attempt_id] = Call(one, dialer)

    def make_calls(self, which):
        """A dialer claims what it gets; each call gets a step further than the one before, and most of them end."""
        before = set(self.calls)
        self.claim(which)
        for place, attempt_id in enumerate(sorted(set(self.calls) - before)):
            for _ in range((which + place) % 6):
                self._step(self.calls[attempt_id])
            if (which + place) % 4:
                self._end(self.calls[attempt_id], which + place)

    def minutes_pass(self, which):
        """What came due is tried again, by one dialer after the other."""
        self.retries_come_due(which)
        for dialer in range(which % 7, which % 7 + 3):
            self.make_calls(which // 7 + dialer)

    def _call(self, which):
        known = sorted(self.calls)
        return self.calls[known[-1 - which % min(len(known), 6)]] if known else None

    def dial(self, which):
        if call := self._call(which):
            report.dialled(call.claimed.attempt_id)

    def get_on(self, which):
        """The far end answers, pages are confirmed, the last one goes out and may be confirmed: as far as drawn."""
        if call := self._call(which):
            for _ in range(1 + which // 7 % 6):
                self._step(call)

    def _step(self, call):
        number = call.claimed.first_page + len(call.confirmed)
        if not call.answered:
            call.answered = True
            report.dialled(call.claimed.attempt_id)
            report.answered(call.claimed.attempt_id)
        elif number < call.claimed.pages or call.final:
            if number <= call.claimed.pages:
                call.confirmed.append(PageReport(number, confirmed=True))
                report.page_confirmed(call.claimed.attempt_id, call.confirmed[-1])
        else:
            call.final = True
            report.final_page_out(call.claimed.attempt_id)

    def end(self, which):
        if call := self._call(which):
            self._end(call, which)

    def _end(self, call, which):
        outcome = OUTCOMES[which % len(OUTCOMES)]
        if call.answered:
            outcome = CallReport(
                CallEnd.COMPLETED if which % 2 else CallEnd.FAR_HUNG_UP,
                answered=True,
                final_page_out=call.final,
                pages=tuple(call.confirmed),
            )
        report.ended(call.claimed.attempt_id, outcome)

    def lose(self, which):
        """A dialer dies; another of its name comes, or its leases run out. Its calls may still be told of, too late."""
        dialer = DIALERS[which % 3]
        if which % 2:
            lease.recover(dialer)
        else:
            Attempt.objects.filter(dialer=dialer, ended_at=None).update(lease_until=timezone.now() - LONG_AGO)
            lease.recover()

    # What time does

    def retries_come_due(self, _which):
        Delivery.objects.filter(status="retry_wait").update(next_try_at=timezone.now())
        promote_due()

    def patience_ends(self, which):
        if fax := self._fax(which):
            Delivery.objects.filter(fax=fax, status="queued").update(queued_at=timezone.now() - LONG_AGO)
        deadline.give_up_expired()

    def years_pass(self, which):
        if fax := self._fax(which):
            Fax.objects.filter(pk=fax.pk, ended_at__isnull=False).update(ended_at=timezone.now() - LONG_AGO)
        purge()


_NO_DEEDS = {"close", "together", "do"}
DEEDS = tuple(name for name, one in vars(World).items() if callable(one) and name[0] != "_" and name not in _NO_DEEDS)
