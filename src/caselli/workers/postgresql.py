"""The private PostgreSQL inside CASELLI_HOME: the distribution's programs, a cluster of our own, one UNIX socket.

Never through a shell and never as root: started by root, the database runs as the system user ``caselli``.
"""

import os
import pwd
import re
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO

import psycopg
from psycopg import sql

from caselli.project.database import DATABASE_NAME, DATABASE_USER
from caselli.workers.database_owner import (
    ClusterError,
    Owner,
    choose_owner,
    database_environment,
    refuse_unless_enterable,
    take_over,
)
from caselli.workers.kinship import dying_with_us

LEAST_MAJOR = 15
SUPERUSER = "postgres"
PROGRAMS = Path("/usr/lib/postgresql")
PORT = 5432  # names the socket file only; no TCP port is opened
STOP_LIMIT = 30.0

ACCESS = """\
# Written by Caselli at every start: the socket only, and only the users named in pg_ident.conf.
local all all peer map=caselli
local replication all peer map=caselli
"""


def available_programs() -> dict[int, Path]:
    """Folders with PostgreSQL's programs by major version: the distribution's, else what PATH finds."""
    found = {}
    for postgres in PROGRAMS.glob("*/bin/postgres"):
        major = postgres.parts[-3]
        if major.isdigit() and os.access(postgres, os.X_OK):
            found[int(major)] = postgres.parent
    if not found and (on_path := shutil.which("postgres")):
        told = subprocess.run([on_path, "--version"], check=False, capture_output=True, text=True).stdout
        if version := re.search(r"(\d+)", told):
            found[int(version[1])] = Path(on_path).resolve().parent
    return found


def choose_programs(data: Path, available: Mapping[int, Path]) -> Path:
    """The cluster's own major version if there is a cluster, else the newest. Raises ClusterError."""
    try:
        major = int((data / "PG_VERSION").read_text())
    except FileNotFoundError:
        if not available or max(available) < LEAST_MAJOR:
            raise ClusterError(
                f"PostgreSQL {LEAST_MAJOR} or later is missing: run script/setup, or install the package postgresql"
            ) from None
        return available[max(available)]
    if major not in available:
        raise ClusterError(
            f"the database in {data} was made by PostgreSQL {major}, whose programs are not on this system any more. "
            f"Install the package postgresql-{major} again (or copy the folder to a system that has it); "
            f"installed here: {', '.join(map(str, sorted(available))) or 'none'}"
        )
    return available[major]


def explain(lines: Iterable[str], data: Path) -> str:
    """What PostgreSQL said when it gave up, in words that help. The rest is quoted as it is."""
    text = "\n".join(lines)
    known = (
        ("No space left on device", f"the disk that holds {data} is full: free some space, then start again"),
        ("Disk quota exceeded", f"the disk quota for {data} is used up: free some space, then start again"),
        ("Cannot allocate memory", "there is not enough memory for the database: free some, then start again"),
        ("Read-only file system", f"the file system that holds {data} cannot be written to"),
        ("Permission denied", f"the database's user may not use {data} or something in it: see who owns it"),
        ("Operation not permitted", f"the database's user may not use {data} or something in it: see who owns it"),
    )
    reason = next((words for mark, words in known if mark in text), "the database could not be started")
    said = "\n".join(f"    {line}" for line in text.strip().splitlines()[-6:])
    return f"{reason}. PostgreSQL said:\n{said}" if said else reason


def leftovers_in_the_way(lines: Iterable[str]) -> bool:
    """Whether it gave up because processes of a killed server still hold its memory; they end within moments."""
    return any("pre-existing shared memory block" in line for line in lines)


