"""One command, all processes: the database first, then the roles; what dies is started again; all is stopped in order.

Nothing outlives it. Ended by ``kill -9`` it takes its children along (:mod:`caselli.workers.kinship`), and the next
start finds everything in place.
"""

import asyncio
import fcntl
import os
import signal
import sys
import sysconfig
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from caselli.project.configuration import Configuration
from caselli.workers.child import Child, start_child
from caselli.workers.database_owner import ClusterError
from caselli.workers.journal import Journal, complain
from caselli.workers.postgresql import STOP_LIMIT, Cluster, explain, leftovers_in_the_way

READY_LIMIT = 120.0
LEFTOVERS_LIMIT = 20.0
FIRST_PAUSE = 0.2
SETTLED = 60.0  # a process that ran so long has done nothing wrong by ending: its next start does not wait
LONGEST_PAUSE = 30.0
LOOK_AT_PROGRAMS = 10.0
DATABASE = "postgresql"
OURS = "caselli"


@dataclass(frozen=True, slots=True)
class Role:
    """A process to keep alive: ``caselli <name>``. ``stops``: those with the lowest stop first, together.

    ``grace``: seconds it may take to end after SIGTERM.
    """

    name: str
    stops: int = 0
    grace: float = 10.0


# The answering machine hears the dialer's last words, so it stops after it.
ROLES = (Role("machine", stops=1), Role("dialer", grace=15.0), Role("web"), Role("mail"), Role("chores"))


class StartError(RuntimeError):
    """Caselli cannot start; the text says why and what to do."""


def caselli_command() -> tuple[str, ...]:
    return sys.executable, str(Path(sysconfig.get_path("scripts")) / "caselli")


def serve(
    configuration: Configuration,
    roles: Sequence[Role] = ROLES,
    *,
    command: Sequence[str] | None = None,
    prepare: Sequence[str] = ("migrate",),
    announce: Callable[[], None] = lambda: None,
) -> int:
    """Run everything until SIGINT, SIGTERM or SIGHUP; returns the exit status, having said on stderr what was wrong.

    The database first; then ``command + prepare``, which has to end with status 0. ``command + [role.name]`` is started
    for each role at once, to load its code and wait with :func:`~caselli.workers.ready.wait_for_go` for the tables.
    ``announce`` is called when all have told that they are ready (:func:`~caselli.workers.ready.tell_ready`); it must
    be quick and must not ask the database.
    """
    try:
        make_home(configuration.home)
        os.umask(0o077)
        with only_one(configuration):
            journal = Journal(
                configuration.home / "logs", max(len(name) for name in (DATABASE, *(r.name for r in roles)))
            )
            try:
                supervisor = Supervisor(configuration, roles, tuple(command or caselli_command()), journal)
                asyncio.run(supervisor.run(tuple(prepare), announce))
            finally:
                journal.close()
    except (StartError, ClusterError) as error:
        complain(str(error))
        return 1
    except KeyboardInterrupt:  # before there was anything to stop, or after all of it had
        return 130
    return 0


def make_home(home: Path) -> None:
    """The folder, entered by us alone, or, started by root, by the database's user as well: what is in it is closed."""
    try:
        if not home.exists():
            os.umask(0o022)  # whatever root's is: the database's user has to come through
            home.mkdir(parents=True)
            home.chmod(0o700)
        if home.stat().st_uid == os.geteuid() and _is_ours(home):
            home.chmod(0o711 if os.geteuid() == 0 else 0o700)
        (home / "run").mkdir(exist_ok=True)
    except OSError as error:
        raise StartError(
            f"{home} cannot be used ({error.strerror}): "
            "CASELLI_HOME must be a folder of your own, or one that can be made"
        ) from error


def _is_ours(home: Path) -> bool:
    found = {entry.name for entry in home.iterdir()} - {"lost+found"}
    return not found or "secret-key" in found or "postgresql" in found


