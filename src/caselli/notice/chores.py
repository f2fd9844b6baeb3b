"""The job library's side of the station: its tasks, by the names that ``store.promise`` knows."""

from datetime import timedelta

import structlog
from django.utils import timezone
from procrastinate.contrib.django import app

from caselli.notice import outbox
from caselli.store.promise import SEND

log = structlog.get_logger()
ROUND = timedelta(seconds=50)


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
