"""Digest authentication (RFC 7616 as RFC 8760 brings it into SIP): MD5 and SHA-256, qop=auth or none, both sides."""

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from caselli.line.sip.address import split_list
from caselli.line.sip.message import Request, Response
from caselli.line.sip.tokens import Tokens

MAX_ATTEMPTS = 4
NONCE_SECONDS = 60.0


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(errors="surrogateescape"), usedforsecurity=False).hexdigest()


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()


_HASHES: Mapping[str, Callable[[str], str]] = MappingProxyType({"MD5": _md5, "SHA-256": _sha256})

_PAIR = re.compile(r'([A-Za-z0-9_\-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",]+))')


def parse_digest(text: str) -> dict[str, str] | None:
    """The parameters of ``Digest a="b", c=d``, names in lower case; None for another scheme."""
    scheme, _, rest = text.strip().partition(" ")
    if scheme.lower() != "digest":
        return None
    found = {}
    for part in split_list(rest):
        match = _PAIR.fullmatch(part)
        if match is not None:
            value = match[3] if match[3] is not None else re.sub(r"\\(.)", r"\1", match[2])
            found[match[1].lower()] = value
    return found


@dataclass(frozen=True, slots=True)
class Challenge:
    """``algorithm`` as the server wrote it, of the ones we know, perhaps with ``-sess``."""

    realm: str
    nonce: str
    algorithm: str = "MD5"
    qop: bool = False
    opaque: str | None = None
    stale: bool = False

    @classmethod
    def parse(cls, text: str) -> "Challenge | None":
        """None when we cannot answer it: another scheme or algorithm, or only ``auth-int``."""
        found = parse_digest(text)
        if found is None or "nonce" not in found:
            return None
        algorithm = found.get("algorithm", "MD5")
        if algorithm.upper().removesuffix("-SESS") not in _HASHES:
            return None
        offered = {token.strip().lower() for token in found.get("qop", "").split(",")} - {""}
        if offered and "auth" not in offered:
            return None
        return cls(
            realm=found.get("realm", ""),
            nonce=found["nonce"],
            algorithm=algorithm,
            qop="auth" in offered,
            opaque=found.get("opaque"),
            stale=found.get("stale", "").lower() == "true",
        )


@dataclass(frozen=True, slots=True)
class Proof:
    """What goes into the hash (RFC 7616 3.4). ``count``: eight hex digits, or empty without qop."""

    username: str
    method: str
    uri: str
    client_nonce: str = ""
    count: str = ""


def digest(challenge: Challenge, proof: Proof, password: str) -> str:
    """The ``response`` parameter."""
    hashed = _HASHES[challenge.algorithm.upper().removesuffix("-SESS")]
    first = hashed(f"{proof.username}:{challenge.realm}:{password}")
    if challenge.algorithm.upper().endswith("-SESS"):
        first = hashed(f"{first}:{challenge.nonce}:{proof.client_nonce}")
    second = hashed(f"{proof.method}:{proof.uri}")
    if challenge.qop:
        return hashed(f"{first}:{challenge.nonce}:{proof.count}:{proof.client_nonce}:auth:{second}")
    return hashed(f"{first}:{challenge.nonce}:{second}")


_ANSWER_HEADERS = MappingProxyType({401: "Authorization", 407: "Proxy-Authorization"})
_CHALLENGE_HEADERS = MappingProxyType({401: "WWW-Authenticate", 407: "Proxy-Authenticate"})


@dataclass(slots=True)
class _Known:
    challenge: Challenge
    used: int = 0


