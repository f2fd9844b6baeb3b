"""What a process gives up before it reads a stranger's file: its user, its files, its sockets, its right to more.

Each layer is used where the kernel has it; :class:`Protection` says which ones hold. Nothing can be written but what
was opened before, so no temporary folder is needed.
"""

import ctypes
import errno
import json
import math
import os
import resource
import signal
import struct
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Final

UNPRIVILEGED: Final = 65_533
"""A number no account has (Debian reserves it), so that not even other daemons' ``nobody`` can reach the process."""

READABLE: Final = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path("/etc/fonts"),
    Path("/usr/share/fontconfig"),
    Path("/var/cache/fontconfig"),
    Path("/usr/share/libthai"),
)
"""Fonts, how they are chosen, and where Thai words end: all that decoders look for beyond the file itself."""


@dataclass(frozen=True, slots=True)
class Confinement:
    """``memory_bytes``: address space on top of what the process has; ``output_bytes``: of any file it writes."""

    seconds: float
    memory_bytes: int
    output_bytes: int


@dataclass(frozen=True, slots=True)
class Protection:
    """What held when it was tried. ``own_user``: runs as another user than the server; ``landlock``: its ABI, or 0."""

    own_user: bool
    landlock: int
    seccomp: bool

    def to_json(self) -> bytes:
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_json(cls, text: bytes) -> "Protection":
        fields = json.loads(text)
        return cls(bool(fields["own_user"]), int(fields["landlock"]), bool(fields["seccomp"]))


class _Libc:
    """The few calls Python has no name for; each raises OSError."""

    _library = ctypes.CDLL(None, use_errno=True)

    @classmethod
    def _check(cls, outcome: int, what: str) -> int:
        if outcome < 0:
            number = ctypes.get_errno()
            raise OSError(number, f"{what}: {os.strerror(number)}")
        return outcome

    @classmethod
    def prctl(cls, option: int, value: int = 0, argument: int = 0) -> None:
        as_word = ctypes.c_ulong
        outcome = cls._library.prctl(option, as_word(value), as_word(argument), as_word(0), as_word(0))
        cls._check(outcome, f"prctl {option}")

    @classmethod
    def syscall(cls, number: int, *arguments: int | bytes | None) -> int:
        # A varargs call takes ints as 32 bits unless told otherwise.
        words = (ctypes.c_long(one) if isinstance(one, int) else one for one in arguments)
        return cls._check(cls._library.syscall(ctypes.c_long(number), *words), f"system call {number}")


_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 4, 22, 38
_SECCOMP_MODE_FILTER: Final = 2


def confine(limits: Confinement, parent: int) -> Protection:
    """Give up everything, in the order in which it can be given up; there is no way back.

    ``parent``: the process that this one must not outlive.
    """
    _set_limits(limits)
    own_user = _leave_root()
    # After the change of user, which clears it. A parent that died before this is noticed by its number.
    _Libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)
    _Libc.prctl(_PR_SET_DUMPABLE, 0)
    _Libc.prctl(_PR_SET_NO_NEW_PRIVS, 1)
    return Protection(own_user, _restrict_files(READABLE), _restrict_calls())


def _set_limits(limits: Confinement) -> None:
    with open("/proc/self/statm", "rb", buffering=0) as told:  # noqa: PTH123 - Path costs a new process 1 ms
        address_space = int(told.read(100).split()[0]) * resource.getpagesize()
    cpu_seconds = math.ceil(limits.seconds)
    for what, most in (
        (resource.RLIMIT_AS, address_space + limits.memory_bytes),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_FSIZE, limits.output_bytes),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(what)[1]
        bounded = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (bounded, bounded))


def _leave_root() -> bool:
    if os.geteuid() != 0:
        return False
    try:
        os.setgroups([])
        os.setresgid(UNPRIVILEGED, UNPRIVILEGED, UNPRIVILEGED)
        os.setresuid(UNPRIVILEGED, UNPRIVILEGED, UNPRIVILEGED)
    except OSError:
        # A container may map one user only; the other layers stand.
        return False
    return True


_LANDLOCK_CREATE_RULESET, _LANDLOCK_ADD_RULE, _LANDLOCK_RESTRICT_SELF = 444, 445, 446
_RULE_PATH_BENEATH: Final = 1
_READ_FILE, _READ_FOLDER = 1 << 2, 1 << 3
# Of each ABI (landlock(7)): how many rights on files it knows, and the size of the attributes it takes.
_FILE_RIGHTS: Final = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
_NET_RIGHTS_FROM, _SCOPES_FROM = 4, 6
_NET_RIGHTS, _SCOPES = 0b11, 0b11


