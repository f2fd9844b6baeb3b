"""What a search by a part of a number or of a name looks up: every three letters in a row, as one number.

An index over letters alone would hold those of all organizations under one key, and a search in a small one would
wade through the faxes of the large ones; so the extension stands in the key. The database computes the same numbers
(``caselli_grams`` in the migrations): the extension in bits 43 to 62, the kind in bit 42, three letters of 14 bits.
Different texts may share a number, never the other way round: what is found is compared once more.
"""

from enum import IntEnum

from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, F, Func

LENGTH = 3


class Kind(IntEnum):
    NUMBER = 0
    NAME = 1


def grams(extension_id: int, kind: Kind, text: str) -> list[int]:
    """Those of a text; none where it is shorter than three letters."""
    letters = [ord(letter) & 0x3FFF for letter in text]
    base = (extension_id & 0xF_FFFF) << 43 | kind << 42
    return sorted({base | a << 28 | b << 14 | c for a, b, c in zip(letters, letters[1:], letters[2:], strict=False)})


def grams_of_fax() -> Func:
    """Those of a fax, as its index knows them."""
    return Func(
        F("extension"),
        F("sent_to"),
        F("names"),
        function="caselli_grams",
        output_field=ArrayField(BigIntegerField()),
    )