@dataclass(slots=True)
class Credentials:
    """Our side: learns challenges and puts answers into requests, also unasked once a nonce is known."""

    username: str
    password: str
    tokens: Tokens
    _known: dict[tuple[str, str], _Known] = field(default_factory=dict)

    def learn(self, request: Request, response: Response, attempt: int) -> bool:
        """Take the challenges of a 401 or 407. False when trying again is no use.

        ``attempt``: how often this request was challenged before. Credentials made for the very challenge before and
        refused without ``stale`` are wrong; refused with ``stale`` the nonce was only old.
        """
        if not self.username or attempt >= MAX_ATTEMPTS:
            return False
        header = _ANSWER_HEADERS[response.status]
        realms: dict[str, Challenge] = {}
        for text in _challenges(response):
            challenge = Challenge.parse(text)
            if challenge is not None:
                # RFC 8760 2.4: the topmost that we support.
                realms.setdefault(challenge.realm, challenge)
        if not realms:
            return False
        tried = {(parse_digest(line) or {}).get("realm") for line in request.headers.lines(header)}
        for realm, challenge in realms.items():
            if realm in tried and attempt and not challenge.stale:
                return False
            self._known[header, realm] = _Known(challenge)
        return True

    def apply(self, request: Request) -> Request:
        """The request with an answer to every challenge known so far instead of what it had."""
        headers = request.headers
        for name in _ANSWER_HEADERS.values():
            headers = headers.replaced(name)
        answers = [(name, self._answer(request, known)) for (name, _), known in self._known.items()]
        return request.with_headers(headers.extended(answers))

    def _answer(self, request: Request, known: _Known) -> str:
        known.used += 1
        challenge = known.challenge
        proof = Proof(self.username, request.method, request.uri, self.tokens.hex(8), f"{known.used:08x}")
        parts = [
            ("username", _quoted(self.username)),
            ("realm", _quoted(challenge.realm)),
            ("nonce", _quoted(challenge.nonce)),
            ("uri", _quoted(request.uri)),
            ("response", _quoted(digest(challenge, proof, self.password))),
            ("algorithm", challenge.algorithm),
        ]
        if challenge.qop:
            parts += [("qop", "auth"), ("nc", proof.count)]
        if challenge.qop or challenge.algorithm.upper().endswith("-SESS"):
            parts.append(("cnonce", _quoted(proof.client_nonce)))
        if challenge.opaque is not None:
            parts.append(("opaque", _quoted(challenge.opaque)))
        return "Digest " + ", ".join(f"{name}={value}" for name, value in parts)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _challenges(response: Response) -> list[str]:
    """One text a challenge. A header line holds one in practice; several are told apart by their scheme's name."""
    found = []
    for line in response.headers.lines(_CHALLENGE_HEADERS[response.status]):
        found += re.split(r",\s*(?=[A-Za-z]+ +[A-Za-z]+\s*=)", line)
    return found


class Verdict(StrEnum):
    """What a request's credentials are worth."""

    MISSING = "missing"
    STALE = "stale"
    WRONG = "wrong"
    RIGHT = "right"


@dataclass(slots=True)
class Challenger:
    """The asking side. A nonce is its time and a seal over it, so nothing is kept but the counts used (replay)."""

    realm: str
    username: str
    password: str
    tokens: Tokens
    _secret: bytes = b""
    _counts: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._secret = bytes.fromhex(self.tokens.hex(16))

    def challenges(self, now: float, *, stale: bool) -> tuple[tuple[str, str], ...]:
        """Headers for a 401, the best algorithm first (RFC 8760 2.3)."""
        nonce = self._nonce(now)
        suffix = ", stale=true" if stale else ""
        return tuple(
            (
                "WWW-Authenticate",
                f'Digest realm="{self.realm}", nonce="{nonce}", algorithm={algorithm}, qop="auth"{suffix}',
            )
            for algorithm in ("SHA-256", "MD5")
        )

    def check(self, request: Request, now: float) -> Verdict:
        for line in request.headers.lines("Authorization"):
            found = parse_digest(line)
            if found is not None and found.get("realm") == self.realm:
                return self._check(request, found, now)
        return Verdict.MISSING

    def _check(self, request: Request, found: dict[str, str], now: float) -> Verdict:
        algorithm, nonce = found.get("algorithm", "MD5"), found.get("nonce", "")
        if algorithm.upper() not in _HASHES or found.get("username") != self.username or found.get("qop") != "auth":
            return Verdict.WRONG
        challenge = Challenge(self.realm, nonce, algorithm, qop=True)
        count = found.get("nc", "")
        proof = Proof(self.username, request.method, found.get("uri", ""), found.get("cnonce", ""), count)
        expected = digest(challenge, proof, self.password)
        if found.get("uri") != request.uri or not hmac.compare_digest(
            expected.encode(), found.get("response", "").encode(errors="surrogateescape")
        ):
            return Verdict.WRONG
        if not self._fresh(nonce, now):
            return Verdict.STALE
        if not re.fullmatch(r"[0-9a-fA-F]{8}", count) or int(count, 16) <= self._counts.get(nonce, 0):
            return Verdict.STALE
        self._counts[nonce] = int(count, 16)
        return Verdict.RIGHT

    def _nonce(self, now: float) -> str:
        stamp = f"{int(now * 1000):x}.{self.tokens.hex(4)}"
        return f"{stamp}.{self._seal(stamp)}"

    def _seal(self, stamp: str) -> str:
        return hmac.new(self._secret, stamp.encode(), hashlib.sha256).hexdigest()[:24]

    def _fresh(self, nonce: str, now: float) -> bool:
        self._counts = {known: count for known, count in self._counts.items() if self._age(known, now) < NONCE_SECONDS}
        stamp, _, seal = nonce.rpartition(".")
        if not hmac.compare_digest(self._seal(stamp).encode(), seal.encode(errors="surrogateescape")):
            return False
        return self._age(nonce, now) < NONCE_SECONDS

    def _age(self, nonce: str, now: float) -> float:
        return now - int(nonce.partition(".")[0], 16) / 1000


_SECRETS = re.compile(r"(?im)^((?:proxy-)?authorization[ \t]*:[ \t]*\S+)[^\r\n]*")


def without_credentials(text: str) -> str:
    """A message as it may be shown and kept: what proves who we are is taken out."""
    return _SECRETS.sub(r"\1 (removed)", text)