def landlock_abi() -> int:
    """0 where the kernel has no landlock or it is off."""
    try:
        return _Libc.syscall(_LANDLOCK_CREATE_RULESET, None, 0, 1)
    except OSError:
        return 0


def _restrict_files(readable: Iterable[Path]) -> int:
    abi = landlock_abi()
    if not abi:
        return 0
    attributes = struct.pack("=Q", (1 << _FILE_RIGHTS.get(abi, _FILE_RIGHTS[5])) - 1)
    if abi >= _NET_RIGHTS_FROM:
        attributes += struct.pack("=Q", _NET_RIGHTS)
    if abi >= _SCOPES_FROM:
        attributes += struct.pack("=Q", _SCOPES)
    rules = _Libc.syscall(_LANDLOCK_CREATE_RULESET, attributes, len(attributes), 0)
    try:
        for folder in readable:
            _allow_reading(rules, folder)
        _Libc.syscall(_LANDLOCK_RESTRICT_SELF, rules, 0)
    finally:
        os.close(rules)
    return abi


def _allow_reading(rules: int, folder: Path) -> None:
    try:
        place = os.open(folder, os.O_PATH | os.O_CLOEXEC | os.O_DIRECTORY)
    except FileNotFoundError:
        return
    try:
        rule = struct.pack("=Qi", _READ_FILE | _READ_FOLDER, place)
        _Libc.syscall(_LANDLOCK_ADD_RULE, rules, _RULE_PATH_BENEATH, rule, 0)
    finally:
        os.close(place)


_ALLOWED: Final = (
    "read pread64 readv write pwrite64 writev lseek close fstat newfstatat stat lstat statx statfs fstatfs "
    "open openat access faccessat faccessat2 readlink readlinkat getdents64 getcwd fcntl dup dup2 dup3 ftruncate "
    "fadvise64 memfd_create mmap munmap mremap mprotect madvise brk "
    "futex sched_yield sched_getaffinity set_robust_list rseq membarrier exit exit_group "
    "rt_sigaction rt_sigprocmask rt_sigreturn sigaltstack restart_syscall "
    "clock_gettime clock_getres clock_nanosleep nanosleep gettimeofday time "
    "getpid gettid getppid getuid geteuid getgid getegid getrandom getrusage sysinfo uname poll ppoll "
)
_ACT_ALLOW: Final = 0x7FFF0000
_ACT_ERRNO: Final = 0x00050000
_COMPARE_MASKED_EQUAL: Final = 7
_OPTIMIZE, _BINARY_TREE = 8, 2
_CLONE_THREAD: Final = 0x10000


class _Comparison(ctypes.Structure):
    """``struct scmp_arg_cmp``."""

    _fields_ = (
        ("argument", ctypes.c_uint),
        ("operator", ctypes.c_int),
        ("mask", ctypes.c_uint64),
        ("value", ctypes.c_uint64),
    )


class _Program(ctypes.Structure):
    """``struct sock_fprog``."""

    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


@cache
def system_call_filter() -> bytes:
    """The BPF program, built once by libseccomp, which knows this machine's numbers; empty where it is missing.

    A list of what is allowed: everything else does not exist (ENOSYS makes C libraries fall back to older calls). No
    sockets, no processes; threads only, which Pango and our own pipeline start.
    """
    try:
        library = ctypes.CDLL("libseccomp.so.2")
    except OSError:
        return b""
    library.seccomp_init.restype = ctypes.c_void_p
    address = library.seccomp_init(ctypes.c_uint32(_ACT_ERRNO | errno.ENOSYS))
    if not address:
        return b""
    context = ctypes.c_void_p(address)
    allow = ctypes.c_uint32(_ACT_ALLOW)
    library.seccomp_attr_set(context, _OPTIMIZE, ctypes.c_uint32(_BINARY_TREE))
    for name in _ALLOWED.split():
        number = library.seccomp_syscall_resolve_name(name.encode())
        if number >= 0:
            library.seccomp_rule_add_array(context, allow, number, 0, None)
    thread = _Comparison(0, _COMPARE_MASKED_EQUAL, _CLONE_THREAD, _CLONE_THREAD)
    clone = library.seccomp_syscall_resolve_name(b"clone")
    library.seccomp_rule_add_array(context, allow, clone, 1, ctypes.byref(thread))
    program = os.memfd_create("filter")
    try:
        failed = library.seccomp_export_bpf(context, program)
        return b"" if failed else os.pread(program, 1 << 16, 0)
    finally:
        os.close(program)
        library.seccomp_release(context)


def _restrict_calls() -> bool:
    program = system_call_filter()
    if not program:
        return False
    held = _Program(len(program) // 8, program)
    try:
        _Libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.addressof(held))
    except OSError:
        # A kernel without seccomp, or a container that forbids it.
        return False
    return True
