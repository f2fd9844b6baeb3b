"""The private database: made once and whole, open to nobody else, back after anything, clear about what is wrong."""

import os
import pwd
import select
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from caselli.workers.database_owner import ClusterError, Owner, choose_owner, refuse_unless_enterable
from caselli.workers.postgresql import Cluster, available_programs, choose_programs, explain, leftovers_in_the_way

QUICK = {"fsync": "off"}
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the database as another user")


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="caselli-database-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


@pytest.fixture
def database(home: Path) -> Iterator[Cluster]:
    """A server on a cluster that the tests of this file share."""
    one = Cluster(home / "postgresql", home / "run", QUICK)
    one.start(home / "log")
    yield one
    one.stop()


def ask(database: Cluster, question: str) -> object:
    with psycopg.connect(host=str(database.sockets), user="caselli", dbname="caselli") as connection:
        row = connection.execute(question).fetchone()
    assert row
    return row[0]


def test_it_speaks_utf8_and_sorts_by_bytes(database: Cluster):
    kinds = "pg_encoding_to_char(encoding) || ' ' || datcollate || ' ' || datctype"
    assert ask(database, f"SELECT {kinds} FROM pg_database WHERE datname = 'caselli'") == "UTF8 C C.UTF-8"
    assert ask(database, "SELECT upper('grün')") == "GRÜN"


def test_caselli_is_not_the_databases_superuser(database: Cluster):
    assert ask(database, "SELECT usesuper FROM pg_user WHERE usename = current_user") is False


def test_it_listens_on_no_port_and_its_socket_is_closed_to_others(database: Cluster):
    assert ask(database, "SHOW listen_addresses") == ""
    assert (database.sockets / ".s.PGSQL.5432").stat().st_mode & 0o777 == 0o700
    assert database.sockets.stat().st_mode & 0o777 == 0o700
    assert database.data.stat().st_mode & 0o777 == 0o700


def test_it_needs_nothing_of_a_small_dev_shm(database: Cluster):
    assert ask(database, "SHOW dynamic_shared_memory_type") == "mmap"


def test_pages_have_checksums(database: Cluster):
    assert ask(database, "SHOW data_checksums") == "on"


@as_root
def test_started_by_root_it_runs_as_a_user_of_its_own(database: Cluster):
    assert database.process
    uid = Path(f"/proc/{database.process.pid}").stat().st_uid
    assert pwd.getpwuid(uid).pw_name == "caselli"
    assert database.data.stat().st_uid == uid


@as_root
def test_another_user_of_the_system_gets_no_connection(database: Cluster):
    nobody = pwd.getpwnam("nobody")
    with pytest.raises(subprocess.CalledProcessError):
        subprocess.run(
            [database.programs / "psql", "-h", database.sockets, "-U", "caselli", "-c", "SELECT 1", "caselli"],
            check=True, capture_output=True, user=nobody.pw_uid, group=nobody.pw_gid, extra_groups=[],
        )  # fmt: skip


def test_what_was_written_is_there_after_the_next_start(database: Cluster, home: Path):
    with psycopg.connect(host=str(database.sockets), user="caselli", dbname="caselli") as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept AS SELECT 7 AS number")
    database.stop()
    database.start(home / "log")
    assert ask(database, "SELECT number FROM kept") == 7


def test_a_server_that_outlived_its_supervisor_is_ended_and_replaced(database: Cluster, home: Path):
    """A second start stands for the next supervisor: it finds the first one's server at work."""
    assert database.process
    old = database.process
    database.process = None
    database.start(home / "log")
    assert old.wait() == 0  # asked to stop, and stopped cleanly
    assert ask(database, "SELECT 1") == 1


def test_a_killed_server_is_started_again(database: Cluster, home: Path):
    assert database.process
    database.process.kill()
    database.process.wait()
    database.start(home / "log")
    assert ask(database, "SELECT 1") == 1


def test_a_lock_file_whose_number_belongs_to_a_stranger_is_no_obstacle(database: Cluster, home: Path):
    """As in a container, where the numbers of processes repeat from start to start."""
    database.stop()
    stranger = str(os.getpid())
    (database.data / "postmaster.pid").write_text(f"{stranger}\n{database.data}\n")
    (database.sockets / ".s.PGSQL.5432.lock").write_text(f"{stranger}\n{database.data}\n")
    database.start(home / "log")
    assert ask(database, "SELECT 1") == 1


