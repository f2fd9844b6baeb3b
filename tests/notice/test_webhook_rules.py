"""Where messages may go, and when they are tried again."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network

import pytest

from caselli.notice import webhook_rules as rules
from caselli.notice.webhook_rules import NotAllowed, Verdict

NOW = datetime(2026, 11, 26, 12, 0, 0, tzinfo=UTC)
LOOPBACK = (ip_network("127.0.0.0/8"),)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.com",
        "ftp://example.com/",
        "file:///etc/passwd",
        "https://",
        "https://example.com:0/",
        "https://example.com:22/",
        "https://example.com:99999/",
        "https://user:password@example.com/",
        "https://example.com/#part",
        "https://exa mple.com/",
        "https://example.com/\r\nX: y",
        "https://[::1/",
        "http://example.com/",
        "https://example.com/" + "a" * 500,
    ],
)
def test_this_is_no_address_for_messages(url):
    with pytest.raises(NotAllowed):
        rules.target_of(url, private=False)


@pytest.mark.parametrize(
    ("url", "host", "port", "path", "authority"),
    [
        ("https://example.com", "example.com", 443, "/", "example.com"),
        ("https://Example.com:8443/a?b=c", "example.com", 8443, "/a?b=c", "example.com:8443"),
        ("https://[2001:db8::1]/x", "2001:db8::1", 443, "/x", "[2001:db8::1]"),
        ("https://bücher.example/", "xn--bcher-kva.example", 443, "/", "xn--bcher-kva.example"),
    ],
)
def test_an_address_is_taken_apart(url, host, port, path, authority):
    target = rules.target_of(url, private=False)
    assert (target.host, target.port, target.path, target.authority) == (host, port, path, authority)


def test_unencrypted_is_possible_only_where_there_is_a_network_of_our_own():
    target = rules.target_of("http://localhost:9000/", private=True)
    rules.check(ip_address("127.0.0.1"), target, LOOPBACK)
    with pytest.raises(NotAllowed, match="https"):
        rules.check(ip_address("93.184.215.14"), target, LOOPBACK)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.2.1",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fd00::1",
        "fd00:ec2::254",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
    ],
)
def test_nothing_is_sent_into_networks_that_are_not_public(address):
    target = rules.target_of("https://example.com/", private=False)
    with pytest.raises(NotAllowed, match="CASELLI_WEBHOOKS_PRIVATE"):
        rules.check(ip_address(address), target, ())


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_a_public_address_may_be_reached(address):
    rules.check(ip_address(address), rules.target_of("https://example.com/", private=False), ())


def test_allowing_one_network_allows_no_other():
    target = rules.target_of("https://example.com/", private=True)
    rules.check(ip_address("::ffff:127.0.0.1"), target, LOOPBACK)
    with pytest.raises(NotAllowed):
        rules.check(ip_address("169.254.169.254"), target, LOOPBACK)


@pytest.mark.parametrize(
    ("status", "verdict"),
    [(200, "taken"), (204, "taken"), (302, "again"), (400, "again"), (410, "gone"), (500, "again"), (None, "away")],
)
def test_an_answer_means(status, verdict):
    assert rules.verdict_of(status) is Verdict(verdict)


def test_pauses_grow_and_a_message_is_tried_for_three_days():
    pauses = [rules.pause(tries, 0.5) for tries in range(1, 40)]
    assert pauses == sorted(pauses)
    assert pauses[0] == timedelta(seconds=5)
    age, tries = timedelta(), 1
    while not rules.gives_up(age, rules.pause(tries, 0.5)):
        age += rules.pause(tries, 0.5)
        tries += 1
    assert timedelta(days=2.5) < age <= timedelta(days=3)
    assert 12 < tries < 25


def test_what_failed_together_is_not_tried_together():
    assert rules.pause(3, 0.0) < rules.pause(3, 0.5) < rules.pause(3, 1.0)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("120", 120),
        (" 120 ", 120),
        ("0", 0),
        ("Thu, 26 Nov 2026 12:05:00 GMT", 300),
        ("Thursday, 26-Nov-26 12:05:00 GMT", 300),
        ("Thu Nov 26 12:05:00 2026", 300),
        ("Thu, 26 Nov 2026 11:00:00 GMT", 0),
    ],
)
def test_an_address_that_has_too_much_to_do_says_when_again(status, said, seconds):
    assert rules.asked_pause(status, said, NOW) == timedelta(seconds=seconds)
    assert rules.verdict_of(status, rules.asked_pause(status, said, NOW)) is Verdict.LATER


@pytest.mark.parametrize("said", ["", "soon", "-5", "1.5", "+3", "1_000", "²", "Thu, 99 Nov 2026 12:05:00 GMT", "\x00"])
def test_what_cannot_be_understood_asks_for_nothing(said):
    assert rules.asked_pause(503, said, NOW) is None


@pytest.mark.parametrize("status", [None, 200, 400, 410, 500, 502])
def test_other_answers_ask_for_nothing(status):
    assert rules.asked_pause(status, "120", NOW) is None


OWN = timedelta(minutes=10)


@pytest.mark.parametrize(
    ("asked", "granted"),
    [
        (None, OWN),
        (timedelta(seconds=1), OWN),
        (timedelta(hours=1), timedelta(hours=1)),
        (timedelta(days=9), rules.LONGEST_ASKED),
        (rules.asked_pause(429, "9" * 5_000, NOW), rules.LONGEST_ASKED),
        (rules.asked_pause(429, "Sat, 01 Jan 9999 00:00:00 GMT", NOW), rules.LONGEST_ASKED),
    ],
)
def test_a_pause_is_never_shorter_than_ours_and_at_most_some_hours(asked, granted):
    assert rules.granted(OWN, asked, timedelta()) == granted


def test_a_pause_that_was_asked_for_leaves_one_more_try_in_the_three_days():
    age = rules.GIVES_UP_AFTER - timedelta(hours=1)
    assert not rules.gives_up(age, OWN)
    assert rules.granted(OWN, timedelta(hours=5), age) == timedelta(hours=1)