class Cluster:
    """One PostgreSQL data folder and the server that runs on it.

    ``data`` and ``sockets`` are made when missing. ``settings`` go to the server as ``-c name=value``. The calls
    are ``prepare``, ``launch``, ``is_ready`` until it says yes, ``furnish``; or ``start``, which is all of them.
    The server gets SIGINT when the thread that launched it ends.
    """

    def __init__(self, data: Path, sockets: Path, settings: Mapping[str, str] | None = None) -> None:
        self.data = data
        self.sockets = sockets
        self.settings = dict(settings or {})
        self.process: subprocess.Popen[bytes] | None = None
        self.owner = Owner("", 0, 0, other=False)
        self.programs = Path()
        self._binary: tuple[int, int, int] | None = None

    def prepare(self) -> None:
        """Make what is missing, and end a server that a killed supervisor left. Raises ClusterError."""
        self.programs = choose_programs(self.data, available_programs())
        self.owner = choose_owner(self.data)
        try:
            self._make_folders()
            self._end_leftover()
            if not (self.data / "PG_VERSION").exists():
                self._initialize()
            self._write(self.data / "pg_hba.conf", ACCESS)
            self._write(self.data / "pg_ident.conf", self._identities())
        except OSError as error:
            raise ClusterError(explain([str(error)], self.data)) from error

    def launch(self, output: int | IO[bytes]) -> "subprocess.Popen[bytes]":
        """Start the server; what it says goes to ``output``."""
        postgres = self.programs / "postgres"
        self._binary = _identity(postgres)
        self.process = subprocess.Popen(
            dying_with_us([str(postgres), "-D", str(self.data), *self._arguments()], signal.SIGINT),
            stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            cwd="/", env=database_environment(), umask=0o077, start_new_session=True,
            user=self.owner.user, group=self.owner.group, extra_groups=self.owner.groups,
        )  # fmt: skip
        return self.process

    def is_ready(self) -> bool:
        """Whether the launched server takes connections: line 8 of postmaster.pid, which is what pg_ctl looks at."""
        lines = self._postmaster_file()
        return (
            self.process is not None
            and len(lines) > 7
            and lines[0].strip() == str(self.process.pid)
            and lines[7].strip() == "ready"
        )

    def furnish(self) -> None:
        """Make Caselli's own user and database if they are missing."""
        user, name = sql.Identifier(DATABASE_USER), sql.Identifier(DATABASE_NAME)
        try:
            with self.connect() as database:
                if not database.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [DATABASE_USER]).fetchone():
                    database.execute(sql.SQL("CREATE ROLE {} LOGIN REPLICATION").format(user))
                if not database.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE_NAME]).fetchone():
                    database.execute(
                        sql.SQL("CREATE DATABASE {} OWNER {} ENCODING 'UTF8' TEMPLATE template0").format(name, user)
                    )
        except psycopg.Error as error:
            raise ClusterError(explain(str(error).splitlines(), self.data)) from error

    def connect(self) -> "psycopg.Connection[tuple[object, ...]]":
        """As the database's superuser, outside of Caselli's own database."""
        return psycopg.connect(host=str(self.sockets), port=PORT, user=SUPERUSER, dbname="postgres", autocommit=True)

    def start(self, log: Path, limit: float = 60.0) -> None:
        """All steps at once, for those who have nothing else to do meanwhile. Raises ClusterError."""
        self.prepare()
        with log.open("ab") as output:
            process = self.launch(output)
        deadline = time.monotonic() + limit
        while not self.is_ready():
            if process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise ClusterError(explain(log.read_text(errors="replace").splitlines()[-20:], self.data))
            time.sleep(0.01)
        self.furnish()

    def stop(self, limit: float = STOP_LIMIT) -> None:
        """Stop the server we launched: fast and clean, or at once if it does not obey (its log brings all back)."""
        if self.process is not None:
            _end(self.process.pid, limit)
            self.process.wait()
            self.process = None

    def leave_no_trace(self) -> None:
        """Once it has stopped: remove the socket's folder where it had to lie outside of the home."""
        if self.data.parent not in self.sockets.parents:
            with suppress(OSError):
                self.sockets.rmdir()

    def was_upgraded(self, settled: float = 30.0) -> bool:
        """Whether another program lies in the place of the one that runs, since ``settled`` seconds at least."""
        try:
            found = (self.programs / "postgres").stat()
        except FileNotFoundError:
            return False
        return _identity(self.programs / "postgres") != self._binary and time.time() - found.st_ctime >= settled

    def _arguments(self) -> list[str]:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "unix_socket_permissions": "0700",
            "port": str(PORT),
            "dynamic_shared_memory_type": "mmap",  # a container's /dev/shm of 64 MB is too small for parallel queries
            "logging_collector": "off",
            "log_destination": "stderr",
            "log_line_prefix": "",
            "log_checkpoints": "off",
            "lc_messages": "C",
        } | self.settings
        return [argument for name, value in settings.items() for argument in ("-c", f"{name}={value}")]

    def _make_folders(self) -> None:
        with suppress(FileExistsError):
            self.data.parent.mkdir(parents=True)
            self.data.parent.chmod(0o711 if self.owner.other else 0o700)
        if self.owner.other:
            refuse_unless_enterable(self.data.parent, self.owner)
        with suppress(FileExistsError):
            self.sockets.mkdir(mode=0o700)
            self._give(self.sockets)
        found = self.sockets.lstat()
        if self.sockets.is_symlink() or found.st_uid not in {self.owner.uid, os.geteuid()}:
            raise ClusterError(f"{self.sockets} belongs to somebody else: remove it, then start again")
        self._give(self.sockets)
        self.sockets.chmod(0o700)
        if self.data.exists():
            take_over(self.data, self.owner)
            self.data.chmod(0o700)

    def _give(self, path: Path) -> None:
        if self.owner.other:
            os.chown(path, self.owner.uid, self.owner.gid, follow_symlinks=False)

    def _initialize(self) -> None:
        """Make the cluster beside its place and move it there when it is whole: a killed start leaves no half."""
        making = self.data.with_name(f"{self.data.name}.new")
        if making.exists():
            shutil.rmtree(making)
        making.mkdir(mode=0o700)
        self._give(making)
        # The C collation needs no reindexing when the C library is upgraded; without --encoding it is SQL_ASCII.
        told = self.owner.run([
            str(self.programs / "initdb"), "-D", str(making), f"--username={SUPERUSER}",
            "--encoding=UTF8", "--lc-collate=C", "--lc-ctype=C.UTF-8", "--data-checksums",
            "--auth-local=peer", "--auth-host=reject", "--no-instructions",
            *(["--no-sync"] if self.settings.get("fsync") == "off" else []),
        ])  # fmt: skip
        if told.returncode:
            shutil.rmtree(making, ignore_errors=True)
            raise ClusterError(explain(told.stderr.splitlines() or told.stdout.splitlines(), self.data))
        with suppress(FileNotFoundError):
            self.data.rmdir()
        making.rename(self.data)

    def _identities(self) -> str:
        names = dict.fromkeys([self.owner.name, pwd.getpwuid(os.geteuid()).pw_name, "root"])
        lines = [f'caselli "{name}" {role}' for name in names for role in (DATABASE_USER, SUPERUSER)]
        return (
            "# Written by Caselli at every start: who of the system may be whom in the database.\n"
            + "\n".join(lines)
            + "\n"
        )

    def _write(self, path: Path, text: str) -> None:
        """Never through a link: the folder belongs to the database's user, and we may be root."""
        with suppress(FileNotFoundError):
            if not path.is_symlink() and path.read_text() == text:
                return
        path.unlink(missing_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with open(handle, "w", encoding="utf-8") as file:  # noqa: PTH123 - it is a descriptor
            file.write(text)
        self._give(path)

    def _postmaster_file(self) -> list[str]:
        try:
            return (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    def _end_leftover(self) -> None:
        """End a server that outlived its supervisor; remove lock files whose number now belongs to a stranger.

        In a container numbers repeat from start to start, and PostgreSQL would take the stranger for another server.
        """
        lines = self._postmaster_file()
        if lines and lines[0].strip().isdigit():
            pid = int(lines[0])
            if _works_in(pid, self.data):
                _end(pid, STOP_LIMIT)
            else:
                (self.data / "postmaster.pid").unlink(missing_ok=True)
        for left in self.sockets.glob(".s.PGSQL.*"):
            left.unlink(missing_ok=True)


def _identity(program: Path) -> tuple[int, int, int]:
    found = program.stat()
    return found.st_dev, found.st_ino, found.st_mtime_ns


def _works_in(pid: int, data: Path) -> bool:
    """Whether the process is a PostgreSQL server on this folder: it changes into its data folder at its start."""
    try:
        return Path(f"/proc/{pid}/cwd").samefile(data) and Path(f"/proc/{pid}/comm").read_text().strip().startswith(
            "postgres"
        )
    except OSError:
        return False


def _end(pid: int, limit: float) -> None:
    """SIGINT (fast shutdown), then SIGQUIT (at once), then SIGKILL; returns when the process is gone."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        gone = select.poll()
        gone.register(handle, select.POLLIN)
        for wish, patience in ((signal.SIGINT, limit), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
            signal.pidfd_send_signal(handle, wish)
            if gone.poll(patience * 1000):
                return
    except ProcessLookupError:
        return
    finally:
        os.close(handle)
