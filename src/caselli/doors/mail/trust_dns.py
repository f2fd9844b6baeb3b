"""Questions to DNS about one mail: all of them within one time, and not too many."""

import re
import time
from typing import Any, Final

import dns.exception
import dns.name
import dns.resolver
from django.conf import settings

SECONDS: Final = 5.0
"""For all questions about a mail together."""
MOST: Final = 60
"""SPF alone may ask ten times, and for each mail exchanger of a domain again (RFC 7208, 4.6.4)."""
_A_SERVER: Final = 2.0
"""Seconds until the next name server is asked."""

_NO_NAME: Final = (
    *(dns.name.LabelTooLong, dns.name.NameTooLong, dns.name.EmptyLabel, dns.name.BadEscape, dns.name.IDNAException),
    UnicodeError,
)
_DOMAIN: Final = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)+")


class NoAnswerError(Exception):
    """DNS is in trouble or slow: ask again later."""


class TooManyQuestionsError(Exception):
    """The mail makes us ask without end."""


def is_domain(text: str) -> bool:
    """Written as DNS has it: no escapes, blanks or brackets, which two readers could take for two things."""
    return len(text) <= 253 and _DOMAIN.fullmatch(text) is not None


class Questions:
    """By the name servers of this machine, or by the one that ``CASELLI_DNS`` names."""

    def __init__(self, seconds: float = SECONDS, most: int = MOST) -> None:
        self._ends = time.monotonic() + seconds
        self._left = most
        self._resolver: dns.resolver.Resolver | None = None

    def ask(self, name: str, kind: str) -> list[Any]:
        """The records (rdata) of ``name``; none where there is no such name or it is none. A CNAME is followed.

        Raises NoAnswerError and TooManyQuestionsError.
        """
        if self._left <= 0:
            raise TooManyQuestionsError
        self._left -= 1
        seconds = self._ends - time.monotonic()
        if seconds <= 0:
            raise NoAnswerError
        try:
            asked = dns.name.from_text(name)
            answer = self._asked_at().resolve(asked, kind, search=False, raise_on_no_answer=False, lifetime=seconds)
        except (dns.resolver.NXDOMAIN, *_NO_NAME):
            return []
        except (dns.exception.DNSException, OSError) as error:
            raise NoAnswerError from error
        return list(answer)

    def texts(self, name: str) -> list[bytes]:
        """The TXT records, each of them whole."""
        return [b"".join(record.strings) for record in self.ask(name, "TXT")]

    def _asked_at(self) -> dns.resolver.Resolver:
        if self._resolver is None:
            named = settings.CONFIGURATION.dns
            resolver = dns.resolver.Resolver(configure=named is None)
            if named is not None:
                resolver.nameservers, resolver.port = [named.host], named.port
            resolver.timeout = _A_SERVER
            self._resolver = resolver
        return self._resolver
