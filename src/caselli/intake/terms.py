"""What a program may say of a fax beyond what a person can: when, how urgent, with which words at hand. Pure."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from caselli.fax.refusals import Refusal, RefusalKind
from caselli.fax.submission import Submission

LONGEST_AHEAD = timedelta(days=366)
PRIORITIES = range(-10, 11)
"""Of one extension's faxes the higher go first. Whoever else waits for a line waits no longer: see queue/turns.py."""
LONGEST_HEADER = 60
LONGEST_NAME = 100
MOST_METADATA = 20
LONGEST_METADATA_KEY, LONGEST_METADATA_VALUE = 40, 500
_METADATA_KEY = re.compile(r"[A-Za-z0-9_.-]+")


def send_later(send_at: datetime | None, now: datetime) -> datetime | None:
    """When it goes out, in UTC; None for at once, as all whose time is over."""
    return send_at.astimezone(UTC) if send_at is not None and send_at > now else None


def refuse(submission: Submission, now: datetime) -> list[Refusal]:
    """All that is wrong with what was said."""
    return [
        *_refuse_time(submission, now),
        *_refuse_words(submission),
        *_refuse_metadata(submission.metadata),
    ]


def _refuse_time(submission: Submission, now: datetime) -> Iterator[Refusal]:
    at = submission.send_at
    if at is not None and at.tzinfo is None:
        yield Refusal(
            RefusalKind.SEND_AT_INVALID,
            "send_at",
            "The time says nothing of its zone.",
            "Write it in ISO 8601 with its offset, like 2027-03-01T09:00:00+01:00, or with a Z for UTC.",
        )
    elif at is not None and at - now > LONGEST_AHEAD:
        yield Refusal(
            RefusalKind.SEND_AT_INVALID,
            "send_at",
            "A fax can wait for a year at most.",
            "Give a time within a year from now.",
            subject=at.isoformat(),
        )
    if at is not None and submission.hold:
        yield Refusal(
            RefusalKind.SEND_AT_INVALID,
            "send_at",
            "A fax is held until somebody says so, or until a time: not both.",
            "Leave hold or send_at out.",
        )
    if submission.priority not in PRIORITIES:
        yield Refusal(
            RefusalKind.PRIORITY_INVALID,
            "priority",
            f"There is no priority {submission.priority}.",
            f"Give a whole number, {PRIORITIES[0]} to {PRIORITIES[-1]}; 0 is as usual, and the higher go first.",
        )


def _refuse_words(submission: Submission) -> Iterator[Refusal]:
    header = submission.header_line
    if len(header) > LONGEST_HEADER or not header.isprintable():
        yield Refusal(
            RefusalKind.HEADER_INVALID,
            "header",
            f"The header line has {len(header)} characters."
            if header.isprintable()
            else "The header line has characters that cannot be printed.",
            f"It is one line of at most {LONGEST_HEADER} printable characters; without it, the extension’s is taken.",
        )
    for item, name in enumerate(submission.names):
        if len(name) > LONGEST_NAME or not name.isprintable():
            yield Refusal(
                RefusalKind.RECIPIENT_NAME_INVALID,
                "names",
                f"A recipient’s name has {len(name)} characters."
                if name.isprintable()
                else "A recipient’s name has characters that cannot be printed.",
                f"Write at most {LONGEST_NAME} printable characters.",
                item=item,
            )


def _refuse_metadata(metadata: Mapping[str, str]) -> Iterator[Refusal]:
    if len(metadata) > MOST_METADATA:
        yield _metadata(f"There are {len(metadata)} entries.", f"Give at most {MOST_METADATA}.")
    for key, value in list(metadata.items())[:MOST_METADATA]:
        if len(key) > LONGEST_METADATA_KEY or not _METADATA_KEY.fullmatch(key):
            yield _metadata(
                f"“{key[:LONGEST_METADATA_KEY]}” cannot be a key.",
                f"A key has 1 to {LONGEST_METADATA_KEY} letters, digits, dots, hyphens and underscores.",
                key,
            )
        elif len(value) > LONGEST_METADATA_VALUE:
            yield _metadata(
                f"The value of “{key}” has {len(value)} characters.",
                f"Give at most {LONGEST_METADATA_VALUE}; what is longer can stay with you, under a key.",
                key,
            )
        elif "\0" in value:
            yield _metadata(f"The value of “{key}” has a character 0 in it.", "Leave that out.", key)


def _metadata(sentence: str, remedy: str, key: str = "") -> Refusal:
    return Refusal(RefusalKind.METADATA_INVALID, "metadata", sentence, remedy, subject=key[:LONGEST_METADATA_KEY])
