"""What all tests share: a home of their own, a database started when the first test asks for it, a browser.

The environment is set here, at import, before anything reads Caselli's settings.
``CASELLI_TEST_DATABASE_URL`` names another PostgreSQL to test against; its user must be allowed to create databases.
"""

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

HOME = Path(tempfile.mkdtemp(prefix="caselli-tests-"))
HOME.chmod(0o711)  # started as root, the database runs as another user, who must be able to enter
os.environ["CASELLI_HOME"] = str(HOME)
os.environ["CASELLI_DATABASE_URL"] = os.environ.get("CASELLI_TEST_DATABASE_URL", "")
os.environ["LANGUAGE"] = "C"  # argparse would look on the disk for the translation of each of its words, each time anew
os.environ["DJANGO_SETTINGS_MODULE"] = "caselli.project.settings"

import django  # noqa: E402 - the environment comes first
from django.conf import settings  # noqa: E402

django.setup()

import emptying  # noqa: E402
import hypothesis  # noqa: E402
import migrated  # noqa: E402
import pytest  # noqa: E402
from cast import cast, make_fax  # noqa: E402, F401 - fixtures for everybody
from django.contrib.staticfiles.handlers import StaticFilesHandler  # noqa: E402
from django.db import connections  # noqa: E402
from playwright.sync_api import expect  # noqa: E402

from caselli.project import configuration  # noqa: E402
from caselli.project.database import DATABASE_NAME, DATABASE_USER  # noqa: E402
from caselli.workers.postgresql import Cluster  # noqa: E402

StaticFilesHandler._should_handle = lambda _self, _path: False  # ours serves them, here too
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # the slow ones are Django's to test
emptying.install()
# How long an example takes says nothing on a machine that does other things too.
hypothesis.settings.register_profile("untimed", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("untimed")
expect.set_options(timeout=60_000)
"""Milliseconds for what a page does at once: the machine does other things too, and calls and browsers beside these."""


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster | None]:
    """The tests' own PostgreSQL, as Caselli runs it; None where CASELLI_TEST_DATABASE_URL names another."""
    if os.environ["CASELLI_DATABASE_URL"]:
        yield None
        return
    migrated.lay(HOME / "postgresql")
    server = Cluster(HOME / "postgresql", configuration.load().socket_folder, migrated.QUICK)
    server.start(HOME / "postgresql.log")
    try:
        with server.connect() as database:
            database.execute(f"ALTER ROLE {DATABASE_USER} CREATEDB")
        connections["default"].settings_dict["TEST"]["TEMPLATE"] = DATABASE_NAME
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(cluster: Cluster | None) -> None:
    """The settings already point into HOME; the server only has to be there."""


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, object]) -> dict[str, object]:
    """The system's Chromium; where there is none (Ubuntu), Playwright's own. Root's has no sandbox to offer."""
    found = shutil.which("chromium") or shutil.which("google-chrome")
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    return browser_type_launch_args | {"args": arguments} | ({"executable_path": found} if found else {})


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What waits longest begins first; a browser comes last, because its loop stays in the thread of its process and
    no other loop can run there any more."""
    items.sort(key=lambda item: (bool(item.get_closest_marker("browser")), "tests/crash" not in item.nodeid))


def pytest_collection_finish() -> None:
    """What is loaded stays: nobody need look through it for garbage at every turn."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure() -> None:
    shutil.rmtree(HOME, ignore_errors=True)