class only_one:  # noqa: N801 - reads as a sentence: with only_one(configuration)
    """A home has one supervisor. The lock ends with the process that holds it, however that ends."""

    def __init__(self, configuration: Configuration) -> None:
        self._home = configuration.home
        self._web = configuration.web

    def __enter__(self) -> None:
        self._file = (self._home / "caselli.lock").open("a+")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.seek(0)
            told = self._file.read().strip()
            self._file.close()
            raise StartError(
                f"Caselli is already running with {self._home} ({told or 'it has just started'}). "
                "Stop that one first, or set CASELLI_HOME to another folder."
            ) from None
        self._file.truncate(0)
        started = datetime.now().astimezone().isoformat(sep=" ", timespec="seconds")
        self._file.write(f"process {os.getpid()}, since {started}, web at http://{self._web}\n")
        self._file.flush()

    def __exit__(self, *_: object) -> None:
        self._file.close()


class Supervisor:
    def __init__(
        self, configuration: Configuration, roles: Sequence[Role], command: tuple[str, ...], journal: Journal
    ) -> None:
        self._roles = roles
        self._command = command
        self._journal = journal
        self._environment = {**os.environ, "CASELLI_HOME": str(configuration.home), "PYTHONUNBUFFERED": "1"}
        self._cluster: Cluster | None = None
        if not configuration.database_url:
            self._cluster = Cluster(configuration.home / "postgresql", configuration.socket_folder)
        self._children: dict[str, Child] = {}
        self._ready = {role.name: asyncio.Event() for role in roles}
        self._prepared = asyncio.Event()
        self._stopping = asyncio.Event()
        self._hurry = asyncio.Event()
        self._started = False

    async def run(self, prepare: tuple[str, ...], announce: Callable[[], None]) -> None:
        """Returns when a signal wished it. Raises StartError or ClusterError. In each case all has ended."""
        loop = asyncio.get_running_loop()
        for wish in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(wish, self._wish_to_stop)
        work = asyncio.create_task(self._work(prepare, announce))
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait({work, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                work.result()
        finally:
            self._stopping.set()
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)
            await self._stop_all()
            self._say("stopped")

    def _wish_to_stop(self) -> None:
        if self._stopping.is_set():
            self._hurry.set()
        else:
            self._say("stopping (once more to stop at once)")
            self._stopping.set()

    async def _work(self, prepare: tuple[str, ...], announce: Callable[[], None]) -> None:
        try:
            async with asyncio.TaskGroup() as keepers:
                for role in self._roles:  # they load their code while the database starts
                    keepers.create_task(self._keep(role))
                if self._cluster:
                    await self._start_database(self._cluster)
                    keepers.create_task(self._keep_database(self._cluster))
                await self._run_once(prepare)
                self._prepared.set()
                for ready in self._ready.values():
                    await ready.wait()
                self._started = True
                announce()
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from None

    async def _start_database(self, cluster: Cluster) -> Child:
        """Raises ClusterError. What a killed server left behind needs a moment to notice that: then once more."""
        if not (cluster.data / "PG_VERSION").exists():
            self._say(f"making the database in {cluster.data}; this happens once")
        cluster.prepare()
        if cluster.owner.other:
            self._say(
                f"the database runs as the user {cluster.owner.name}, because it refuses to run as root", quiet=True
            )
        give_up = time.monotonic() + LEFTOVERS_LIMIT
        while True:
            child = self._launch_database(cluster)
            if await self._database_is_up(cluster, child):
                cluster.furnish()
                return child
            if not leftovers_in_the_way(child.last_lines) or time.monotonic() > give_up:
                raise ClusterError(explain(child.last_lines, cluster.data))
            await asyncio.sleep(0.25)

    def _launch_database(self, cluster: Cluster) -> Child:
        hearing, speaking = os.pipe()
        try:
            process = cluster.launch(speaking)
        finally:
            os.close(speaking)
        child = Child(
            DATABASE, process, hearing, self._journal, quiet=lambda line: line.startswith(("LOG:", "DETAIL:"))
        )
        self._children[DATABASE] = child
        return child

    async def _database_is_up(self, cluster: Cluster, child: Child) -> bool:
        tell = time.monotonic() + 3.0
        while not cluster.is_ready():
            if child.ended.done():
                return False
            if time.monotonic() > tell:
                self._say("the database is putting itself in order after an unclean end; this can take a while")
                tell += 60.0
            await asyncio.sleep(0.02)
        return True

    async def _keep_database(self, cluster: Cluster) -> None:
        pause = FIRST_PAUSE
        while True:
            child = self._children[DATABASE]
            done, _ = await asyncio.wait({child.ended}, timeout=LOOK_AT_PROGRAMS)
            if done:
                self._say(f"the database {child.describe_end()}; starting it again")
            elif cluster.was_upgraded():
                self._say("PostgreSQL's programs were upgraded; starting the database again with the new ones")
                await child.stop((signal.SIGINT, STOP_LIMIT), (signal.SIGQUIT, 5.0))
            else:
                pause = FIRST_PAUSE
                continue
            try:
                await self._start_database(cluster)
            except ClusterError as error:
                self._say(f"{error}\nOnce more in {pause:g} s.")
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)

    async def _run_once(self, arguments: tuple[str, ...]) -> None:
        child = self._start_child(arguments[0], arguments)
        if await child.wait():
            raise StartError(f"`caselli {' '.join(arguments)}` {child.describe_end()}: {_last(child)}")

    async def _keep(self, role: Role) -> None:
        pause = FIRST_PAUSE
        while True:
            began = time.monotonic()
            child = self._start_child(role.name, (role.name,), go=self._prepared.is_set())
            if await self._is_up(child):
                self._ready[role.name].set()
            await child.wait()
            if not self._started:
                raise StartError(f"`caselli {role.name}` {child.describe_end()} while starting: {_last(child)}")
            if time.monotonic() - began > SETTLED:
                pause = FIRST_PAUSE
            self._say(f"{role.name} {child.describe_end()}; starting it again in {pause:g} s")
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _is_up(self, child: Child) -> bool:
        if await _first(self._prepared, child):
            child.go()
        if not await _first(child.ready, child, READY_LIMIT) and not child.ended.done():
            self._say(f"{child.name} is not ready after {READY_LIMIT:g} s: ending it")
            child.send(signal.SIGKILL)
        return child.ready.is_set()

    def _start_child(self, name: str, arguments: tuple[str, ...], *, go: bool = True) -> Child:
        child = start_child(name, [*self._command, *arguments], self._environment, self._journal, go=go)
        self._children[name] = child
        return child

    async def _stop_all(self) -> None:
        """The doors and the dialer first, then who listens to them, the database last."""
        grace = {role.name: role for role in self._roles}
        for stage in sorted({role.stops for role in self._roles}):
            names = [n for n in self._children if n != DATABASE and (grace[n].stops if n in grace else 0) == stage]
            await asyncio.gather(*(
                self._stop(self._children[name], (signal.SIGTERM, grace[name].grace if name in grace else 5.0))
                for name in names
            ))  # fmt: skip
        if DATABASE in self._children:
            await self._stop(self._children[DATABASE], (signal.SIGINT, STOP_LIMIT), (signal.SIGQUIT, 5.0))
        if self._cluster:
            self._cluster.leave_no_trace()

    async def _stop(self, child: Child, *wishes: tuple[signal.Signals, float]) -> None:
        if child.ended.done():
            return
        stop = asyncio.create_task(child.stop(*wishes))
        hurry = asyncio.create_task(self._hurry.wait())
        await asyncio.wait({stop, hurry}, return_when=asyncio.FIRST_COMPLETED)
        hurry.cancel()
        if not stop.done():
            child.send(signal.SIGKILL)
        if not await stop:
            self._say(f"{child.name} did not stop by itself and was ended")

    def _say(self, text: str, *, quiet: bool = False) -> None:
        for line in text.splitlines():
            self._journal.say(OURS, line, quiet=quiet)


async def _first(event: asyncio.Event, child: Child, limit: float | None = None) -> bool:
    """Wait for the event; False when the child ended before, or the time was over."""
    waiter: asyncio.Future[Any] = asyncio.ensure_future(event.wait())
    await asyncio.wait({waiter, child.ended}, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
    waiter.cancel()
    return event.is_set()


def _last(child: Child) -> str:
    return child.last_lines[-1] if child.last_lines else "it said nothing"
