"""The seam's messages as lines of JSON: ``{"type": class name, ...fields}``, one message a line."""

import dataclasses
import json
from typing import Any

from caselli.fax.outcome import PageReport
from caselli.line.media.messages import MediaEvent, MediaOrder, PageEnded, Role

_KINDS = {kind.__name__: kind for kind in (*MediaOrder.__args__, *MediaEvent.__args__)}
LONGEST_LINE = 65_536
"""Bytes; no message comes near it, so what is longer is not ours."""


class CodecError(ValueError):
    """A line that is no message of this seam; the text says what is wrong with it."""


def encode(message: MediaOrder | MediaEvent) -> bytes:
    """One line, with its end of line."""
    fields = {"type": type(message).__name__, **dataclasses.asdict(message)}
    return json.dumps(fields, separators=(",", ":")).encode() + b"\n"


def decode(line: bytes) -> MediaOrder | MediaEvent:
    """The message of one line. Raises CodecError."""
    try:
        fields: dict[str, Any] = json.loads(line)
        kind = _KINDS[fields.pop("type")]
        if kind is PageEnded:
            fields["page"] = PageReport(**fields["page"])
        if "role" in fields:
            fields["role"] = Role(fields["role"])
        message: MediaOrder | MediaEvent = kind(**fields)
    except (ValueError, KeyError, TypeError, AttributeError) as wrong:
        raise CodecError(f"not a message of the media seam: {line[:200]!r}: {wrong}") from wrong
    return message
