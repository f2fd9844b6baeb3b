"""The job library's side of the station: its tasks, by the names that ``store.promise`` knows."""

from collections.abc import Callable
from datetime import timedelta

import structlog
from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from caselli.notice import answer, outbox, webhooks
from caselli.notice.tell import fax_awaits, fax_ended, fax_received
from caselli.store.promise import SEND, TELL

log = structlog.get_logger()
ROUND = timedelta(seconds=50)


_TELLERS: dict[str, Callable[..., None]] = {
    "ended": fax_ended,
    "received": fax_received,
    "awaits": fax_awaits,
    "confirm": answer.confirm,
    "erased_soon": answer.erased_soon,
    "not_sent": answer.not_sent,
    "mail_refused": answer.mail_refused,
    "call_back": webhooks.call_back,
}


@app.task(name=TELL, pass_context=False, retry=RetryStrategy(max_attempts=10, exponential_wait=4))
def tell(what: str, **told: int | str) -> None:
    """What ``store`` and ``queue`` promised in the transaction in which it happened. Once more does no harm."""
    _TELLERS[what](**told)


@app.task(name=SEND, pass_context=False)
def send(mail_id: int) -> None:
    """The first try, at once; the others are :func:`send_due`'s."""
    outbox.send(mail_id)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="mail", pass_context=False)
def send_due(timestamp: int) -> None:
    """Mails that wait for another try, and those whose job died with its process."""
    del timestamp
    if went := outbox.send_due(timezone.now() + ROUND):
        log.info("mails that had to wait went out", mails=went)


@app.periodic(cron="53 * * * *")
@app.task(queueing_lock="old mail", pass_context=False)
def forget_old_mail(timestamp: int) -> None:
    del timestamp
    outbox.forget_old()


@app.periodic(cron="47 * * * *")
@app.task(queueing_lock="old webhook messages", pass_context=False)
def forget_old_webhook_messages(timestamp: int) -> None:
    del timestamp
    webhooks.forget_old()


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="stalled", pass_context=False)
async def take_up_stalled(timestamp: int) -> None:
    """Notices whose process died over them. They can be told again; the other chores come again by the clock."""
    del timestamp
    for job in await app.job_manager.get_stalled_jobs(task_name=TELL):
        await app.job_manager.retry_job(job)
