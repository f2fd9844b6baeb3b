"""What the environment says."""

import pytest

from caselli.project import configuration


@pytest.fixture
def zone(tmp_path, monkeypatch):
    """What is found where ``TZ`` says this and /etc/localtime leads there."""

    def found(told, leads_to):
        link = tmp_path / "localtime"
        link.unlink(missing_ok=True)
        if leads_to:
            link.symlink_to(leads_to)
        monkeypatch.setattr(configuration, "_LOCALTIME", link)
        monkeypatch.setenv("TZ", told)
        return configuration.load().time_zone

    return found


@pytest.mark.parametrize(("told", "leads_to", "expected"), [
    ("", "/usr/share/zoneinfo/Europe/Berlin", "Europe/Berlin"),
    ("", "../usr/share/zoneinfo/posix/America/New_York", "America/New_York"),
    (":Asia/Tokyo", "/usr/share/zoneinfo/Europe/Berlin", "Asia/Tokyo"),
    ("CET-1CEST,M3.5.0,M10.5.0/3", "/usr/share/zoneinfo/Europe/Berlin", "Europe/Berlin"),
    ("/usr/share/zoneinfo/Asia/Tokyo", "/usr/share/zoneinfo/Europe/Berlin", "Europe/Berlin"),
    ("", "/usr/share/zoneinfo/Etc/UTC", "UTC"),
    ("", "/somewhere/else", "UTC"),
    ("", None, "UTC"),
])  # fmt: skip
def test_the_time_zone_is_the_machines(zone, told, leads_to, expected):
    assert zone(told, leads_to) == expected


@pytest.mark.parametrize(("told", "host"), [
    ("127.0.0.1:80", "127.0.0.1"), ("fax.example.com:80", "fax.example.com"), ("[::1]:80", "::1"), ("::1:80", "::1"),
])  # fmt: skip
def test_an_address_to_listen_at_is_a_host_and_a_port(monkeypatch, told, host):
    monkeypatch.setenv("CASELLI_WEB", told)
    assert configuration.load().web == configuration.Address(host, 80)


@pytest.mark.parametrize("told", ["nonsense", ":80", "127.0.0.1:", "127.0.0.1:0", "[::1:80", "http://fax:80", "a b:80"])
def test_what_is_none_is_said_with_an_example(monkeypatch, told):
    monkeypatch.setenv("CASELLI_WEB", told)
    with pytest.raises(configuration.ConfigurationError, match=r"CASELLI_WEB is .* give host:port, for example 127"):
        configuration.load()


@pytest.mark.parametrize(
    ("told", "server"), [("", None), ("192.0.2.53:53", "192.0.2.53:53"), ("[::1]:5353", "[::1]:5353")]
)
def test_the_name_server_is_this_machines_own_or_the_one_named(monkeypatch, told, server):
    monkeypatch.setenv("CASELLI_DNS", told)
    found = configuration.load().dns
    assert (found and str(found)) == server


@pytest.mark.parametrize("told", ["192.0.2.53", "dns.example.com:53", "192.0.2.53:0", ":53"])
def test_a_name_server_that_cannot_be_asked_is_said(monkeypatch, told):
    monkeypatch.setenv("CASELLI_DNS", told)
    with pytest.raises(configuration.ConfigurationError, match=r"CASELLI_DNS .* like 127\.0\.0\.1:53"):
        configuration.load()


@pytest.mark.parametrize(("processors", "told", "expected"), [(1, "", 1), (8, "", 2), (1, "4", 4), (8, "1", 1)])
def test_two_processes_take_mails_where_there_are_two_processors(monkeypatch, processors, told, expected):
    monkeypatch.setattr("os.sched_getaffinity", lambda _pid: set(range(processors)))
    monkeypatch.setenv("CASELLI_MAIL_PROCESSES", told)
    assert configuration.load().mail_processes == expected
