"""Access tokens for a mailbox (OAuth 2.0, RFC 6749): asked for at its token address, kept in memory while they hold."""

import json
import ssl
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from http.client import HTTPException, HTTPMessage
from typing import IO, Any
from urllib.parse import urlencode, urlsplit

from caselli.store.models import MailSource

SECONDS = 20
"""The longest wait for each part of the answer."""
LONGEST_ANSWER = 100_000
"""Bytes."""
EARLY = 60.0
"""Seconds before its end a token is not used any more."""
USUAL_LIFE = 300.0
"""Seconds, where the server does not say (RFC 6749, 5.1: it should)."""
LONGEST_LIFE = 86_400.0


class NoToken(Exception):  # noqa: N818 - it names what happened
    """There is no access token; the text says why, and what to do."""


@dataclass(frozen=True, slots=True)
class _Token:
    value: str
    ends: float


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A secret goes to the address that was set, and nowhere else."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        del req, fp, code, msg, headers, newurl


_kept: dict[tuple[str, ...], _Token] = {}
_lock = threading.Lock()


def access_token(source: MailSource) -> str:
    """One that still holds for a minute. A refresh token that the server exchanges is kept. Raises NoToken."""
    with _lock:
        token = _kept.get(_key(source))
    if token is None or token.ends - EARLY < time.monotonic():
        token = _ask(source)
        with _lock:
            _kept[_key(source)] = token
    return token.value


def forget(source: MailSource) -> None:
    """The mail server did not take it: the next one is new."""
    with _lock:
        _kept.pop(_key(source), None)


def _key(source: MailSource) -> tuple[str, ...]:
    return (
        source.token_url,
        source.client_id,
        source.client_secret,
        source.username,
        source.token_scope,
        source.refresh_token,
    )


def _ask(source: MailSource) -> _Token:
    answer = _post(source)
    value = answer.get("access_token")
    if not isinstance(value, str) or not value or not value.isascii() or not value.isprintable():
        raise NoToken(f"{_where(source)} answered without an access token. Check the token address.")
    renewed = answer.get("refresh_token")
    if isinstance(renewed, str) and renewed and source.refresh_token and renewed != source.refresh_token:
        # Only in the place of the one that was used: meanwhile an administrator may have set another one.
        MailSource.objects.filter(pk=source.pk, refresh_token=source.refresh_token).update(refresh_token=renewed)
        source.refresh_token = renewed
    return _Token(value, time.monotonic() + _life(answer.get("expires_in")))


def _life(told: object) -> float:
    try:
        seconds = float(str(told))
    except ValueError:
        return USUAL_LIFE
    return min(seconds, LONGEST_LIFE) if seconds > 0 else USUAL_LIFE


def _post(source: MailSource) -> dict[str, Any]:
    if urlsplit(source.token_url).scheme != "https":
        raise NoToken("The token address does not begin with https://, and secrets go nowhere else.")
    opener = urllib.request.build_opener(
        urllib.request.HTTPSHandler(context=ssl.create_default_context()), _NoRedirect()
    )
    try:
        with opener.open(_request(source), timeout=SECONDS) as answer:
            content = answer.read(LONGEST_ANSWER)
    except urllib.error.HTTPError as error:
        with error:
            raise NoToken(_refused(source, error.code, _read(error.read(LONGEST_ANSWER)))) from None
    except urllib.error.URLError as error:
        raise NoToken(f"{_where(source)} cannot be reached ({error.reason}). Check the token address.") from error
    except (OSError, HTTPException, ValueError) as error:
        raise NoToken(f"{_where(source)} did not answer ({str(error) or type(error).__name__}).") from error
    return _read(content)


def _request(source: MailSource) -> urllib.request.Request:
    """The client's secret stands in the form (RFC 6749, 2.3.1): Google and Microsoft take it there."""
    form = {"client_id": source.client_id}
    if source.refresh_token:
        form |= {"grant_type": "refresh_token", "refresh_token": source.refresh_token}
    else:
        form["grant_type"] = "client_credentials"
    if source.client_secret:
        form["client_secret"] = source.client_secret
    if source.token_scope:
        form["scope"] = source.token_scope
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    return urllib.request.Request(source.token_url, urlencode(form).encode(), headers, method="POST")  # noqa: S310 - https


def _read(content: bytes) -> dict[str, Any]:
    try:
        told = json.loads(content)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _where(source: MailSource) -> str:
    return f"The token server {urlsplit(source.token_url).hostname}"


_REMEDIES = {
    "invalid_grant": "The refresh token has expired or was withdrawn. Sign in there anew, and paste the new one.",
    "invalid_client": "Check the client ID and the client secret; a secret may have expired.",
    "unauthorized_client": "Allow this client the grant and the mailbox there.",
    "invalid_scope": "Check the scope.",
}


def _refused(source: MailSource, code: int, told: dict[str, Any]) -> str:
    """RFC 6749, 5.2. The description may be long: its first line says it."""
    error = str(told.get("error", ""))[:60]
    said = " ".join(str(told.get("error_description", "")).partition("\r")[0].split())[:100]
    if not error and 300 <= code < 400:
        return f"{_where(source)} leads elsewhere ({code}). Give the address that answers by itself."
    why = ": ".join(one for one in (error or f"HTTP {code}", said) if one)
    return f"{_where(source)} refused ({why}). {_REMEDIES.get(error, 'Check what is set for it.')}"
