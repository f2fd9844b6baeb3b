"""Chores: what must happen some time, by the job library's clock."""

import asyncio

import structlog
from django.contrib.sessions.backends.db import SessionStore
from procrastinate import PsycopgConnector
from procrastinate.contrib.django import app
from procrastinate.contrib.django.utils import connector_params

from caselli.directory import trunk_test
from caselli.doors.api import chores as requests
from caselli.doors.mail import chores as mails
from caselli.history import purge
from caselli.intake import chores as promises
from caselli.intake import stage
from caselli.notice import chores as notices
from caselli.queue import deadline, lease
from caselli.queue.claim import promote_due
from caselli.queue.release import release_due
from caselli.store import journey, sweep
from caselli.store.listen import RestingConnection
from caselli.workers.webhooks import Webhooks

log = structlog.get_logger()
STATIONS = (notices, mails, requests, promises)
"""Imported for their tasks: the worker finds them by name."""


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="recover", pass_context=False)
def recover_lost_calls(timestamp: int) -> None:
    """Also where no dialer runs any more, no fax stays on the line, or waits for its next try, its time or a line, for
    ever.
    """
    del timestamp
    lease.recover()
    while promote_due() == 0.0:
        pass
    while release_due() == 0.0:
        pass
    if expired := deadline.give_up_expired():
        log.info("no line became free in time", deliveries=expired)
    trunk_test.end_overdue()
    journey.wake_dialers()


@app.periodic(cron="17 * * * *")
@app.task(queueing_lock="sweep", pass_context=False)
def sweep_shelf(timestamp: int) -> None:
    """What was uploaded and never handed in, blobs that no row refers to (a submission that failed between disk and
    database), and old sessions.
    """
    del timestamp
    if expired := stage.expire():
        log.info("erased files that were uploaded and never handed in", files=expired)
    if swept := sweep.orphans():
        log.info("swept files that belong to no fax", files=swept)
    SessionStore.clear_expired()


@app.periodic(cron="29 * * * *")
@app.task(queueing_lock="purge", pass_context=False)
def purge_old_faxes(timestamp: int) -> None:
    """What has been kept for the days allowed."""
    del timestamp
    erased = purge.purge()
    if erased.faxes or erased.received:
        log.info("erased what was kept for its days", faxes=erased.faxes, received=erased.received)


@app.periodic(cron="41 3 * * *")
@app.task(queueing_lock="jobs", pass_context=True)
async def forget_finished_jobs(context: object, timestamp: int) -> None:
    del context, timestamp
    await app.job_manager.delete_old_jobs(nb_hours=72, include_failed=True)


async def run(stop: asyncio.Event) -> None:
    """Work until ``stop`` is set."""
    connector = PsycopgConnector(kwargs=connector_params(), connection_class=RestingConnection)
    with app.replace_connector(connector) as worker_app:
        await worker_app.open_async()
        working = asyncio.ensure_future(
            worker_app.run_worker_async(concurrency=4, install_signal_handlers=False, shutdown_graceful_timeout=5)
        )
        sending = asyncio.ensure_future(Webhooks().run(stop))
        stopping = asyncio.ensure_future(stop.wait())
        await asyncio.wait({working, sending, stopping}, return_when=asyncio.FIRST_COMPLETED)
        for ended in (working, sending):
            if ended.done() and not stop.is_set():
                stopping.cancel()
                await ended
                return
        working.cancel()
        await asyncio.gather(working, sending, return_exceptions=True)
        await worker_app.close_async()
