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
