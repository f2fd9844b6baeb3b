"""Jobs are promised in the transaction that gives rise to them."""

import pytest
from django.db import OperationalError, transaction
from lost_database import lost_at_a_job
from procrastinate.contrib.django.models import ProcrastinateJob

from caselli.store.promise import TELL, promise

pytestmark = pytest.mark.django_db


def test_a_job_is_kept_with_its_transaction_alone():
    with transaction.atomic():
        promise(TELL, what="ended", fax_id=1)
        transaction.set_rollback(True)
    assert not ProcrastinateJob.objects.exists()
    with transaction.atomic():
        promise(TELL, what="ended", fax_id=1)
    assert ProcrastinateJob.objects.get().args == {"what": "ended", "fax_id": 1}


def test_a_database_that_goes_away_is_told_as_every_other_statement_tells_it():
    with lost_at_a_job(), pytest.raises(OperationalError, match="terminating connection"), transaction.atomic():
        promise(TELL, what="ended", fax_id=1)
