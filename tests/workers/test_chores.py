"""The chores do their work."""

from datetime import timedelta

from django.utils import timezone

from caselli.queue.claim import claim
from caselli.store.models import Attempt, Delivery, Fax
from caselli.workers import chores


def test_where_no_dialer_runs_any_more_a_lost_call_is_ended_all_the_same(make_fax):
    make_fax("+12025550100")
    claim("a dialer that died")
    Attempt.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    chores.recover_lost_calls(timestamp=0)
    assert Delivery.objects.get().status == "retry_wait"


def test_the_shelf_is_swept_and_old_faxes_are_purged(make_fax):
    make_fax("+12025550100")
    chores.sweep_shelf(timestamp=0)
    chores.purge_old_faxes(timestamp=0)
    assert Fax.objects.get().pages_blob
