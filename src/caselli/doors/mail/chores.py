"""The job library's side of the mail door: its tasks, by the names that ``store.promise`` knows."""

from datetime import timedelta

import structlog
from procrastinate.contrib.django import app

from caselli.doors.mail import opening
from caselli.intake import mail
from caselli.store.promise import OPEN

log = structlog.get_logger()
ROUND = timedelta(seconds=50)


@app.task(name=OPEN, pass_context=False)
def open_mail(mail_id: int) -> None:
    """The first try, at once; the others are :func:`open_due`'s."""
    opening.open_mail(mail_id)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="open mails", pass_context=False)
def open_due(timestamp: int) -> None:
    """Mails that wait for another try, and those whose job died with its process."""
    del timestamp
    if tried := opening.open_due(ROUND):
        log.info("took up mails that had to wait", mails=tried)


@app.periodic(cron="37 * * * *")
@app.task(queueing_lock="old incoming mail", pass_context=False)
def forget_old_mails(timestamp: int) -> None:
    del timestamp
    if gone := mail.forget():
        log.info("forgot mails that were refused long ago", mails=gone)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="stalled mails", pass_context=False)
async def take_up_stalled(timestamp: int) -> None:
    """Jobs whose process died over them: what they left to do is done once, by whoever comes first."""
    del timestamp
    for job in await app.job_manager.get_stalled_jobs(task_name=OPEN):
        await app.job_manager.retry_job(job)
