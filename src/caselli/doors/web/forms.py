"""What is typed into the upload form: kept as it is, with every refusal beside its field."""

import re
import uuid
from dataclasses import dataclass, field, replace

from django.http import QueryDict

from caselli.fax.refusals import Refusal

_KEY = re.compile(r"[A-Za-z0-9-]{16,64}")


def _fresh_key() -> str:
    return str(uuid.uuid4())


@dataclass(frozen=True, slots=True)
class UploadForm:
    """``key`` travels hidden in the form and makes a submission that is sent twice one fax."""

    recipients: str = ""
    hold: bool = False
    key: str = field(default_factory=_fresh_key)
    refusals: tuple[Refusal, ...] = ()

    @classmethod
    def read(cls, posted: QueryDict) -> "UploadForm":
        key = posted.get("key", "")
        return cls(
            recipients=posted.get("recipients", "").strip(),
            hold="hold" in posted,
            key=key if _KEY.fullmatch(key) else _fresh_key(),
        )

    def refused(self, refusals: tuple[Refusal, ...]) -> "UploadForm":
        return replace(self, refusals=refusals)

    @property
    def recipient_refusals(self) -> list[Refusal]:
        return [one for one in self.refusals if one.field == "recipients"]

    @property
    def file_refusals(self) -> list[Refusal]:
        return [one for one in self.refusals if one.field == "files"]

    @property
    def other_refusals(self) -> list[Refusal]:
        return [one for one in self.refusals if one.field not in {"recipients", "files"}]
