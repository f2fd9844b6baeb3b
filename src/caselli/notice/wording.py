"""The text of a notice: an organization's own words, or ours."""

from functools import cache
from pathlib import Path

from caselli.notice.rules import Happening
from caselli.store.models import MailTemplate

TEXTS = Path(__file__).parent / "texts"


@cache
def ours(happening: Happening) -> str:
    return (TEXTS / f"{happening}.txt").read_text(encoding="utf-8")


def text_of(happening: Happening, organization_id: int) -> str:
    """``Subject:`` in the first line, then the body."""
    own = MailTemplate.objects.filter(organization_id=organization_id, happening=happening.value).first()
    return joined(own.subject, own.body) if own else ours(happening)


def joined(subject: str, body: str) -> str:
    return f"Subject: {subject}\n\n{body}"


def parted(text: str) -> tuple[str, str]:
    """Subject and body."""
    head, _, body = text.partition("\n")
    return head.removeprefix("Subject:").strip(), body.strip("\n")
