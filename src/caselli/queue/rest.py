"""What an ended call says of its trunk: is it there, or do others go before it for a while?"""

from datetime import timedelta

from django.utils import timezone

from caselli.fax.outcome import CallReport
from caselli.queue.rules import says_of_trunk
from caselli.store.models import Attempt, Trunk


def hear(attempt_id: int, report: CallReport) -> None:
    """Before the call is concluded: who is told of its end must not try the trunk again. Takes no other lock."""
    seconds = says_of_trunk(report)
    if seconds is None:
        return
    trunks = Trunk.objects.filter(pk__in=Attempt.objects.filter(pk=attempt_id, ended_at=None).values("trunk"))
    if seconds:
        trunks.update(down_until=timezone.now() + timedelta(seconds=seconds))
    else:
        trunks.filter(down_until__isnull=False).update(down_until=None)
