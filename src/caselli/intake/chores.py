"""What becomes of faxes whose files were to follow, by the job library's clock."""

import structlog
from procrastinate.contrib.django import app

from caselli.intake import promised

log = structlog.get_logger()


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="promised-files", pass_context=False)
def end_promises(timestamp: int) -> None:
    """Also where no client comes back, no fax is received for ever."""
    del timestamp
    if resumed := promised.resume_stranded():
        log.info("completed faxes whose process was lost", faxes=resumed)
    if dropped := promised.drop_overdue():
        log.info("dropped faxes whose files never came", faxes=dropped)


@app.periodic(cron="47 * * * *")
@app.task(queueing_lock="promised-files-forgotten", pass_context=False)
def forget_promises(timestamp: int) -> None:
    del timestamp
    if forgotten := promised.forget():
        log.info("forgot addresses for files that were to follow", files=forgotten)
