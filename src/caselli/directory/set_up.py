"""The set-up of a server that begins empty: what is there is read from the tables, and what is missing comes next.

Who opens the first page becomes the administrator; so it asks for a key that only who may read the home knows. The
key's file (``file``, the configuration's ``set_up_key``) stands as long as the set-up goes on, and is empty once there
is an administrator.
"""

import os
import secrets
from enum import StrEnum
from pathlib import Path

from caselli.fax.status import DeliveryStatus
from caselli.store.models import Delivery, Extension, Organization, Role, Trunk, TrunkTest, User


class Step(StrEnum):
    ADMINISTRATOR = "administrator"
    ORGANIZATION = "organization"
    EXTENSION = "extension"
    TRUNK = "trunk"
    TEST = "test"
    FAX = "fax"


def next_step() -> Step | None:
    """The first thing that is missing; None when a fax has arrived."""
    there = {
        Step.ADMINISTRATOR: User.objects.filter(role=Role.ADMINISTRATOR, is_active=True),
        Step.ORGANIZATION: Organization.objects.all(),
        Step.EXTENSION: Extension.objects.all(),
        Step.TRUNK: Trunk.objects.all(),
        Step.TEST: TrunkTest.objects.filter(ended_at__isnull=False),
        Step.FAX: Delivery.objects.filter(status=DeliveryStatus.DELIVERED),
    }
    if there[Step.FAX].exists():
        del there[Step.TEST]  # it has worked
    return next((step for step, rows in there.items() if not rows.exists()), None)


def begin(file: Path) -> None:
    """Make the key where nobody is there yet; end what is over. A restart keeps the key that was told."""
    step = next_step()
    if step is None:
        end(file)
    elif not User.objects.exists():
        if not key(file):
            _write(file, secrets.token_urlsafe(24) + "\n")
    elif step is not Step.ADMINISTRATOR and key(file):
        claimed(file)


def is_going_on(file: Path) -> bool:
    """As long as anything is missing. What was begun and is complete is ended by this look."""
    if not file.exists():
        return False
    if next_step() is None:
        end(file)
        return False
    return True


def key(file: Path) -> str | None:
    """Empty when there is an administrator; None when no set-up goes on."""
    try:
        return file.read_text().strip()
    except FileNotFoundError:
        return None


def opens(file: Path, given: str) -> bool:
    kept = key(file)
    return bool(kept) and secrets.compare_digest(given.encode(), (kept or "").encode())


def claimed(file: Path) -> None:
    """There is an administrator: the key opens nothing any more."""
    _write(file, "")


def end(file: Path) -> None:
    file.unlink(missing_ok=True)


def _write(file: Path, text: str) -> None:
    """Never readable by others, and never half written."""
    draft = file.with_name(f"{file.name}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
        opened.write(text)
    draft.replace(file)
