import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caselli.line.sip.auth import (
    Challenge,
    Challenger,
    Credentials,
    Proof,
    Verdict,
    digest,
    parse_digest,
    without_credentials,
)
from caselli.line.sip.message import Headers, Request, Response
from caselli.line.sip.tokens import Tokens

NONCE = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
MUFASA = Proof("Mufasa", "GET", "/dir/index.html", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", "00000001")


@pytest.mark.parametrize(
    ("algorithm", "expected"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_example_of_rfc_7616_comes_out(algorithm: str, expected: str):
    challenge = Challenge("http-auth@example.org", NONCE, algorithm, qop=True)
    assert digest(challenge, MUFASA, "Circle of Life") == expected


def test_a_challenge_without_qop_is_answered_as_rfc_2069_did():
    challenge = Challenge.parse('Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"')
    assert challenge is not None
    proof = Proof("Mufasa", "GET", "/dir/index.html")
    assert digest(challenge, proof, "CircleOfLife") == "1949323746fe6a43ef61f9606e7febea"


def test_a_challenge_is_read_with_all_its_parts():
    text = 'digest REALM="a, \\"b\\"", nonce="n", qop="auth,auth-int", opaque="", stale=TRUE, algorithm=sha-256'
    assert Challenge.parse(text) == Challenge('a, "b"', "n", "sha-256", qop=True, opaque="", stale=True)


@pytest.mark.parametrize(
    "text",
    [
        'Basic realm="a"',
        'Digest realm="a"',
        'Digest nonce="n", algorithm=AKAv1-MD5',
        'Digest nonce="n", qop="auth-int"',
    ],
)
def test_a_challenge_we_cannot_answer_is_none(text: str):
    assert Challenge.parse(text) is None


# --- our side against our own challenger

REALM, USER, PASSWORD = "caselli", "fax", 'pass: "word" \\'


def request(uri: str = "sip:a@b") -> Request:
    return Request(method="INVITE", uri=uri, headers=Headers.of(("To", "<sip:a@b>")))


def unauthorized(challenger: Challenger, now: float, *, stale: bool = False) -> Response:
    return Response(status=401, headers=Headers.of(*challenger.challenges(now, stale=stale)))


@pytest.fixture
def challenger() -> Challenger:
    return Challenger(REALM, USER, PASSWORD, Tokens(random.Random(1)))


@pytest.fixture
def credentials() -> Credentials:
    return Credentials(USER, PASSWORD, Tokens(random.Random(2)))


def test_the_right_password_opens(challenger: Challenger, credentials: Credentials):
    assert challenger.check(request(), 0.0) is Verdict.MISSING
    assert credentials.learn(request(), unauthorized(challenger, 0.0), 0)
    answered = credentials.apply(request())
    (line,) = answered.headers.lines("Authorization")
    assert "algorithm=SHA-256" in line
    assert challenger.check(answered, 1.0) is Verdict.RIGHT


def test_a_proof_is_good_for_one_request(challenger: Challenger, credentials: Credentials):
    credentials.learn(request(), unauthorized(challenger, 0.0), 0)
    answered = credentials.apply(request())
    assert challenger.check(answered, 1.0) is Verdict.RIGHT
    assert challenger.check(answered, 1.0) is Verdict.STALE
    assert challenger.check(credentials.apply(request()), 1.0) is Verdict.RIGHT
    assert challenger.check(answered.with_headers(answered.headers), 2.0) is Verdict.STALE


def test_a_proof_is_good_for_one_address(challenger: Challenger, credentials: Credentials):
    credentials.learn(request(), unauthorized(challenger, 0.0), 0)
    stolen = credentials.apply(request())
    other = Request(method="INVITE", uri="sip:other@b", headers=stolen.headers)
    assert challenger.check(other, 1.0) is Verdict.WRONG


def test_an_old_nonce_is_stale_and_asked_again(challenger: Challenger, credentials: Credentials):
    credentials.learn(request(), unauthorized(challenger, 0.0), 0)
    late = credentials.apply(request())
    assert challenger.check(late, 61.0) is Verdict.STALE
    assert credentials.learn(late, unauthorized(challenger, 61.0, stale=True), 1)
    assert challenger.check(credentials.apply(request()), 61.0) is Verdict.RIGHT


def test_a_wrong_password_is_not_tried_again(challenger: Challenger):
    wrong = Credentials(USER, "other", Tokens(random.Random(2)))
    assert wrong.learn(request(), unauthorized(challenger, 0.0), 0)
    tried = wrong.apply(request())
    assert challenger.check(tried, 0.0) is Verdict.WRONG
    assert not wrong.learn(tried, unauthorized(challenger, 0.0), 1)


def test_a_later_request_may_meet_a_new_nonce(challenger: Challenger, credentials: Credentials):
    credentials.learn(request(), unauthorized(challenger, 0.0), 0)
    bye = credentials.apply(request())
    assert credentials.learn(bye, unauthorized(challenger, 0.0), 0)


def test_stale_for_ever_is_given_up(challenger: Challenger, credentials: Credentials):
    tried = request()
    for attempt in range(4):
        assert credentials.learn(tried, unauthorized(challenger, 0.0, stale=True), attempt)
        tried = credentials.apply(request())
    assert not credentials.learn(tried, unauthorized(challenger, 0.0, stale=True), 4)


def test_without_a_user_name_nothing_is_answered(challenger: Challenger):
    assert not Credentials("", "", Tokens()).learn(request(), unauthorized(challenger, 0.0), 0)


def test_a_proxy_and_the_far_end_may_both_ask(challenger: Challenger, credentials: Credentials):
    proxy = Response(status=407, headers=Headers.of(("Proxy-Authenticate", 'Digest realm="p", nonce="n"')))
    assert credentials.learn(request(), proxy, 0)
    once = credentials.apply(request())
    assert credentials.learn(once, unauthorized(challenger, 0.0), 1)
    twice = credentials.apply(once)
    assert len(twice.headers.lines("Authorization")) == 1
    assert len(twice.headers.lines("Proxy-Authorization")) == 1


def test_a_nonce_of_somebody_else_is_stale(challenger: Challenger, credentials: Credentials):
    other = Challenger(REALM, USER, PASSWORD, Tokens(random.Random(9)))
    credentials.learn(request(), unauthorized(other, 0.0), 0)
    assert challenger.check(credentials.apply(request()), 0.0) is Verdict.STALE


@given(st.text(max_size=80))
def test_any_credentials_are_judged(text: str):
    challenger = Challenger(REALM, USER, PASSWORD, Tokens(random.Random(1)))
    line = f'Digest realm="{REALM}", username="{USER}", qop=auth, nonce="{text}", response="{text}", uri="sip:a@b"'
    headers = Headers.of(("Authorization", line))
    asked = Request(method="INVITE", uri="sip:a@b", headers=headers)
    assert challenger.check(asked, 0.0) is not Verdict.RIGHT
    parse_digest(text)


def test_credentials_are_taken_out_of_what_is_kept():
    text = 'INVITE x\r\nAuthorization: Digest username="u", response="r"\r\nproxy-authorization: Basic abc\r\nTo: x'
    assert without_credentials(text) == (
        "INVITE x\r\nAuthorization: Digest (removed)\r\nproxy-authorization: Basic (removed)\r\nTo: x"
    )
