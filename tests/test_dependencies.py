"""Every dependency is justified, and none has a licence that ours cannot live with."""

import re
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "dependencies.md").read_text()


def named(file):
    lines = (ROOT / file).read_text().splitlines()
    return [re.split(r"[\[<>=! ]", line)[0] for line in lines if line and line[0].isalpha()]


def licence(package):
    about = metadata(package)
    classifiers = [one for one in about.get_all("Classifier", []) if one.startswith("License")]
    return " ".join([about.get("License-Expression") or "", about.get("License") or "", *classifiers])


@pytest.mark.parametrize("package", [*named("requirements.in"), *named("requirements-dev.in")])
def test_a_dependency_has_its_line_in_the_docs(package):
    assert f"| `{package}` |" in PAGE


@pytest.mark.parametrize("package", sorted(set(named("requirements.lock"))))
def test_nothing_that_runs_is_under_the_agpl_or_under_the_gpl_alone(package):
    try:
        text = licence(package)
    except PackageNotFoundError:
        pytest.skip("not for this Python or platform")
    assert "Affero" not in text
    assert "AGPL" not in text
    if "GPL" in text:
        assert "LGPL" in text or "Lesser" in text


@pytest.mark.parametrize("file", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_has_hashes_and_no_addresses(file):
    text = (ROOT / file).read_text()
    assert "://" not in text
    assert text.count("--hash=sha256:") > len(named(file))
