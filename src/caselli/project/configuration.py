"""What the environment says about this process: the folder, the addresses, the database."""

import os
import re
import socket
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

_LOCALTIME = Path("/etc/localtime")


@dataclass(frozen=True, slots=True)
class Address:
    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Relay:
    """The mail server that takes our mails. ``tls``: encrypted from the first byte; else by STARTTLS.

    Without a login STARTTLS is used where it is offered; a password is never sent in the clear.
    """

    host: str
    port: int
    tls: bool = False
    user: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Remote:
    """Another server, which the command line speaks with by its API. ``certificate``: the one to believe, in PEM."""

    url: str
    key: str = field(repr=False)
    certificate: Path | None = None


@dataclass(frozen=True, slots=True)
class Configuration:
    """``database_url`` is empty when Caselli runs its own PostgreSQL inside ``home``. ``time_zone``: this machine's.

    Without ``smtp_relay`` mails are kept as files; an empty ``mail_from`` leaves the sender to the preferences.
    ``dns``: the name server that is asked about the senders of mails; without it, this machine's own.
    ``api_limit``: requests a minute of one key or app. ``mail_processes``: that take mails by SMTP and LMTP.
    """

    home: Path
    database_url: str
    web: Address
    web_tls: Address
    smtp: Address
    sip: Address
    machine_sip: Address
    public_url: str
    instance: str
    media_workers: int
    smtp_relay: Relay | None = None
    mail_from: str = ""
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    time_zone: str = "UTC"
    lmtp: Address | None = None
    smtp_certificate: Path | None = None
    smtp_key: Path | None = None
    dns: Address | None = None
    webhooks_private: tuple[IPv4Network | IPv6Network, ...] = ()
    api_limit: int = 1_200
    remote: Remote | None = None
    mail_processes: int = 1

    @property
    def socket_folder(self) -> Path:
        """PostgreSQL's socket lies under 107 bytes of path, however deep ``home`` is (sun_path, unix(7))."""
        inside = self.home / "run"
        if len(os.fsencode(inside)) < 80:
            return inside
        import hashlib

        name = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:16]
        return Path("/tmp") / f"caselli-{name}"  # noqa: S108 - made 0700 and checked by the supervisor

    @property
    def blobs(self) -> Path:
        return self.home / "documents"

    @property
    def machine_folder(self) -> Path:
        return self.home / "machine"

    @property
    def set_up_key(self) -> Path:
        """Stands while the set-up of a server without demo goes on (``directory.set_up``)."""
        return self.home / "set-up-key"

    @property
    def mail_folder(self) -> Path:
        """Where mails are kept as files."""
        return self.home / "mail"


class ConfigurationError(ValueError):
    """An environment variable that cannot be used; the text names it and says what it should look like."""


_HOST = re.compile(r"[A-Za-z0-9._-]+")


def _address(name: str, default: str) -> Address:
    text = os.environ.get(name, "") or default
    host, _, port = text.rpartition(":")
    host = host[1:-1] if host[:1] + host[-1:] == "[]" else host
    known = _HOST.fullmatch(host) or _is_ipv6(host)
    if not known or not port.isdigit() or not 0 < int(port) < 65536:
        raise ConfigurationError(f"{name} is {text!r}: give host:port, for example {default}")
    return Address(host, int(port))


def _is_ipv6(text: str) -> bool:
    try:
        return ip_address(text).version == 6
    except ValueError:
        return False


def _pair(certificate: str, key: str) -> tuple[Path | None, Path | None]:
    """Two files, or neither."""
    found = [
        Path(text).expanduser().absolute() if (text := os.environ.get(name)) else None for name in (certificate, key)
    ]
    if (found[0] is None) != (found[1] is None):
        missing = key if found[0] else certificate
        raise ConfigurationError(f"{missing} is missing: give both {certificate} and {key}, files in PEM, or neither")
    return found[0], found[1]


def _number(name: str, default: int, least: int, most: int) -> int:
    text = os.environ.get(name, "") or str(default)
    if not text.isdigit() or not least <= int(text) <= most:
        raise ConfigurationError(f"{name} is {text!r}: give a number from {least} to {most}")
    return int(text)


def _networks(name: str) -> tuple[IPv4Network | IPv6Network, ...]:
    text = os.environ.get(name, "")
    try:
        return tuple(ip_network(one.strip()) for one in text.split(",") if one.strip())
    except ValueError:
        raise ConfigurationError(
            f"{name} is {text!r}: give addresses or networks, like 127.0.0.1, 10.0.0.0/8"
        ) from None


_LOOPBACK = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))


