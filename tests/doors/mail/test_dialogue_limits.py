"""No client takes all, and none is forgotten too early."""

from dataclasses import replace
from ipaddress import ip_address

import pytest

from caselli.doors.mail.dialogue_limits import Clients, Limits, client_of

LIMITS = Limits(
    connections=3, connections_of_a_client=2, connections_a_minute_of_a_client=4, mails_a_minute_of_a_client=2
)


def enters(clients, client, now=0.0, *, front=False):
    clients.enter(client)
    return clients.refuse_connection(client, now, front=front)


def test_one_client_may_have_so_many_connections_and_others_theirs():
    clients = Clients(LIMITS)
    assert enters(clients, "192.0.2.1") is None
    assert enters(clients, "192.0.2.1") is None
    assert "from 192.0.2.1 are open" in enters(clients, "192.0.2.1")
    clients.leave("192.0.2.1")
    assert enters(clients, "192.0.2.2") is None


def test_all_together_may_have_so_many_connections_and_a_place_that_is_left_is_free():
    clients = Clients(LIMITS)
    for last in range(3):
        assert enters(clients, f"192.0.2.{last}") is None
    assert "as many as this server takes" in enters(clients, "192.0.2.9", front=True)
    clients.leave("192.0.2.9")
    clients.leave("192.0.2.0")
    assert enters(clients, "192.0.2.9") is None


def test_connections_a_minute_come_back_with_time():
    clients = Clients(LIMITS)
    for _ in range(4):
        assert enters(clients, "192.0.2.1") is None
        clients.leave("192.0.2.1")
    assert "in one minute" in enters(clients, "192.0.2.1", now=1.0)
    clients.leave("192.0.2.1")
    assert enters(clients, "192.0.2.1", now=17.0) is None


def test_mails_a_minute_come_back_with_time():
    clients = Clients(LIMITS)
    said = [clients.refuse_mail("192.0.2.1", now, front=False) for now in (0.0, 1.0, 2.0, 31.0)]
    assert [one is None for one in said] == [True, True, False, True]
    assert clients.refuse_mail("192.0.2.2", 2.0, front=False) is None


def test_the_operators_own_servers_have_no_limits_of_a_client():
    clients = Clients(LIMITS)
    for _ in range(3):
        assert enters(clients, "127.0.0.1", front=True) is None
    for _ in range(100):
        assert clients.refuse_mail("127.0.0.1", 0.0, front=True) is None


def test_clients_that_have_been_quiet_are_forgotten_and_those_at_their_limit_are_not():
    clients = Clients(replace(LIMITS, forget_over=10))
    for last in range(10):
        clients.refuse_mail(f"192.0.2.{last}", 0.0, front=False)
    for _ in range(3):
        clients.refuse_mail("198.51.100.1", 60.0, front=False)
    clients.refuse_mail("198.51.100.2", 60.0, front=False)
    assert len(clients._paces) == 2
    assert clients.refuse_mail("198.51.100.1", 60.0, front=False)


@pytest.mark.parametrize(
    ("address", "client"),
    [("192.0.2.1", "192.0.2.1"), ("2001:db8::1:2:3:4", "2001:db8::/64"), ("::1", "::1")],
)
def test_a_customer_with_many_addresses_is_one_client(address, client):
    assert client_of(ip_address(address)) == client


def test_of_several_processes_each_has_its_part_of_all_connections_and_the_whole_of_what_a_client_may():
    assert LIMITS.shared(1) == LIMITS
    assert LIMITS.shared(2) == replace(LIMITS, connections=2)
