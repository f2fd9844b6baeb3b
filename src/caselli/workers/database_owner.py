"""As which user of the system the database runs, and whether that user can get to its folder."""

import fcntl
import os
import pwd
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

SYSTEM_USER = "caselli"


class ClusterError(RuntimeError):
    """The database cannot be made or started; the text says why and what to do about it."""


@dataclass(frozen=True, slots=True)
class Owner:
    """The user of the system as whom the database runs; ``other`` when that is not ourselves."""

    name: str
    uid: int
    gid: int
    other: bool

    def run(self, command: list[str]) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            command, check=False, capture_output=True, text=True, errors="replace", cwd="/",
            env=database_environment(), user=self.user, group=self.group, extra_groups=self.groups,
        )  # fmt: skip

    @property
    def user(self) -> int | None:
        return self.uid if self.other else None

    @property
    def group(self) -> int | None:
        return self.gid if self.other else None

    @property
    def groups(self) -> list[int] | None:
        return [] if self.other else None


def database_environment() -> dict[str, str]:
    """Nothing of ours: PGDATA and its like would be believed by the programs, a strange locale changes their words."""
    return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def choose_owner(data: Path) -> Owner:
    """As whom the database runs: ourselves; or, for root, whoever owns the cluster, else a system user made for it."""
    if os.geteuid() != 0:
        try:
            entry = pwd.getpwuid(os.geteuid())
        except KeyError:
            raise ClusterError(
                f"the user number {os.geteuid()} has no name here, and PostgreSQL needs one: add it to /etc/passwd"
            ) from None
        if data.exists() and data.stat().st_uid != entry.pw_uid:
            raise ClusterError(
                f"{data} belongs to another user: start Caselli as that user or as root, or choose another CASELLI_HOME"
            )
        return Owner(entry.pw_name, entry.pw_uid, entry.pw_gid, other=False)
    if data.exists():
        with suppress(KeyError):  # no such user: the folder came from another system, and becomes our own user's
            return _owner(pwd.getpwuid(data.stat().st_uid or -1))
    return _owner(_system_user())


def take_over(folder: Path, owner: Owner) -> None:
    """All in the folder becomes the owner's, if the folder is not already; links are not followed."""
    if not owner.other or folder.stat().st_uid == owner.uid:
        return
    for place, folders, files in os.walk(folder):
        for name in [*folders, *files]:
            os.chown(Path(place) / name, owner.uid, owner.gid, follow_symlinks=False)
    os.chown(folder, owner.uid, owner.gid)  # last: a take-over that was interrupted begins anew


def _owner(entry: pwd.struct_passwd) -> Owner:
    return Owner(entry.pw_name, entry.pw_uid, entry.pw_gid, other=True)


def _system_user() -> pwd.struct_passwd:
    """Of several ``useradd`` at once each succeeds, and the last one's number stays: so one after the other."""
    etc = os.open("/etc", os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(etc, fcntl.LOCK_EX)
        with suppress(KeyError):
            return pwd.getpwnam(SYSTEM_USER)
        told = subprocess.run(
            ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent",
             "--shell", "/usr/sbin/nologin", "--comment", "Caselli's database", SYSTEM_USER],
            check=False, capture_output=True, text=True,
        )  # fmt: skip
        if told.returncode:
            raise ClusterError(
                f"the system user {SYSTEM_USER}, as whom the database runs, could not be made: {told.stderr.strip()}"
            )
        return pwd.getpwnam(SYSTEM_USER)
    finally:
        os.close(etc)


def refuse_unless_enterable(folder: Path, owner: Owner) -> None:
    """The database's user needs the way to its folder open (``x``); we do not open folders of others by ourselves."""
    if owner.run(["test", "-x", str(folder)]).returncode == 0:
        return
    for step in [*reversed(folder.parents), folder]:
        if owner.run(["test", "-x", str(step)]).returncode:
            raise ClusterError(
                f"started as root, the database runs as the user {owner.name}, who may not enter {step}. "
                "Choose another CASELLI_HOME (such as /var/lib/caselli), start Caselli as an ordinary user, "
                f"or: chmod o+x {step}"
            )