def _webhooks_private(name: str, public_url: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """Whose public address is this machine's loopback serves this machine alone: there programs hear on it too."""
    text = os.environ.get(name, "").strip()
    if text:
        return () if text.lower() == "none" else _networks(name)
    try:
        host = urlsplit(public_url).hostname or ""
        alone = host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        alone = False
    return _LOOPBACK if alone else ()


def _remote(url: str, key: str, certificate: str) -> Remote | None:
    """A key that is missing is said by the command that needs it: others do not care."""
    found = {name: os.environ.get(name, "").strip() for name in (url, key, certificate)}
    if not found[url]:
        return None
    file = Path(found[certificate]).expanduser().absolute() if found[certificate] else None
    return Remote(found[url].rstrip("/"), found[key], file)


def _name_server(name: str) -> Address | None:
    """A host's name would have to be asked of a name server itself."""
    text = os.environ.get(name, "").strip()
    if not text:
        return None
    try:
        server = _address(name, "127.0.0.1:53")
        ip_address(server.host)
    except ValueError:
        raise ConfigurationError(f"{name} is {text!r}: give the address and the port, like 127.0.0.1:53") from None
    return server


def _relay(name: str) -> Relay | None:
    """The text is never repeated in an error: it may hold a password."""
    text = os.environ.get(name, "").strip()
    if not text:
        return None
    example = "give host:port, smtp://user:password@host:587 (STARTTLS) or smtps://user:password@host:465 (TLS)"
    try:
        parts = urlsplit(text if "://" in text else f"smtp://{text}")
        host, given = parts.hostname, parts.port
    except ValueError:
        raise ConfigurationError(f"{name} has no usable port: {example}") from None
    if parts.scheme not in {"smtp", "smtps"} or not host or parts.path.strip("/") or parts.query or parts.fragment:
        raise ConfigurationError(f"{name} is not the address of a mail server: {example}")
    if given is None and "://" not in text:
        raise ConfigurationError(f"{name} names no port: {example}")
    tls, user = parts.scheme == "smtps", unquote(parts.username or "")
    if bool(user) != bool(parts.password):
        raise ConfigurationError(f"{name} has a user without a password, or the other way round: {example}")
    return Relay(host, given or (465 if tls else 587 if user else 25), tls, user, unquote(parts.password or ""))


def _mail_address(name: str) -> str:
    text = os.environ.get(name, "").strip()
    local, at, domain = text.rpartition("@")
    if text and (not (local and at and domain) or any(one in '<>,;"' or one.isspace() for one in text)):
        raise ConfigurationError(f"{name} is {text!r}: give one bare mail address, for example fax@example.com")
    return text


def _zone(told: str, localtime: Path) -> str:
    """By its name: what ``TZ`` says (tzset(3)), else where /etc/localtime leads (localtime(5)), else UTC."""
    linked = os.path.realpath(localtime).partition("/zoneinfo/")[2]
    for name in (told.removeprefix(":"), linked.removeprefix("posix/")):
        try:
            ZoneInfo(name)
        except (ValueError, OSError, KeyError):  # not the name of one, or none: a rule, a path, nothing
            continue
        return "UTC" if name in {"Etc/UTC", "Etc/Universal", "Etc/Zulu", "Etc/UCT"} else name
    return "UTC"


def default_home() -> Path:
    """As root ``/var/lib/caselli`` (the database's own user must be able to enter it), else the user's data folder."""
    if os.geteuid() == 0:
        return Path("/var/lib/caselli")
    data = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(data).expanduser() / "caselli"


def load() -> Configuration:
    """Read the environment. Raises ConfigurationError, which names the variable and the remedy."""
    home = Path(os.environ.get("CASELLI_HOME") or default_home()).expanduser().absolute()
    web = _address("CASELLI_WEB", "127.0.0.1:8470")
    public_url = os.environ.get("CASELLI_PUBLIC_URL", "") or f"http://{web}"
    smtp_certificate, smtp_key = _pair("CASELLI_SMTP_CERTIFICATE", "CASELLI_SMTP_KEY")
    return Configuration(
        home=home,
        database_url=os.environ.get("CASELLI_DATABASE_URL", ""),
        web=web,
        web_tls=_address("CASELLI_WEB_TLS", "127.0.0.1:8471"),
        smtp=_address("CASELLI_SMTP", "127.0.0.1:8472"),
        sip=_address("CASELLI_SIP", "127.0.0.1:5070"),
        machine_sip=_address("CASELLI_MACHINE_SIP", "127.0.0.1:5080"),
        public_url=public_url,
        instance=os.environ.get("CASELLI_INSTANCE", "") or socket.gethostname(),
        media_workers=_number("CASELLI_MEDIA_WORKERS", 1, 1, 64),
        smtp_relay=_relay("CASELLI_SMTP_RELAY"),
        mail_from=_mail_address("CASELLI_MAIL_FROM"),
        trusted_proxies=_networks("CASELLI_TRUSTED_PROXY"),
        lmtp=_address("CASELLI_LMTP", "127.0.0.1:8473") if os.environ.get("CASELLI_LMTP") else None,
        smtp_certificate=smtp_certificate,
        smtp_key=smtp_key,
        time_zone=_zone(os.environ.get("TZ", ""), _LOCALTIME),
        dns=_name_server("CASELLI_DNS"),
        webhooks_private=_webhooks_private("CASELLI_WEBHOOKS_PRIVATE", public_url),
        remote=_remote("CASELLI_URL", "CASELLI_KEY", "CASELLI_CERTIFICATE"),
        api_limit=_number("CASELLI_API_LIMIT", 1_200, 1, 10_000_000),
        mail_processes=_number("CASELLI_MAIL_PROCESSES", min(2, len(os.sched_getaffinity(0))), 1, 64),
    )
