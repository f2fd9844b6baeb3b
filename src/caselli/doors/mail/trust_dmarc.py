"""DMARC (RFC 7489): does what SPF and DKIM prove belong to the domain that people read in From?

Of authheaders we take the list of public suffixes alone. Its own verdict reads only a part of a domain that has a
hyphen (``bank.example-evil.test`` becomes ``bank.example``), and looks at one signature of a message.
"""

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

from caselli.directory.addresses import ascii_domain
from caselli.doors.mail.trust_dkim import Signature
from caselli.doors.mail.trust_dns import NoAnswerError, Questions, TooManyQuestionsError
from caselli.doors.mail.trust_spf import Sent

_VERSION: Final = re.compile(rb"v\s*=\s*DMARC1\s*(?:;|\Z)")


@dataclass(frozen=True, slots=True)
class Policy:
    """``strict``: the very domain must have proven itself; else any of the same organization."""

    dkim_strict: bool
    spf_strict: bool


def judge(policy: Policy, domain: str, sent: Sent, signatures: tuple[Signature, ...]) -> str:
    """``domain``: of the From, as A-labels. A word of RFC 7489, 11.2."""
    counting = [one.result for one in signatures if is_aligned(one.domain, domain, strict=policy.dkim_strict)]
    if is_aligned(sent.domain, domain, strict=policy.spf_strict):
        counting.append(sent.result)
    return next((one for one in ("pass", "temperror") if one in counting), "fail")


def read_policy(domain: str, questions: Questions) -> Policy | str:
    """RFC 7489, 6.6.3: of the domain, else of its organization; or the word of why there is none."""
    try:
        for name in dict.fromkeys((domain, organization(domain))):
            if records := [one for one in questions.texts(f"_dmarc.{name}") if _VERSION.match(one)]:
                return _policy(records[0]) if len(records) == 1 else "none"
    except NoAnswerError:
        return "temperror"
    except TooManyQuestionsError:
        return "permerror"
    return "none"


def _policy(record: bytes) -> Policy | str:
    pairs = (part.partition("=") for part in record.decode("ascii", "replace").split(";"))
    tags = {name.strip().lower(): value.strip().lower() for name, _, value in pairs}
    if tags.get("p") not in {"none", "quarantine", "reject"} and "rua" not in tags:
        return "permerror"
    return Policy(dkim_strict=tags.get("adkim") == "s", spf_strict=tags.get("aspf") == "s")


def is_aligned(proven: str, domain: str, *, strict: bool) -> bool:
    if not proven or not domain:
        return False
    return proven == domain if strict else organization(proven) == organization(domain)


def organization(domain: str) -> str:
    """The organizational domain (RFC 7489, 3.2): one label more than the public suffix. A suffix is its own."""
    labels = domain.split(".")
    return ".".join(labels[max(0, len(labels) - _suffix_labels(labels) - 1) :])


def _suffix_labels(labels: list[str]) -> int:
    """By the algorithm of publicsuffix.org: the longest rule counts, an exception more than any; else one label."""
    rules = _rules()
    for start in range(len(labels)):
        name, above = ".".join(labels[start:]), ".".join(labels[start + 1 :])
        if f"!{name}" in rules:
            return len(labels) - start - 1
        if name in rules or f"*.{above}" in rules:
            return len(labels) - start
    return 1


@cache
def _rules() -> frozenset[str]:
    text = resources.files("authheaders").joinpath("public_suffix_list.txt").read_text(encoding="utf-8")
    lines = (line.strip() for line in text.splitlines())
    return frozenset(_rule(line.split()[0]) for line in lines if line and not line.startswith("//"))


def _rule(text: str) -> str:
    mark = "!" if text.startswith("!") else ""
    return mark + ascii_domain(text.removeprefix("!"))
