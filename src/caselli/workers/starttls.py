"""STARTTLS of the mail server: the operator's certificate for it, or the one of the pages, taken up when it changes."""

import asyncio
import ssl
from contextlib import suppress
from pathlib import Path

import structlog

from caselli.project.configuration import Configuration
from caselli.workers.certificate import CertificateError, of_this_server

LOOK_AT_CERTIFICATE = 60.0

log = structlog.get_logger()


class StartTls:
    """``context`` goes on being the same: those who connect after a change get the new certificate."""

    def __init__(self, configuration: Configuration) -> None:
        """Raises CertificateError."""
        self._configuration = configuration
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        self._load(self._pair())

    async def watch(self) -> None:
        """For ever."""
        while True:
            await asyncio.sleep(LOOK_AT_CERTIFICATE)
            self.look()

    def look(self) -> None:
        try:
            pair = self._pair()
            if _written(pair) == self._seen:
                return
            self._load(pair)
        except CertificateError as error:
            log.warning("the new certificate cannot be used, going on with the old one", reason=str(error))
        else:
            log.info("took up a new certificate", file=str(pair[0]))

    def _pair(self) -> tuple[Path, Path]:
        chain, key = self._configuration.smtp_certificate, self._configuration.smtp_key
        if chain and key:
            return chain, key
        certificate = of_this_server(self._configuration)
        return certificate.chain, certificate.key

    def _load(self, pair: tuple[Path, Path]) -> None:
        self._seen = _written(pair)
        try:
            self.context.load_cert_chain(*pair, password=_no_password)
        except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
            raise CertificateError(
                f"{pair[0]} and {pair[1]} are no certificate (with its chain) and key (without a password) that belong "
                f"together, both PEM: {error}"
            ) from error


def _written(pair: tuple[Path, Path]) -> list[int]:
    with suppress(FileNotFoundError):
        return [one.stat().st_mtime_ns for one in pair]
    return []


def _no_password() -> str:
    """Without this the library asks at the terminal."""
    return ""
