"""Mails of every kind, each with its fate. ``MAILS``: what to send; ``furnish``: who may send it.

They are made for the preferences as they are at first: five recipients, five files, a mail of 10 MB.
"""

from doors.mail.corpus import (
    bombs,
    documents,
    enclosed,
    encodings,
    machines,
    oddities,
    programs,
    sealed,
    senders,
    subjects,
)
from doors.mail.corpus.making import Case, Fate, Refused, Taken
from doors.mail.corpus.tables import AUTHORIZED, furnish

CHAPTERS: dict[str, tuple[Case, ...]] = {
    "senders": senders.SENDERS,
    "subjects": subjects.SUBJECTS,
    "programs of people": programs.PEOPLE,
    "machines": machines.MACHINES,
    "documents": documents.KINDS,
    "pictures": documents.PICTURES,
    "signed and encrypted": sealed.SEALS,
    "what is no document": sealed.OTHERS,
    "mails in mails": enclosed.NESTED,
    "charsets": encodings.CHARSETS,
    "transfer encodings": encodings.TRANSFER,
    "names": encodings.NAMES,
    "structure": oddities.STRUCTURE,
    "bombs": bombs.BOMBS,
    "smuggling": oddities.SMUGGLING,
}
MAILS: tuple[Case, ...] = tuple(case for chapter in CHAPTERS.values() for case in chapter)

__all__ = ["AUTHORIZED", "CHAPTERS", "MAILS", "Case", "Fate", "Refused", "Taken", "furnish"]
