"""What is installed is exactly what was looked at: pinned, with hashes, from where the installer is told to look."""

import re
from pathlib import Path

import pytest

LOCKS = ("requirements.lock", "requirements-dev.lock")


def pins(lock: Path) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([a-z0-9._-]+)==(\S+)", lock.read_text(), re.MULTILINE):
        found.setdefault(name, set()).add(version)
    return found


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_address(name: str, root: Path):
    assert re.findall(r"\S*(?://|@|--index|--find-links)\S*", (root / name).read_text()) == []


@pytest.mark.parametrize("name", LOCKS)
def test_every_line_of_a_lock_is_pinned_and_has_a_hash(name: str, root: Path):
    requirements = (root / name).read_text().replace("\\\n", " ").splitlines()
    assert requirements
    for requirement in requirements:
        assert re.match(r"[a-z0-9._-]+==\S+( ; .+?)?\s+--hash=sha256:[0-9a-f]{64}", requirement), requirement


def test_what_is_tested_is_what_runs(root: Path):
    run, tested = (pins(root / name) for name in LOCKS)
    assert {name: versions for name, versions in run.items() if tested.get(name) != versions} == {}


def test_what_is_asked_for_is_locked(root: Path):
    asked = re.findall(r"^([A-Za-z0-9._-]+)", (root / "requirements.in").read_text(), re.MULTILINE)
    assert asked
    assert set(asked) <= set(pins(root / "requirements.lock"))
