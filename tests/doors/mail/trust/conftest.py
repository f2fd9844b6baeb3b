"""A name server that knows a domain whose mails can be proven."""

import dataclasses

import pytest
from name_server import NameServer
from proving import CLIENT, publish_key

from caselli.project.configuration import Address


@pytest.fixture(scope="module")
def server():
    server = NameServer()
    yield server
    server.close()


@pytest.fixture
def names(server, settings):
    for one in (server.names, server.broken, server.silent, server.asked):
        one.clear()
    settings.CONFIGURATION = dataclasses.replace(settings.CONFIGURATION, dns=Address("127.0.0.1", server.port))
    server.publish("_dmarc.acme.example", "TXT", "v=DMARC1; p=reject")
    server.publish("acme.example", "TXT", f"v=spf1 ip4:{CLIENT} -all")
    publish_key(server, "acme.example")
    return server
