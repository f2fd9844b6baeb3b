"""The certificate of HTTPS and STARTTLS: the operator's files in CASELLI_HOME/tls, or one of our own making."""

import fcntl
import ipaddress
import os
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from caselli.project.configuration import Configuration

MADE_BY_US = "Caselli, made by itself"
LIFE = timedelta(days=397)  # longer ones are refused by some clients even when trusted
RENEW = timedelta(days=30)
CERTIFICATE_NAME = "certificate.pem"
KEY_NAME = "key.pem"


class CertificateError(RuntimeError):
    """The files in CASELLI_HOME/tls cannot be used; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """``key`` is PKCS#8, as the web server wants it. ``ours``: made, and to be renewed, by ourselves."""

    chain: Path
    key: Path
    ours: bool
    expires: datetime

    def is_about_to_expire(self, now: datetime) -> bool:
        return self.expires - now < RENEW


def certificate_for(folder: Path, names: Iterable[str], now: datetime) -> Certificate:
    """The files in ``folder``; made if there are none, made anew if they are ours and end soon or lack a name.

    Of two processes that want to make one at the same time, one does. Raises CertificateError.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    alone = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(alone, fcntl.LOCK_EX)
        return _certificate_for(folder, names, now)
    finally:
        os.close(alone)


def of_this_server(configuration: Configuration) -> Certificate:
    """The one that the pages and the mail server share. Raises CertificateError."""
    public = urlsplit(configuration.public_url).hostname or ""
    names = names_of(configuration.web_tls.host, configuration.smtp.host, public)
    return certificate_for(configuration.home / "tls", names, utc_now())


def _certificate_for(folder: Path, names: Iterable[str], now: datetime) -> Certificate:
    wanted = list(dict.fromkeys(name for name in names if name))
    chain, key = folder / CERTIFICATE_NAME, folder / KEY_NAME
    if not chain.exists() and not key.exists():
        return _make(folder, wanted, now)
    try:
        found = x509.load_pem_x509_certificates(chain.read_bytes())[0]
        private = serialization.load_pem_private_key(key.read_bytes(), password=None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise CertificateError(
            f"{folder} must hold {CERTIFICATE_NAME} (with its chain) and {KEY_NAME} (without a password), both PEM: "
            f"{error}. Mend them, or remove both and a certificate is made"
        ) from error
    if private.public_key() != found.public_key():
        raise CertificateError(f"{key} is not the key of {chain}: put the matching pair there, or remove both")
    ours = _is_ours(found)
    certificate = Certificate(chain, _as_pkcs8(key, private), ours, found.not_valid_after_utc)
    if ours and (certificate.is_about_to_expire(now) or not set(wanted) <= _names(found)):
        return _make(folder, wanted, now)
    return certificate


def names_of(*hosts: str) -> list[str]:
    """What a certificate of this machine should say: the hosts we listen on and what the machine calls itself."""
    everywhere = {"", "0.0.0.0", "::"}  # noqa: S104 - to leave it out, not to listen there
    return ["localhost", "127.0.0.1", "::1", socket.gethostname(), *(host for host in hosts if host not in everywhere)]


def _is_ours(certificate: x509.Certificate) -> bool:
    found = certificate.issuer.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    return [attribute.value for attribute in found] == [MADE_BY_US]


def _names(certificate: x509.Certificate) -> set[str]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return set()
    return {str(name.value) for name in names}


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _make(folder: Path, names: list[str], now: datetime) -> Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, MADE_BY_US),
        x509.NameAttribute(NameOID.COMMON_NAME, (names or ["localhost"])[0][:64]),
    ])  # fmt: skip
    expires = now + LIFE
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))  # a client's clock may be behind
        .not_valid_after(expires)
        .add_extension(x509.SubjectAlternativeName([_general_name(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    _write(folder / KEY_NAME, _pkcs8(key))
    _write(folder / CERTIFICATE_NAME, certificate.public_bytes(serialization.Encoding.PEM))
    return Certificate(folder / CERTIFICATE_NAME, folder / KEY_NAME, ours=True, expires=certificate.not_valid_after_utc)


def _pkcs8(key: PrivateKeyTypes) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _as_pkcs8(path: Path, key: PrivateKeyTypes) -> Path:
    """The key's file itself, or a copy beside it when it is in one of the older forms (BEGIN RSA PRIVATE KEY)."""
    if b"-----BEGIN PRIVATE KEY-----" in path.read_bytes():
        return path
    copy = path.with_name(f"{path.stem}.pkcs8.pem")
    _write(copy, _pkcs8(key))
    return copy


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all, and readable by us alone."""
    making = path.with_name(f"{path.name}.new")
    making.unlink(missing_ok=True)
    handle = os.open(making, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(handle, "wb") as file:  # noqa: PTH123 - it is a descriptor
        file.write(content)
    making.replace(path)


def utc_now() -> datetime:
    return datetime.now(UTC)
