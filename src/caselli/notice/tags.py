"""What may stand in braces in the text of a notice: each tag with its meaning and a sample. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from caselli.fax.causes import ALL, DELIVERED
from caselli.notice.rules import Happening

_H = Happening
_ALL = frozenset(Happening)
_ENDED = frozenset({_H.SENT, _H.PARTIALLY_SENT, _H.SEND_FAILED})
_OF_MAILS = frozenset({_H.CONFIRM, _H.ERASED_SOON, _H.NOT_SENT, _H.MAIL_REFUSED})
_UNCONFIRMED = frozenset({_H.CONFIRM, _H.ERASED_SOON})
_OF_FAXES = _ALL - {_H.RECEIVED, _H.MAIL_REFUSED}

_LINKS: Mapping[Happening, str] = MappingProxyType(
    {
        _H.RECEIVED: "https://fax.example.com/received/17",
        _H.AWAITING_APPROVAL: "https://fax.example.com/approvals/3f2b8c1e-7d40-4a9e-9a53-0d6f1b2c4e5a",
        _H.CONFIRM: "https://fax.example.com/confirm/MTc:1vEq2x:r5Yw0c",
        _H.ERASED_SOON: "https://fax.example.com/confirm/MTc:1vEq2x:r5Yw0c",
        _H.NOT_SENT: "https://fax.example.com/confirm/MTc:1vEq2x:r5Yw0c",
    }
)
_FAX_PAGE = "https://fax.example.com/faxes/3f2b8c1e-7d40-4a9e-9a53-0d6f1b2c4e5a"
_DELIVERED = f"- +1 202-555-0100: Delivered\n  {DELIVERED.sentence}"
_WHY = ALL["no_such_number"]
_FAILED = f"- +1 202-555-0107: Failed\n  {_WHY.sentence}\n  {_WHY.remedy}"
_STATUSES: Mapping[Happening, str] = MappingProxyType(
    {
        _H.SENT: "Sent",
        _H.PARTIALLY_SENT: "Partially Sent",
        _H.SEND_FAILED: "Send Failed",
        _H.NOT_SENT: "Canceled",
    }
)
_FATES: Mapping[Happening, str] = MappingProxyType(
    {_H.SENT: _DELIVERED, _H.PARTIALLY_SENT: f"{_DELIVERED}\n{_FAILED}", _H.SEND_FAILED: _FAILED}
)


@dataclass(frozen=True, slots=True)
class Tag:
    """``where``: the notices that have it; ``sample`` in one of them. ``lines``: it may have several lines.

    ``may_be_empty``: a line whose only tags are empty is left out.
    """

    name: str
    means: str
    where: frozenset[Happening]
    sample: str
    samples: Mapping[Happening, str] = field(default_factory=lambda: MappingProxyType({}))
    lines: bool = False
    may_be_empty: bool = False

    def sample_in(self, happening: Happening) -> str:
        return self.samples.get(happening, self.sample)


TAGS: tuple[Tag, ...] = (
    Tag("extension", "number and name of the extension", _ALL, "210 Front desk"),
    Tag("zone", "the time zone the times are in", _ALL, "America/New York"),
    Tag("pages", "how many pages", _ALL - {_H.MAIL_REFUSED}, "3 pages"),
    Tag("link", "the address of the page that shows it", _ALL - {_H.MAIL_REFUSED}, _FAX_PAGE, _LINKS),
    Tag("status", "one of the nine statuses", _OF_FAXES, "Not approved", _STATUSES),
    Tag("document", "the name of the file, of two files, or how many documents", _OF_FAXES, "letter.pdf"),
    Tag("to", "the recipient, two of them, or how many recipients", _OF_FAXES, "+1 202-555-0100"),
    Tag("recipients", "how many recipients", _OF_FAXES, "2 recipients"),
    Tag("delivered", "how many of them have the whole fax", _OF_FAXES, "1"),
    Tag(
        "fates",
        "each recipient: what became of it, why, and what to do",
        _OF_FAXES,
        "- +1 202-555-0100: Waiting",
        _FATES,
        lines=True,
    ),
    Tag("added", "when the fax was handed in", _OF_FAXES, "26 November 2026, 09:30"),
    Tag("ended", "when it ended", _ENDED, "26 November 2026, 09:32"),
    Tag(
        "attached",
        "what is attached: the fax, the transmission report, or both; empty where nothing is",
        _ENDED | {_H.RECEIVED},
        "The transmission report is attached.",
        MappingProxyType({_H.RECEIVED: "The fax is attached."}),
        may_be_empty=True,
    ),
    Tag("added_by", "who handed it in", frozenset({_H.AWAITING_APPROVAL}), "Alice Weber"),
    Tag(
        "unconfirmed_days",
        "after how long without an answer it is cancelled",
        frozenset({_H.AWAITING_APPROVAL}),
        "7 days",
    ),
    Tag("sender", "who sent the fax", frozenset({_H.RECEIVED}), "0003*211"),
    Tag(
        "received",
        "when the fax, or the mail, arrived",
        _OF_MAILS | {_H.RECEIVED},
        "26 November 2026, 09:29",
    ),
    Tag(
        "erased",
        "after how many days it is erased; empty where it is kept",
        frozenset({_H.RECEIVED}),
        "It is erased after 30 days.",
        may_be_empty=True,
    ),
    Tag("subject", "the subject of the mail that was to be faxed", _OF_MAILS, "+1 202-555-0100, 211"),
    Tag(
        "destinations",
        "all recipients, with commas between them",
        _UNCONFIRMED | {_H.NOT_SENT},
        "+1 202-555-0100, 0003*211 Lab",
    ),
    Tag("until", "until when the link holds; then the fax is erased", _UNCONFIRMED, "3 December 2026, 09:29"),
    Tag("on_line", "about how long it takes on the line", frozenset({_H.CONFIRM}), "about 1 min 05 s on the line"),
    Tag(
        "proof",
        "whether the sender of the mail is proven, in a phrase",
        frozenset({_H.CONFIRM}),
        "proven: example.com stands behind this mail (DMARC)",
    ),
    Tag(
        "left_out",
        "what of the mail is not in the fax, and why; empty where nothing is left out",
        frozenset({_H.CONFIRM}),
        "Not in the fax:\n- invite.ics is a calendar entry, which no page can show.",
        lines=True,
        may_be_empty=True,
    ),
    Tag(
        "second_person",
        "that somebody else has to say yes too; empty where nobody has to",
        frozenset({_H.CONFIRM}),
        "After your yes, Acme Clinic asks a second person for theirs.",
        may_be_empty=True,
    ),
    Tag(
        "reason",
        "who said no, or that nobody said yes",
        frozenset({_H.NOT_SENT}),
        "Olivia Weber declined to send it: this letter belongs into the post.",
    ),
    Tag(
        "refusals",
        "each thing that is wrong with the mail, and what to do",
        frozenset({_H.MAIL_REFUSED}),
        "- letter.doc is a Word document. Save it as PDF and send that.",
        lines=True,
    ),
    Tag(
        "example",
        "a mail that can be faxed",
        frozenset({_H.MAIL_REFUSED}),
        "    To:        fax@example.com\n    Subject:   +1 202-555-0100, 211\n    Attached:  the document, as a PDF",
        lines=True,
    ),
)


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice as those who write its words see it: what it is called, when it goes out and to whom."""

    title: str
    when: str
    to: str


