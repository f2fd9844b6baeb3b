"""The pages answer by HTTP and by HTTPS, and say in words why they cannot."""

import asyncio
import http.client
import json
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from ports import free_port
from web import DEADLINE, Web

from caselli.project import configuration
from caselli.workers.webserver import Asgi, Pages


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    one = Web(tmp_path)
    yield one
    if one.process and one.process.returncode is None:
        one.end()


def ask(connection: http.client.HTTPConnection, target: str) -> dict[str, str]:
    connection.request("GET", target)
    answer = connection.getresponse()
    assert answer.status == 200
    told: dict[str, str] = json.loads(answer.read())
    connection.close()
    return told


def test_pages_are_served_by_http_and_by_https_with_a_certificate_of_our_own(web: Web):
    web.start()
    plain = http.client.HTTPConnection("127.0.0.1", web.port, timeout=DEADLINE)
    assert ask(plain, "/a?b=c") == {"path": "/a", "query": "b=c", "scheme": "http"}
    secure = http.client.HTTPSConnection("localhost", web.tls_port, timeout=DEADLINE, context=web.trust())
    assert ask(secure, "/a") == {"path": "/a", "query": "", "scheme": "https"}
    assert web.end() == (0, "lifespan: startup\nlifespan: shutdown\n")


def test_a_client_that_knows_tls_1_2_only_is_served(web: Web):
    web.start()
    old = web.trust()
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    secure = http.client.HTTPSConnection("127.0.0.1", web.tls_port, timeout=DEADLINE, context=old)
    assert ask(secure, "/")["scheme"] == "https"


def test_a_request_line_with_the_whole_address_is_understood(web: Web):
    web.start()
    plain = http.client.HTTPConnection("127.0.0.1", web.port, timeout=DEADLINE)
    assert ask(plain, "http://fax.example/oauth/token.php?x=1")["path"] == "/oauth/token.php"


def test_stopping_ends_the_streams_and_waits_for_nobody(web: Web):
    web.start()
    plain = http.client.HTTPConnection("127.0.0.1", web.port, timeout=DEADLINE)
    plain.request("GET", "/stream")
    answer = plain.getresponse()
    assert answer.readline() == b"begun\n"
    assert web.end() == (0, "lifespan: startup\nlifespan: shutdown\n")
    assert answer.read() == b"ended\n"
    plain.close()


@pytest.mark.parametrize("variable", ["CASELLI_WEB", "CASELLI_WEB_TLS"])
def test_a_port_that_is_taken_is_named_with_its_variable(web: Web, variable: str):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        web.start(**{variable: f"127.0.0.1:{taken.getsockname()[1]}"})
        status, said = web.ended()
    assert status == 1
    assert said.startswith(f"caselli web: {variable} is 127.0.0.1:")
    assert "something else listens there" in said
    assert "Traceback" not in said


def test_a_second_web_process_does_not_share_the_port_in_silence(web: Web, tmp_path: Path):
    web.start()
    second = Web(tmp_path)
    second.port = web.port
    status, said = second.start().ended()
    assert status == 1
    assert "CASELLI_WEB is" in said


def test_an_address_of_another_machine_is_refused_in_words(web: Web):
    status, said = web.start(CASELLI_WEB="192.0.2.1:8470").ended()
    assert status == 1
    assert said.startswith("caselli web: CASELLI_WEB is 192.0.2.1:8470: that address is not one of this machine.")


def test_a_name_may_stand_for_the_address(web: Web):
    web.start(CASELLI_WEB=f"localhost:{web.port}")
    ask(http.client.HTTPConnection("127.0.0.1", web.port, timeout=DEADLINE), "/")


def test_an_application_that_cannot_start_is_not_called_ready(web: Web):
    status, said = web.start("broken").ended()
    assert status == 1
    assert "the application ended at its startup" in said


def test_a_certificate_that_does_not_fit_its_key_is_refused_in_words(web: Web):
    (web.home / "tls").mkdir()
    (web.home / "tls/certificate.pem").write_text("nothing")
    (web.home / "tls/key.pem").write_text("nothing")
    status, said = web.start().ended()
    assert status == 1
    assert "must hold certificate.pem" in said


async def test_a_new_certificate_is_taken_up_while_the_pages_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    port, tls_port = free_port(), free_port()
    monkeypatch.setenv("CASELLI_HOME", str(tmp_path))
    monkeypatch.setenv("CASELLI_WEB", f"127.0.0.1:{port}")
    monkeypatch.setenv("CASELLI_WEB_TLS", f"127.0.0.1:{tls_port}")

    async def shown() -> str:
        return await asyncio.to_thread(ssl.get_server_certificate, ("127.0.0.1", tls_port), timeout=DEADLINE)

    pages = Pages(cast("Asgi", application), configuration.load())
    await pages.open()
    first = await shown()
    await pages.look_at_certificate()
    assert await shown() == first
    for name in ("certificate.pem", "key.pem"):
        (tmp_path / "tls" / name).unlink()
    await pages.look_at_certificate()
    assert await shown() not in {first, ""}
    assert (tmp_path / "tls/certificate.pem").read_text().strip() == (await shown()).strip()
    await pages.close()


async def application(scope: object, receive: object, send: object) -> None:
    """Never asked anything: only the handshake matters."""
