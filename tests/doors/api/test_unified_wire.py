"""Old clients of the UnifiedAPI, byte for byte, against a whole Caselli: over HTTPS, and over HTTP on loopback."""

import json
from urllib.parse import urlsplit

import pytest
from doors.api.wire import Line

LIMIT = 240.0
"""Seconds, generous: a call takes twenty, and may wait for another one."""
BOUNDARY = "------------------------8dd1f8d7a5d51a3b"
NUMBER = "12025550100"
LAB = "0003*211"  # an extension, which has it at once: a call would take twenty seconds


@pytest.fixture(scope="module")
def caselli(running_caselli):
    return running_caselli


@pytest.fixture(scope="module")
def demo(caselli):
    return caselli.told("demo")


@pytest.fixture(scope="module", params=["https", "http"])
def scheme(request):
    return request.param


@pytest.fixture
def line(caselli, demo, scheme):
    variable = {"https": "CASELLI_WEB_TLS", "http": "CASELLI_WEB"}[scheme]
    return lambda: Line(f"{scheme}://{caselli.environment[variable]}", caselli.home)


@pytest.fixture(scope="module")
def token(caselli, demo):
    """As an old client gets it: by HTTPS, in a form that means more than it must."""
    app = demo["uapi"]
    form = (
        f"&grant_type=client_credentials&redirect_uri=index.php&state=0&type=unifiedapi"
        f"&client_id={app['client_id']}&client_secret={app['client_secret']}"
    )
    with Line(f"https://{caselli.environment['CASELLI_WEB_TLS']}", caselli.home) as one:
        one.write(
            "POST /oauth/token.php HTTP/1.1",
            f"Host: {one.host}",
            "Content-Type: application/x-www-form-urlencoded",
            f"Content-Length: {len(form)}",
            body=form.encode(),
        )
        return one.answer().told["access_token"]


def form(*parts, recipients=(LAB,)):
    asked = json.dumps({"recipients": list(recipients)})
    body = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="request"\r\n\r\n{asked}\r\n'
    for name, filename, content in parts:
        body += f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'
        body += f"Content-Type: application/octet-stream\r\n\r\n{content}\r\n"
    return f"{body}--{BOUNDARY}--\r\n".encode()


def chunked(body, size=700):
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


LETTER = ("files", "/path/to/file/fax.txt", "This is my fax")


def test_a_client_that_waits_for_100_continue_and_names_parts_after_files(line, scheme, caselli, token):
    recipients = [NUMBER, LAB] if scheme == "https" else [LAB]
    body = form(("my letter (2).txt", "phpQ9x2mA", "Dear clinic"), recipients=recipients)
    with line() as one:
        one.write(
            "POST /unifiedapi/faxes/@me/0003*210 HTTP/1.1",
            f"Host: {one.host}",
            "Accept: */*",
            "Content-Disposition: multipart/form-data",
            f"Authorization: Bearer {token}",
            f"Content-Length: {len(body)}",
            "Expect: 100-continue",
            f"Content-Type: multipart/form-data; boundary={BOUNDARY}",
        )
        assert one.interim() == b"HTTP/1.1 100 Continue"
        one.socket.sendall(body)
        answer = one.answer()
    assert (answer.status, answer.told["recipients"]) == (200, recipients)
    told = caselli.wait_for(answer.told["uid"], lambda fax: fax["status"] == "Sent", LIMIT)
    assert [one["to"].removeprefix("+") for one in told["deliveries"]] == recipients


def test_a_client_that_refuses_every_recipient_that_is_not_an_extension(line, caselli, token):
    body = form(LETTER, recipients=[LAB])
    with line() as one:
        one.write(
            "POST /uapi/faxes/@owner/0003*210 HTTP/1.1",
            f"host: {one.host}",
            f"authorization: Bearer {token}",
            "user-agent: node",
            f"content-type: multipart/form-data; boundary={BOUNDARY}",
            "transfer-encoding: chunked",
            body=chunked(body),
        )
        answer = one.answer()
    assert answer.status == 200
    assert caselli.wait_for(answer.told["uid"], lambda fax: fax["status"] == "Sent", LIMIT)


