"""What is tried at the door: signing in as a person does, with the codes an authenticator app would show."""

import base64
import hashlib
import hmac
import struct
import time

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.core import mail
from django.test import Client

SECRET = "JBSWY3DPEHPK3PXP"


@pytest.fixture
def letterbox(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    mail.outbox = []
    return mail.outbox


@pytest.fixture
def browser():
    return Client(REMOTE_ADDR="192.0.2.9")


@pytest.fixture
def sign_in():
    """``sign_in(browser, "alice")``: the answer to the form."""

    def sign_in(browser, login, password="secret", **more):
        return browser.post("/login", {"login": login, "password": password, **more})

    return sign_in


def code_of(secret):
    """RFC 6238, as the apps do it."""
    counter = struct.pack(">Q", int(time.time()) // 30)
    digest = hmac.new(base64.b32decode(secret), counter, hashlib.sha1).digest()
    offset = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[offset : offset + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


@pytest.fixture
def app_shows():
    """What an authenticator app shows now for a secret."""
    return code_of


@pytest.fixture
def with_app(cast):
    """Alice has an authenticator app and recovery codes: (the app's secret, the codes)."""
    TOTP.activate(cast.alice, SECRET)
    return SECRET, RecoveryCodes.activate(cast.alice).get_unused_codes()
