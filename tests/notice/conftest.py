"""A mail folder of one's own, and the job library's part without a process."""

import email
import io
from dataclasses import replace
from email.message import EmailMessage
from email.policy import default

import pytest
from PIL import Image
from procrastinate.contrib.django.models import ProcrastinateJob

from caselli.fax.outcome import CallEnd, CallReport
from caselli.notice import chores
from caselli.queue import report
from caselli.queue.claim import claim
from caselli.store.models import User

TASKS = {chores.tell.name: chores.tell, chores.send.name: chores.send}


@pytest.fixture
def home(settings, tmp_path):
    """Where the mails of this test are kept."""
    settings.CONFIGURATION = replace(
        settings.CONFIGURATION, home=tmp_path, public_url="https://fax.acme.example", smtp_relay=None, mail_from=""
    )
    (tmp_path / "documents").mkdir()
    return tmp_path


def carry_out():
    """What the process of the chores does: each promised job once, also those that these promise."""
    while job := ProcrastinateJob.objects.filter(status="todo", task_name__in=TASKS).order_by("id").first():
        ProcrastinateJob.objects.filter(pk=job.pk).update(status="doing")
        TASKS[job.task_name](**job.args)


@pytest.fixture
def mails(home, cast):
    """Everybody has an address; calling it carries out what is promised and reads the folder, oldest first."""
    for user in User.objects.all():
        User.objects.filter(pk=user.pk).update(email=f"{user.username}@acme.example")

    def read() -> list[EmailMessage]:
        carry_out()
        files = sorted((home / "mail").glob("*.eml"), key=lambda file: file.stat().st_mtime_ns)
        return [email.message_from_bytes(file.read_bytes(), policy=default) for file in files]

    return read


@pytest.fixture
def end_calls():
    """The dialer's part: every call that may be made is made, and ends as its number's report says."""

    def end(reports: dict[str, CallReport]) -> None:
        while claimed := claim("dialer"):
            for one in claimed:
                report.dialled(one.attempt_id)
                done = reports.get(one.delivery.destination, CallReport(CallEnd.REJECTED, sip_code=404))
                report.ended(one.attempt_id, done)

    return end


@pytest.fixture
def a_page():
    """One page of a fax, as TIFF."""
    file = io.BytesIO()
    Image.new("1", (1728, 1100), 1).save(file, "TIFF", compression="group4", dpi=(204, 196))
    return file.getvalue()
