"""Whose certificate is believed, when it is one that Caselli made for itself."""

import os
import ssl
from pathlib import Path
from typing import Any


def pinned(file: str | os.PathLike[str]) -> ssl.SSLContext:
    """Believe the server that has this very certificate (PEM), by whatever name it is reached, and no other.

    Raises OSError where the file cannot be read, ValueError where it holds no certificate.
    """
    text = Path(file).read_text(encoding="ascii", errors="replace")
    begin, end = text.find(ssl.PEM_HEADER), text.find(ssl.PEM_FOOTER)
    if begin < 0 or end < 0:
        raise ValueError(f"{file} holds no certificate in PEM ({ssl.PEM_HEADER})")
    believed = ssl.PEM_cert_to_DER_cert(text[begin : end + len(ssl.PEM_FOOTER)])
    context = ssl.create_default_context(cadata=believed)
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # it is its own root, without being an authority
    context.check_hostname = False  # its key is who it is: the names in it say nothing more
    context.sslsocket_class = _of(ssl.SSLSocket, believed)
    context.sslobject_class = _of(ssl.SSLObject, believed)
    return context


def _of(kind: Any, believed: bytes) -> Any:
    """Were the certificate an authority's, all those that it signed would do without this."""

    class Pinned(kind):  # type: ignore[misc]  # one deed for both bases
        def do_handshake(self, *args: Any, **kwargs: Any) -> None:
            super().do_handshake(*args, **kwargs)
            if self.getpeercert(binary_form=True) != believed:
                raise ssl.SSLCertVerificationError("the server has another certificate than the one that is pinned")

    return Pinned
