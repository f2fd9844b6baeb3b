"""A certificate that Caselli made for itself is believed, and no other."""

import asyncio
import ssl
from datetime import UTC, datetime
from threading import Thread

import pytest
from client_far import ME, FarServer, Reply

from caselli.client import AsyncClient, Client, Problem, pinned
from caselli.workers.certificate import certificate_for


@pytest.fixture
def made(tmp_path):
    """Of names that are not the one by which the server is reached."""
    return certificate_for(tmp_path / "tls", ["fax.example.com"], datetime.now(UTC))


@pytest.fixture
def secure(made):
    with FarServer() as server:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(made.chain, made.key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.will(Reply(200, ME))
        thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def url(server):
    return server.url.replace("http:", "https:")


def test_the_pinned_server_is_believed_by_whatever_name(secure, made):
    with Client(url(secure), "k", certificate=made.chain) as client:
        assert client.me().login == "alice"


def test_so_it_is_under_asyncio(secure, made):
    async def ask():
        async with AsyncClient(url(secure), "k", certificate=made.chain) as client:
            return await client.me()

    assert asyncio.run(ask()).login == "alice"


def test_another_server_is_not(secure, tmp_path):
    other = certificate_for(tmp_path / "other", ["127.0.0.1"], datetime.now(UTC))
    with Client(url(secure), "k", retries=0, certificate=other.chain) as client, pytest.raises(Problem) as told:
        client.me()
    assert told.value.slug == "unreachable"
    assert secure.asked == []


def test_without_a_pin_a_self_made_certificate_is_not_believed(secure):
    with Client(url(secure), "k", retries=0) as client, pytest.raises(Problem, match="certificate verify failed"):
        client.me()


def test_what_is_no_certificate_is_said(tmp_path, made):
    with pytest.raises(ValueError, match="holds no certificate"):
        pinned(made.key)
    with pytest.raises(FileNotFoundError):
        pinned(tmp_path / "missing.pem")