@pytest.mark.parametrize("version", ["HTTP/1.1", "HTTP/1.0"])
def test_a_client_that_writes_the_whole_address_and_its_token_in_the_query(line, scheme, token, version):
    body = form(LETTER)
    with line() as one:
        one.write(
            f"POST {scheme}://{one.host}/uapi/faxes/%40me/0003%2A210?accessRequestToken=Bearer%20{token} {version}",
            f"Host: {one.host}",
            f"Content-Type: multipart/form-data; boundary={BOUNDARY}",
            f"Content-Length: {len(body)}",
            body=body,
        )
        answer = one.answer()
    assert answer.status == 200
    # It reads from its socket by itself, and knows no chunks.
    assert (answer.headers["Transfer-Encoding"], answer.headers["Content-Length"]) == (None, str(len(answer.body)))


def test_a_client_that_puts_its_files_afterwards(line, scheme, caselli, token):
    asked = json.dumps({"recipients": [LAB], "files": [{"name": "a.txt", "size": 11}, {"name": "b.txt"}]})
    with line() as one:
        one.write(
            "POST /uapi/faxes/@viewer/210 HTTP/1.1",
            f"Host: {one.host}",
            f"Authorization: Bearer {token}",
            "Content-Type: application/json",
            f"Content-Length: {len(asked)}",
            body=asked.encode(),
        )
        announced = one.answer()
        assert announced.status == 200
        for file, how in zip(
            announced.told["files"], ("Content-Length: 11", "Transfer-Encoding: chunked"), strict=True
        ):
            place = urlsplit(file["redirectUri"])
            assert (place.scheme, place.netloc) == (scheme, one.host)
            headers = [f"{name}: {value}" for name, value in file["redirectHeaders"].items()]
            body = b"Dear clinic"
            one.write(
                f"PUT {place.path} HTTP/1.1",
                f"Host: {one.host}",
                *headers,
                how,
                body=chunked(body, 5) if "chunked" in how else body,
            )
            assert one.answer().status == 200
    caselli.wait_for(announced.told["uid"], lambda fax: fax["status"] == "Sent", LIMIT)


def test_a_no_is_told_in_the_shape_that_clients_read_and_leads_nowhere_else(line, token):
    body = form(LETTER, recipients=["nobody"])
    expected = {
        ("/uapi/faxes/@me/0003*210", token): (400, "fx_recipients_invalid"),
        ("/uapi/faxes/@me/0003*999", token): (404, "extension_not_found"),
        ("/uapi/faxes/@me/@self", token): (400, "extension_invalid"),
        ("/uapi/faxes/@me/0003*210", "x"): (401, "token_invalid"),
        ("/uapi/faxes/", token): (404, "not_found"),
    }
    with line() as one:
        for (address, bearer), (status, code) in expected.items():
            one.write(
                f"POST {address} HTTP/1.1",
                f"Host: {one.host}",
                f"Authorization: Bearer {bearer}",
                f"Content-Type: multipart/form-data; boundary={BOUNDARY}",
                f"Content-Length: {len(body)}",
                body=body,
            )
            answer = one.answer()
            assert (answer.status, answer.told["error"]["code"]) == (status, code)
            assert answer.told["error"]["message"]
            assert "Location" not in answer.headers


def test_a_body_that_is_announced_as_too_large_is_not_even_asked_for(line, token):
    with line() as one:
        one.write(
            "POST /uapi/faxes/@me/210 HTTP/1.1",
            f"Host: {one.host}",
            f"Authorization: Bearer {token}",
            f"Content-Type: multipart/form-data; boundary={BOUNDARY}",
            "Content-Length: 600000000",
            "Expect: 100-continue",
        )
        answer = one.answer()
    assert (answer.status, answer.told["error"]["code"]) == (413, "request_too_large")


@pytest.mark.parametrize(
    ("head", "most"),
    [("PUT /uapi/uploads/x HTTP/1.1", 26_000_000), ("POST /uapi/faxes/@me/210 HTTP/1.1", 2_000_000)],
)
def test_a_body_that_becomes_too_large_is_cut_off_while_it_streams(line, head, most):
    piece = b"%x\r\n" % 1_000_000 + b"x" * 1_000_000 + b"\r\n"
    with line() as one:
        one.write(head, f"Host: {one.host}", "Content-Type: application/json", "Transfer-Encoding: chunked")
        for _ in range(most // 1_000_000):
            one.socket.sendall(piece)
        one.socket.sendall(b"1\r\nx\r\n")  # and no more: whoever is still writing when the answer comes may miss it
        answer = one.answer()
    assert (answer.status, answer.told["error"]["code"]) == (413, "request_too_large")
