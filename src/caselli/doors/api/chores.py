"""What the API forgets by itself."""

import structlog
from oauth2_provider.models import clear_expired
from procrastinate.contrib.django import app

from caselli.doors.api import idempotency, limits

log = structlog.get_logger()


@app.periodic(cron="53 * * * *")
@app.task(queueing_lock="forget-requests", pass_context=False)
def forget_requests(timestamp: int) -> None:
    """Repeatable ones after their day, and callers who have not asked for a while."""
    del timestamp
    forgotten, full = idempotency.forget(), limits.forget()
    if forgotten or full:
        log.info("forgot requests of the API", repeatable=forgotten, callers=full)


@app.periodic(cron="7 * * * *")
@app.task(queueing_lock="forget-tokens", pass_context=False)
def forget_tokens(timestamp: int) -> None:
    """Access tokens after their hour, codes after their minute, refresh tokens that nobody used for long."""
    del timestamp
    clear_expired()  # type: ignore[no-untyped-call]