def test_the_server_dies_with_who_launched_it(home: Path, database: Cluster):
    database.stop()
    launch = (
        "import os, signal, sys; from pathlib import Path; from caselli.workers.postgresql import Cluster\n"
        "one = Cluster(Path(sys.argv[1]), Path(sys.argv[2])); one.start(Path(sys.argv[3]))\n"
        "print(one.process.pid, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    told = subprocess.run(
        [sys.executable, "-c", launch, database.data, database.sockets, home / "log"],
        check=False, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert told.returncode == -signal.SIGKILL
    try:
        handle = os.pidfd_open(int(told.stdout))
    except ProcessLookupError:
        return
    assert select.select([handle], [], [], 20)[0]
    os.close(handle)


def test_a_start_that_was_killed_while_making_it_leaves_nothing_half_made():
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)
        half = Path(folder) / "postgresql.new"
        half.mkdir()
        (half / "PG_VERSION").write_text("15\n")
        one = Cluster(Path(folder) / "postgresql", Path(folder) / "run", QUICK)
        one.start(Path(folder) / "log")
        assert ask(one, "SELECT 1") == 1
        one.stop()
        assert not half.exists()


def test_an_upgraded_program_is_noticed(database: Cluster, tmp_path: Path):
    assert not database.was_upgraded()
    shutil.copy(database.programs / "postgres", tmp_path / "postgres")
    database.programs = tmp_path
    assert not database.was_upgraded()  # the package may still be at work
    assert database.was_upgraded(settled=0.0)


def test_a_folder_of_another_major_version_says_which_package_is_missing(tmp_path: Path):
    (tmp_path / "PG_VERSION").write_text("14\n")
    with pytest.raises(ClusterError, match=r"Install the package postgresql-14 again .* installed here: 15, 17"):
        choose_programs(tmp_path, {15: Path("/a"), 17: Path("/b")})


def test_a_new_folder_takes_the_newest_programs(tmp_path: Path):
    assert choose_programs(tmp_path / "none", {15: Path("/a"), 17: Path("/b")}) == Path("/b")


def test_programs_that_are_too_old_are_as_good_as_none(tmp_path: Path):
    with pytest.raises(ClusterError, match="PostgreSQL 15 or later is missing: run script/setup"):
        choose_programs(tmp_path / "none", {13: Path("/a")})


def test_the_programs_of_the_distribution_are_found():
    assert max(available_programs()) >= 15


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("FATAL:  could not write to file: No space left on device", "is full: free some space"),
        ("FATAL:  could not map anonymous shared memory: Cannot allocate memory", "not enough memory"),
        ('FATAL:  could not open file "x": Permission denied', "may not use"),
        ("FATAL:  something new", "the database could not be started. PostgreSQL said:"),
    ],
)
def test_a_failure_is_told_in_words_and_quoted(said: str, words: str):
    told = explain(["LOG:  starting", said], Path("/somewhere"))
    assert words in told
    assert said in told


def test_leftovers_of_a_killed_server_are_told_from_other_failures():
    assert leftovers_in_the_way(["FATAL:  pre-existing shared memory block (key 1, ID 2) is still in use"])
    assert not leftovers_in_the_way(["FATAL:  could not write: No space left on device"])


@as_root
def test_a_home_that_the_databases_user_cannot_enter_is_named_with_the_remedy(tmp_path: Path):
    (tmp_path / "closed").mkdir(mode=0o700)
    (tmp_path / "closed/home").mkdir()
    for step in [tmp_path, *tmp_path.parents]:
        if step.stat().st_mode & 0o001 == 0:
            step.chmod(step.stat().st_mode | 0o011)
    nobody = pwd.getpwnam("nobody")
    owner = Owner("nobody", nobody.pw_uid, nobody.pw_gid, other=True)
    with pytest.raises(ClusterError, match=f"may not enter {tmp_path}/closed. Choose another CASELLI_HOME"):
        refuse_unless_enterable(tmp_path / "closed/home", owner)


@as_root
def test_a_cluster_of_an_ordinary_user_is_run_as_that_user(tmp_path: Path):
    nobody = pwd.getpwnam("nobody")
    os.chown(tmp_path, nobody.pw_uid, nobody.pw_gid)
    assert choose_owner(tmp_path).name == "nobody"


@as_root
def test_a_cluster_that_came_from_another_system_becomes_our_users(database: Cluster, home: Path):
    database.stop()
    stranger = 54_321
    for place in [database.data, *database.data.rglob("*")]:
        os.chown(place, stranger, stranger)
    database.start(home / "log")
    assert ask(database, "SELECT 1") == 1
    assert database.data.owner() == "caselli"


def test_a_socket_folder_of_somebody_else_is_refused(home: Path, tmp_path: Path):
    (tmp_path / "elsewhere").mkdir()
    (home / "link").symlink_to(tmp_path / "elsewhere")
    one = Cluster(home / "postgresql", home / "link", QUICK)
    with pytest.raises(ClusterError, match="belongs to somebody else"):
        one.prepare()
