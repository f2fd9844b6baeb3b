"""Requests for access tokens as old clients write them, byte for byte: over HTTPS, and over HTTP on loopback."""

import base64
import re

import pytest
from doors.api.wire import Line

BOUNDARY = "----------------------------4ebf00fbcf09"
FORM = "Content-Type: application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def app(running_caselli):
    told = running_caselli.told("demo")["uapi"]
    return told["client_id"], told["client_secret"]


@pytest.fixture(scope="module", params=["https", "http"])
def scheme(request):
    return request.param


@pytest.fixture
def line(running_caselli, scheme):
    variable = {"https": "CASELLI_WEB_TLS", "http": "CASELLI_WEB"}[scheme]
    with Line(f"{scheme}://{running_caselli.environment[variable]}", running_caselli.home) as one:
        yield one


@pytest.fixture
def ask(line):
    def send(body, *headers, address="/oauth/token.php", version="HTTP/1.1"):
        body = body.encode()
        first = (f"POST {address} {version}", f"Host: {line.host}")
        line.write(*first, *headers, f"Content-Length: {len(body)}", body=body)
        return line.answer()

    return send


def is_good(answer):
    """All that clients look at."""
    assert answer.status == 200, answer.body
    assert "application/json" in answer.headers["Content-Type"]
    assert "Location" not in answer.headers
    assert re.fullmatch(r"[A-Za-z0-9_.-]{10,}", answer.told["access_token"])
    assert answer.told["token_type"] == "Bearer"
    assert answer.told["expires_in"] == 3600
    return True


def credentials(app):
    return f"grant_type=client_credentials&client_id={app[0]}&client_secret={app[1]}"


@pytest.mark.parametrize(
    "more",
    [
        "",
        "&type=unifiedapi",
        "&redirect_uri=https%3A%2F%2Flocalhost%2Fouath%2Ftoken.php&type=unifiedapi",
        "&redirect_uri=GetAccessToken.php&state=0&type=unifiedapi",
    ],
)
def test_a_form_with_more_than_it_must_have(ask, app, more):
    assert is_good(ask(credentials(app) + more, FORM))


def test_a_body_that_begins_with_an_ampersand(ask, app):
    assert is_good(ask(f"&redirect_uri=index.php&{credentials(app)}&state=0&type=unifiedapi", FORM))


def test_a_form_that_does_not_say_what_it_is(ask, app):
    assert is_good(ask(credentials(app)))
    assert is_good(ask(credentials(app), "Content-Type: text/plain"))
    assert is_good(ask(credentials(app), f"{FORM}; charset=UTF-8", "Accept: text/html"))


def test_a_multipart_form(ask, app):
    said = {"grant_type": "client_credentials", "client_id": app[0], "client_secret": app[1], "type": "unifiedapi"}
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{one}\r\n' for name, one in said.items()
    ]
    body = "".join(parts) + f"--{BOUNDARY}--\r\n"
    assert is_good(ask(body, f"Content-Type: multipart/form-data; boundary={BOUNDARY}"))


def test_id_and_secret_by_http_basic(ask, app):
    basic = base64.b64encode(":".join(app).encode()).decode()
    assert is_good(ask("grant_type=client_credentials", FORM, f"Authorization: Basic {basic}"))


@pytest.mark.parametrize("version", ["HTTP/1.1", "HTTP/1.0"])
def test_the_whole_address_in_the_first_line(ask, app, scheme, line, version):
    address = f"{scheme}://{line.host}/oauth/token.php"
    assert is_good(ask(credentials(app), FORM, address=address, version=version))


def test_the_path_as_a_sample_spells_it(ask, app):
    assert is_good(ask(credentials(app), FORM, address="/ouath/token.php"))


def test_a_no_is_a_plain_string_and_leads_nowhere_else(ask, app):
    expected = {
        credentials((app[0], "wrong")): (401, "invalid_client"),
        f"client_id={app[0]}&client_secret={app[1]}": (400, "unsupported_grant_type"),
        "": (400, "unsupported_grant_type"),
        "%zz=\x00&&&=": (400, "unsupported_grant_type"),
    }
    for body, (status, error) in expected.items():
        answer = ask(body, FORM)
        assert (answer.status, answer.told["error"]) == (status, error), body
        assert "Location" not in answer.headers


def test_what_is_no_post_is_told_so_in_json(line):
    line.write("GET /oauth/token.php HTTP/1.1", f"Host: {line.host}")
    answer = line.answer()
    assert (answer.status, answer.told["error"]) == (405, "invalid_request")
