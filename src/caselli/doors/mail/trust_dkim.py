"""DKIM (RFC 6376): which domains have signed the message, by dkimpy.

dkimpy verifies the signature; the body we hash ourselves, piece by piece, because dkimpy takes a message whole, and
some of its patterns take quadratic time on what a stranger may write. A signature is not acceptable to us ("policy",
RFC 8601, 2.7.1) where it leaves something open that decides about a fax: a part of the body (``l=``), the subject (it
holds the recipients), or a field that stands twice, of which only one is signed.
"""

import base64
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import dkim

from caselli.directory.addresses import ascii_domain
from caselli.doors.mail.trust_dns import NoAnswerError, Questions, TooManyQuestionsError, is_domain
from caselli.doors.mail.trust_message import Message

MOST: Final = 5
"""Signatures looked at; those that could prove the sender come first."""
_FIELD_BYTES: Final = 8_192
_NAMES: Final = 100
"""Fields that one signature may sign."""
_RECORD_BYTES: Final = 4_096
_BITS: Final = (1_024, 8_192)
_EXPONENT: Final = 2**32
_ONCE: Final = (b"from", b"subject", b"message-id", b"mime-version", b"content-type", b"content-transfer-encoding")
_LONG_BLANKS: Final = re.compile(rb"\s{100}")
_DOMAIN: Final = re.compile(rb"(?:^|;)\s*d\s*=\s*([^;\s]+)")


@dataclass(frozen=True, slots=True)
class Signature:
    """``domain``: who signed (d=), as A-labels. ``result``: a word of RFC 8601."""

    result: str
    domain: str


def judge(message: Message, aligned: Callable[[str], bool], questions: Questions) -> tuple[Signature, ...]:
    """The signatures, those of a domain that is ``aligned`` first."""
    values = message.named(b"dkim-signature")
    order = sorted(range(len(values)), key=lambda index: not aligned(_domain(values[index])))
    if any(len(message.named(name)) > 1 for name in _ONCE):
        return tuple(Signature("policy", "") for _ in order[:MOST])
    return tuple(_judge(message, index, values[index], questions) for index in order[:MOST])


def summary(signatures: tuple[Signature, ...]) -> str:
    """One word for all: what is best, else what may become better, else that of the first."""
    results = [one.result for one in signatures]
    return next((one for one in ("pass", "temperror") if one in results), results[0] if results else "none")


def _domain(value: bytes) -> str:
    """At a first glance, for the order."""
    found = None if _is_odd(value) else _DOMAIN.search(value)
    return ascii_domain(found.group(1).decode("utf-8", "replace")) if found else ""


def _is_odd(value: bytes) -> bool:
    """No signer writes so, and dkimpy's patterns would take very long."""
    return len(value) > _FIELD_BYTES or _LONG_BLANKS.search(value) is not None


def _judge(message: Message, index: int, value: bytes, questions: Questions) -> Signature:
    if _is_odd(value):
        return Signature("neutral", "")
    domain = ""
    signer = dkim.DKIM()
    signer.headers = [list(field) for field in message.fields]
    try:
        with _on_trouble("neutral"):
            tags, signed, written = signer.verify_headerprep(index)
            domain, selector = (ascii_domain(tags[name].decode()) for name in (b"d", b"s"))
        _refuse_what_is_left_open(message, tags, signed)
        signer.pk, signer.keysize, signer.ktag, signer.seqtlsrpt = _key(selector, domain, questions)
        _compare_body(message, tags)
        del tags[b"bh"]  # compared
        with _on_trouble("fail"):
            good = signer.verify_sig_process(tags, signed, written[index], None)
    except _VerdictError as verdict:
        return Signature(verdict.word, domain if is_domain(domain) else "")
    return Signature("pass" if good else "fail", domain)


class _VerdictError(Exception):
    """Ends the judgement of a signature."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


@contextmanager
def _on_trouble(word: str) -> Iterator[None]:
    """Around dkimpy, which raises anything on what strangers write."""
    try:
        yield
    except Exception as error:
        raise _VerdictError(word) from error


def _refuse_what_is_left_open(message: Message, tags: dict[bytes, bytes], signed: list[bytes]) -> None:
    if len(signed) > _NAMES:
        raise _VerdictError("neutral")
    if b"from" not in signed or tags[b"a"] == b"rsa-sha1":  # RFC 6376, 5.4; RFC 8301, 3.1
        raise _VerdictError("permerror")
    if b"subject" not in signed and message.named(b"subject"):
        raise _VerdictError("policy")


def _key(selector: str, domain: str, questions: Questions) -> tuple[Any, int, bytes, bool]:
    """What dkimpy makes of the key in DNS: its numbers, its bits, its kind, whether it is for reports of TLS."""
    name = f"{selector}._domainkey.{domain}"
    if not (is_domain(domain) and is_domain(name)):
        raise _VerdictError("neutral")
    try:
        records = questions.texts(name)
    except NoAnswerError:
        raise _VerdictError("temperror") from None
    except TooManyQuestionsError:
        records = []
    if not records:
        raise _VerdictError("permerror")
    if len(records[0]) > _RECORD_BYTES:
        raise _VerdictError("policy")
    with _on_trouble("permerror"):
        numbers, bits, kind, for_reports = dkim.evaluate_pk(name, records[0])
    if kind == b"rsa" and not (_BITS[0] <= bits <= _BITS[1] and 2 < numbers["publicExponent"] < _EXPONENT):
        raise _VerdictError("policy")
    return numbers, bits, kind, for_reports


def _compare_body(message: Message, tags: dict[bytes, bytes]) -> None:
    form = tags.get(b"c", b"simple/simple").partition(b"/")[2] or b"simple"
    body = message.relaxed if form == b"relaxed" else message.simple
    with _on_trouble("neutral"):
        signed = base64.b64decode(re.sub(rb"\s+", b"", tags[b"bh"]))
        length = int(tags.get(b"l", body.length))
    if length < body.length:
        raise _VerdictError("policy")
    if signed != body.digest:
        raise _VerdictError("fail")
