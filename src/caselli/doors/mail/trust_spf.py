"""SPF (RFC 7208): may this client send for that domain? By pyspf, with our questions to DNS."""

import warnings
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any, Final

from django.conf import settings

from caselli.directory.addresses import ascii_domain
from caselli.doors.mail.trust_dns import NoAnswerError, Questions, TooManyQuestionsError, is_domain

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of its escapes in texts, which newer Pythons mind
    import spf

_OURS: Final = tuple(
    ip_network(one)
    for one in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.168.0.0/16", "::/127", "fc00::/7", "fe80::/10"),
    )
)
"""Of no domain in DNS: this machine, and networks behind a router (RFC 6890)."""
_VOID: Final = 2
"""Questions without an answer that a record may cost (RFC 7208, 4.6.4)."""
_RECORD_BYTES: Final = 4_096
_WORDS: Final = frozenset({"none", "neutral", "pass", "fail", "softfail", "temperror", "permerror"})


@dataclass(frozen=True, slots=True)
class Sent:
    """``domain``: whose word about its clients was asked for, as A-labels."""

    result: str
    domain: str


def client(text: str | None) -> IPv4Address | IPv6Address | None:
    """The address that spoke, without the wrapping of IPv4 in IPv6; None where there is none."""
    try:
        address = ip_address((text or "").strip())
    except ValueError:
        return None
    return (isinstance(address, IPv6Address) and address.ipv4_mapped) or address


def has_client(text: str | None) -> bool:
    """A machine in the public network spoke, and none of ours that only hands mails over: DNS can say something."""
    address, ours = client(text), (*_OURS, *settings.CONFIGURATION.trusted_proxies)
    return address is not None and not any(address in network for network in ours)


def judge(client_ip: str | None, helo: str, reverse_path: str, questions: Questions) -> Sent:
    """By the domain of the reverse path; of a bounce, which has none, by the name that the client gave itself."""
    local, _, domain = reverse_path.strip("<> ").rpartition("@")
    domain = ascii_domain(domain or helo)
    if not has_client(client_ip) or not is_domain(domain):
        return Sent("none", domain)
    query = spf.query(
        i=str(client(client_ip)), s=f"{local or 'postmaster'}@{domain}", h=ascii_domain(helo) or "unknown"
    )
    query.dns = _Answers(query, questions)
    try:
        result = str(query.check()[0])
    except Exception:  # noqa: BLE001 - pyspf raises anything on what strangers publish
        return Sent("permerror", domain)
    return Sent(result if result in _WORDS else "permerror", domain)


class _Answers:
    """Stands for pyspf's own ``query.dns``, which asks without a common time."""

    def __init__(self, query: Any, questions: Questions) -> None:
        self._query = query
        self._questions = questions

    def __call__(self, name: object, kind: str, cnames: object = None, ignore_void: bool = False) -> list[Any]:
        del cnames  # they are followed already
        text = str(name).removesuffix(".").lower()
        try:
            records = self._questions.ask(text, kind) if text.isascii() else []  # RFC 8616, 4
        except NoAnswerError as error:
            raise spf.TempError("DNS gave no answer") from error
        except TooManyQuestionsError as error:
            raise spf.PermError("Too many questions to DNS") from error
        if not records and not ignore_void:
            self._query.void_lookups += 1
            if self._query.void_lookups > _VOID:
                raise spf.PermError("Too many questions without an answer")
        return [_value(record, kind) for record in records]


def _value(record: Any, kind: str) -> Any:
    if kind in {"A", "AAAA"}:
        return record.address
    if kind == "MX":
        return record.preference, record.exchange.to_text(omit_final_dot=True)
    if kind == "PTR":
        return record.target.to_text(omit_final_dot=True)
    if sum(map(len, record.strings)) > _RECORD_BYTES:
        raise spf.PermError("A record is too long")
    return record.strings
