"""One command starts all, starts again what dies, and stops all; whatever ends it, nothing of it is left."""

import os
import re
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

DEADLINE = 90.0
STAND_INS = Path(__file__).with_name("stand_in_roles.py")
START = """
import sys
from caselli.project.configuration import load
from caselli.workers.supervisor import Role, serve
prepare, *names = sys.argv[2:]
roles = [Role(name, stops=int(name == "machine"), grace=0.5 if name == "stubborn" else 10) for name in names]
sys.exit(serve(load(), roles, command=[sys.executable, sys.argv[1]], prepare=[prepare],
               announce=lambda: print("ALL READY", flush=True)))
"""


def eventually(what: Callable[[], object], say: str) -> None:
    """Until it is so; the interval is only how often one looks."""
    deadline = time.monotonic() + DEADLINE
    while not what():
        assert time.monotonic() < deadline, say
        select.select([], [], [], 0.02)


def is_alive(pid: int) -> bool:
    with suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


class Service:
    """`caselli serve` of a home, with stand-in roles."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.shown = home.parent / "shown"
        self.shown.mkdir(exist_ok=True)
        self.said = ""
        self.process: subprocess.Popen[str] | None = None

    def start(self, *names: str, prepare: str = "migrate", database: str = "") -> "Service":
        environment = os.environ | {
            "CASELLI_HOME": str(self.home),
            "CASELLI_DATABASE_URL": database,
            "SHOW": str(self.shown),
        }
        self.process = subprocess.Popen(
            [sys.executable, "-c", START, str(STAND_INS), prepare, *names],
            env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        return self

    def until(self, text: str) -> "Service":
        assert self.process
        assert self.process.stdout
        deadline = time.monotonic() + DEADLINE
        while text not in self.said:
            waited = select.select([self.process.stdout], [], [], deadline - time.monotonic())[0]
            assert waited, f"never said {text!r}:\n{self.said}"
            line = os.read(self.process.stdout.fileno(), 65536).decode()
            assert line, f"ended without saying {text!r}:\n{self.said}"
            self.said += line
        return self

    def numbers(self, name: str) -> list[int]:
        with suppress(FileNotFoundError):
            return [int(line) for line in (self.shown / name).read_text().split()]
        return []

    def database(self) -> int:
        return int((self.home / "postgresql/postmaster.pid").read_text().split()[0])

    def end(self, wish: signal.Signals = signal.SIGINT) -> int:
        assert self.process
        self.process.send_signal(wish)
        return self.ended()

    def ended(self) -> int:
        assert self.process
        with self.process:
            self.said += self.process.communicate(timeout=DEADLINE)[0]
        return self.process.returncode


@pytest.fixture
def home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="caselli-serve-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder) / "home"


@pytest.fixture
def service(home: Path) -> Iterator[Service]:
    service = Service(home)
    yield service
    if service.process and service.process.returncode is None:
        service.end(signal.SIGTERM)


def test_all_is_started_announced_and_stopped_and_nothing_is_left(service: Service):
    service.start("web", "dialer").until("ALL READY")
    everyone = [service.database(), *service.numbers("web"), *service.numbers("dialer")]
    assert len(everyone) == 3
    assert service.end() == 0
    assert [pid for pid in everyone if is_alive(pid)] == []
    assert not (service.home / "postgresql/postmaster.pid").exists()
    assert service.home.stat().st_mode & 0o777 == (0o711 if os.geteuid() == 0 else 0o700)
    assert "the tables are there" in service.said
    assert re.search(r"^web +web at work$", service.said, re.MULTILINE)
    assert "stopped" in (service.home / "logs/caselli.log").read_text()


def test_a_second_start_finds_the_database_and_is_quick(service: Service):
    service.start("web").until("ALL READY")
    service.end()
    began = time.monotonic()
    service.said = ""
    service.start("web").until("ALL READY")
    assert time.monotonic() - began < 5
    assert "making the database" not in service.said
    assert service.end() == 0


def test_the_tables_are_ready_before_any_role_starts(service: Service):
    service.start("web", prepare="migrate-badly")
    assert service.ended() == 1
    assert "the tables cannot be made" in service.said
    assert service.numbers("web") == []
    assert not (service.home / "postgresql/postmaster.pid").exists()


def test_what_dies_is_started_again(service: Service):
    service.start("web", "dialer").until("ALL READY")
    os.kill(service.numbers("dialer")[0], signal.SIGKILL)
    eventually(lambda: len(service.numbers("dialer")) == 2, "the dialer never came back")
    assert len(service.numbers("web")) == 1
    assert service.end() == 0
    assert "dialer was ended by SIGKILL; starting it again" in service.said


def test_a_killed_database_comes_back_by_itself(service: Service):
    service.start("web").until("ALL READY")
    old = service.database()
    os.kill(old, signal.SIGKILL)
    place = {"host": str(service.home / "run"), "dbname": "caselli", "user": "caselli"}

    def answers() -> bool:
        with suppress(psycopg.OperationalError), psycopg.connect(**place) as database:
            return bool(database.execute("SELECT 1").fetchone())
        return False

    eventually(lambda: answers() and service.database() != old, "the database never came back")
    assert service.end() == 0


def test_a_killed_supervisor_takes_all_along_and_the_next_start_recovers(service: Service):
    service.start("web", "parent").until("ALL READY")
    everyone = [service.database(), *service.numbers("web"), *service.numbers("parent")]
    service.end(signal.SIGKILL)
    eventually(lambda: not any(map(is_alive, everyone)), "something outlived the supervisor")
    for left in filter(is_alive, service.numbers("grandchild")):  # a role answers for its own children
        os.kill(left, signal.SIGKILL)
    service.said = ""
    service.start("web").until("ALL READY")
    assert service.end() == 0


def test_a_start_right_after_a_kill_waits_for_what_is_left(service: Service):
    service.start("web").until("ALL READY")
    database = service.database()
    assert service.process
    service.end(signal.SIGKILL)
    service.said = ""
    service.start("web").until("ALL READY")
    assert service.database() != database
    assert service.end() == 0


def test_the_children_of_a_role_end_with_it(service: Service):
    service.start("parent").until("ALL READY")
    assert service.end() == 0
    eventually(lambda: not is_alive(service.numbers("grandchild")[0]), "a grandchild is left")


def test_who_does_not_stop_is_ended(service: Service):
    service.start("stubborn").until("ALL READY")
    assert service.end() == 0
    assert "stubborn did not stop by itself" in service.said
    assert not is_alive(service.numbers("stubborn")[0])


def test_the_machine_outlives_the_dialer(service: Service):
    service.start("machine", "dialer").until("ALL READY")
    service.end()
    assert (service.shown / "ended").read_text().split() == ["dialer", "machine"]


def test_a_role_that_cannot_start_stops_the_start_and_its_words_are_passed_on(service: Service):
    service.start("web", "busy")
    assert service.ended() == 1
    assert "caselli: `caselli busy` ended with status 1 while starting: caselli: CASELLI_WEB" in service.said
    assert not any(map(is_alive, service.numbers("web")))


def test_a_home_has_one_supervisor(service: Service):
    service.start("web").until("ALL READY")
    assert service.process
    second = Service(service.home).start("web")
    assert second.ended() == 1
    assert f"already running with {service.home} (process {service.process.pid}, since" in second.said
    assert len(service.numbers("web")) == 1
    assert service.end() == 0


def test_control_c_in_a_terminal_reaches_the_supervisor_alone(service: Service):
    """The terminal signals the whole foreground group: the roles are not in it, so that they end in order."""
    service.start("machine", "dialer").until("ALL READY")
    assert service.process
    os.killpg(service.process.pid, signal.SIGINT)
    assert service.ended() == 0
    assert (service.shown / "ended").read_text().split() == ["dialer", "machine"]


def test_with_a_database_of_the_operator_none_is_started(service: Service):
    service.start("web", database="postgresql://somewhere/else").until("ALL READY")
    assert not (service.home / "postgresql").exists()
    assert service.end() == 0


def test_a_home_that_cannot_be_made_is_said_in_words(tmp_path: Path):
    (tmp_path / "file").write_text("")
    broken = Service.__new__(Service)
    broken.home, broken.shown, broken.said = tmp_path / "file/home", tmp_path, ""
    assert broken.start("web").ended() == 1
    assert "CASELLI_HOME must be a folder of your own" in broken.said


def test_a_home_too_deep_for_a_socket_works_as_well(service: Service):
    service.home = service.home.parent / ("d" * 90) / "home"
    before = set(Path("/tmp").glob("caselli-*"))
    service.start("web").until("ALL READY")
    sockets = [place for place in set(Path("/tmp").glob("caselli-*")) - before if (place / ".s.PGSQL.5432").exists()]
    assert service.end() == 0
    assert len(sockets) == 1
    assert not sockets[0].exists()
