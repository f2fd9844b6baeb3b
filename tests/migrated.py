"""PostgreSQL's files with all tables made and nothing in them: kept from run to run, copied by whoever begins there.

Kept under the name of all that decides what is in them (``_mark``): changed migrations make new ones. Whoever copies
them asks Django to migrate all the same, as it always does; it finds that there is nothing to do.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from importlib import metadata
from pathlib import Path

from caselli.project import settings
from caselli.workers import database_owner, postgresql
from caselli.workers.postgresql import Cluster, available_programs

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / ".pytest_cache" / f"migrated-{os.geteuid()}"
# Nothing of a test's database needs to survive a power cut; a plan is not worth being compiled for a few rows.
QUICK = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off", "jit": "off"}


def lay(data: Path) -> None:
    """The files of a stopped server at ``data``, where nothing is yet; none where this user may keep nothing."""
    with suppress(PermissionError):
        KEPT.mkdir(parents=True, exist_ok=True)
    if os.access(KEPT, os.W_OK):
        with _alone():
            kept = KEPT / _mark()
            if not kept.exists():
                _make(kept)
            shutil.copytree(kept, data, symlinks=True)


@contextmanager
def _alone() -> Iterator[None]:
    """One process at a time; whoever is killed lets the next one in."""
    descriptor = os.open(KEPT, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@cache
def _mark() -> str:
    """Of our migrations and settings, of the versions of all packages, of the server's programs and how we make it."""
    ours = [*sorted((ROOT / "src/caselli/store/migrations").glob("*.py")), Path(settings.__file__), Path(__file__)]
    ours += [Path(one.__file__) for one in (postgresql, database_owner)]
    packages = sorted(f"{one.name} {one.version}" for one in metadata.distributions())
    servers = [f"{one} {(one / 'postgres').stat().st_mtime_ns}" for one in available_programs().values()]
    said = hashlib.sha256("\n".join([sys.version, *packages, *servers]).encode())
    for file in ours:
        said.update(file.read_bytes())
    return said.hexdigest()


def _make(kept: Path) -> None:
    """Made elsewhere, moved into its place when it is whole; what another mark named goes, and what a kill left."""
    for old in KEPT.iterdir():
        shutil.rmtree(old)
    home = Path(tempfile.mkdtemp(prefix="caselli-migrated-"))
    home.chmod(0o711)  # started as root, the database runs as another user, who must be able to enter
    environment = os.environ | {"CASELLI_HOME": str(home), "CASELLI_DATABASE_URL": ""}
    environment["DJANGO_SETTINGS_MODULE"] = settings.__name__
    try:
        server = Cluster(home / "postgresql", home / "run", QUICK)
        server.start(home / "log")
        try:
            for deed, *said in (("migrate", "--skip-checks", "--verbosity=0"), ("createcachetable", "--verbosity=0")):
                subprocess.run([sys.executable, "-m", "django", deed, *said], env=environment, check=True)
        finally:
            server.stop()
        making = kept.with_suffix(".new")
        shutil.copytree(home / "postgresql", making, symlinks=True)
        making.rename(kept)
    finally:
        with suppress(OSError):
            shutil.rmtree(home)