_OWNER_AND_SENDER = "the owner of the extension, and who sent it by mail"
_SENDER = "the address the mail came from"
NOTICES: Mapping[Happening, Notice] = MappingProxyType(
    {
        _H.SENT: Notice("Sent", "all recipients have the fax", _OWNER_AND_SENDER),
        _H.PARTIALLY_SENT: Notice("Partially Sent", "some recipients have the fax", _OWNER_AND_SENDER),
        _H.SEND_FAILED: Notice("Send Failed", "no recipient has the fax", _OWNER_AND_SENDER),
        _H.RECEIVED: Notice("Fax received", "a fax lies in the received faxes", "the owner of the extension"),
        _H.AWAITING_APPROVAL: Notice("Waits for approval", "a fax waits for a second person", "who may approve it"),
        _H.CONFIRM: Notice("Waits for a yes", "a mail has become a fax, which waits for its sender’s yes", _SENDER),
        _H.ERASED_SOON: Notice("Erased soon", "a fax that nobody has approved has one day left", _SENDER),
        _H.NOT_SENT: Notice(
            "Not sent", "somebody else cancels a fax that came by mail, or nobody approves it", _SENDER
        ),
        _H.MAIL_REFUSED: Notice("Not faxed", "a mail that was taken has become no fax", _SENDER),
    }
)

NEEDED: Mapping[Happening, str] = MappingProxyType(
    {_H.CONFIRM: "link", _H.ERASED_SOON: "link", _H.AWAITING_APPROVAL: "link", _H.MAIL_REFUSED: "refusals"}
)
"""The tag without which a notice would be of no use: its text must have it."""


def tags_of(happening: Happening) -> tuple[Tag, ...]:
    return tuple(one for one in TAGS if happening in one.where)


def samples(happening: Happening) -> dict[str, str]:
    """A value for each tag, for a preview."""
    return {one.name: one.sample_in(happening) for one in tags_of(happening)}


def names(tags: Iterable[Tag]) -> frozenset[str]:
    return frozenset(one.name for one in tags)
