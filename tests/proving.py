"""Mails that prove their sender, and the keys to it: for tests with a name server (name_server.py)."""

from functools import cache

import dkim
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from caselli.doors.mail.trust import Envelope, prove

CLIENT = "192.0.2.7"
BODY = "Please see below.\r\n\r\nAlice   \r\n"


@cache
def key(bits=2048):
    """The private key as dkimpy takes it, and the public one as DNS has it (base64)."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    public = private.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.PKCS1)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    return pem, "".join(public.decode().splitlines()[1:-1])


def publish_key(names, domain, bits=2048, selector="s1", extra=""):
    names.publish(f"{selector}._domainkey.{domain}", "TXT", f"v=DKIM1; k=rsa; {extra}p={key(bits)[1]}")


def written(sender="alice@acme.example", *, subject="210: +1 202 555 0100", more="", body=BODY):
    fields = (
        f"From: Alice <{sender}>\r\nTo: fax@caselli.example\r\nSubject: {subject}\r\nMessage-ID: <1@acme.example>\r\n"
    )
    return (f"{fields}{more}\r\n{body}").encode()


def signed(content, domain="acme.example", bits=2048, **how):
    settled = {"selector": b"s1", "include_headers": [b"from", b"subject", b"to"], "length": False} | how
    signature = dkim.DKIM(content).sign(settled.pop("selector"), domain.encode(), key(bits)[0], **settled)
    return signature + content


def proof_of(content, *, client=CLIENT, path="alice@acme.example", sender="alice@acme.example", front="", seconds=5.0):
    return prove(content, Envelope(client, "mx.acme.example", path), sender, front, seconds)
