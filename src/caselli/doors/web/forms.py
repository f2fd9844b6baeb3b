"""What is typed into the upload form: kept as it is, with every refusal beside its field."""

import re
import uuid
from dataclasses import dataclass, field, replace
from uuid import UUID

from django.http import QueryDict

from caselli.fax.refusals import Refusal

_KEY = re.compile(r"[A-Za-z0-9-]{16,64}")


_MOST_UIDS = 100
"""Far more than files may be in a fax: a form that holds more is none of ours."""


def _uids(texts: list[str]) -> tuple[UUID, ...]:
    found = []
    for text in texts[:_MOST_UIDS]:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return tuple(dict.fromkeys(found))


def _fresh_key() -> str:
    return str(uuid.uuid4())


@dataclass(frozen=True, slots=True)
class UploadForm:
    """``key`` travels hidden in the form and makes a submission that is sent twice one fax.

    ``staged``: the files that were uploaded before, in their order; ``removed``: those a person has taken out.
    """

    recipients: str = ""
    hold: bool = False
    staged: tuple[UUID, ...] = ()
    removed: tuple[UUID, ...] = ()
    key: str = field(default_factory=_fresh_key)
    refusals: tuple[Refusal, ...] = ()

    @classmethod
    def read(cls, posted: QueryDict) -> "UploadForm":
        """Each chip is a ``recipients`` of its own, and what is being typed the last one."""
        key = posted.get("key", "")
        removed = _uids(posted.getlist("remove"))
        return cls(
            recipients=", ".join(text for one in posted.getlist("recipients") if (text := one.strip(" ,;\r\n\t"))),
            hold="hold" in posted,
            staged=tuple(one for one in _uids(posted.getlist("staged")) if one not in removed),
            removed=removed,
            key=key if _KEY.fullmatch(key) else _fresh_key(),
        )

    def refused(self, refusals: tuple[Refusal, ...]) -> "UploadForm":
        return replace(self, refusals=refusals)

    def holding(self, staged: tuple[UUID, ...]) -> "UploadForm":
        return replace(self, staged=staged)

    @property
    def recipient_refusals(self) -> list[Refusal]:
        return [one for one in self.refusals if one.field == "recipients"]

    @property
    def file_refusals(self) -> list[Refusal]:
        return [one for one in self.refusals if one.field == "files"]

    @property
    def other_refusals(self) -> list[Refusal]:
        return [one for one in self.refusals if one.field not in {"recipients", "files"}]
