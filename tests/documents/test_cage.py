"""Whoever takes over a reader gains nothing: no file, no network, no process, no more than its share of the machine."""

import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from caselli.documents.cage import PAGES, Answer, Cage, ConverterLost, cage_report
from caselli.documents.jobs import End, Ending, Job, Objection, Outcome

ROGUE = Path(__file__).with_name("rogue.py")
DEADLINE = 60.0


@pytest.fixture(scope="module")
def cage() -> Iterator[Cage]:
    one = Cage(str(ROGUE))
    yield one
    one.close()


def ask(cage: Cage, work: str, seconds: float = 20.0, megabytes: int = 100) -> Answer:
    source = os.memfd_create("source")
    try:
        os.write(source, b"a document")
        return cage.run(Job(work, 1, seconds, megabytes << 20, 5 << 20), source)
    finally:
        os.close(source)


def told(answer: Answer) -> dict[str, object]:
    return json.loads(Outcome.from_json(answer.outcome).detail)


def wait_until_gone(process: int) -> None:
    """Ended; whether somebody has asked for its status does not matter."""
    try:
        handle = os.pidfd_open(process)
    except ProcessLookupError:
        return
    try:
        assert select.select([handle], [], [], DEADLINE)[0], f"process {process} still runs"
    finally:
        os.close(handle)


def test_an_honest_reader_hands_over_what_it_made(cage):
    answer = ask(cage, "fine")
    assert answer.ending == Ending(End.EXIT, 0)
    assert answer.result == b"a document"


def test_memory_ends_at_its_limit(cage):
    outcome = Outcome.from_json(ask(cage, "memory").outcome)
    assert (outcome.objection, outcome.detail) == (Objection.TOO_COMPLEX, "memory")


def test_the_processor_ends_at_its_time(cage):
    began = time.monotonic()
    assert ask(cage, "processor", seconds=0.5).ending.end is End.TIME
    assert time.monotonic() - began < 5


def test_waiting_for_ever_ends_at_its_time(cage):
    assert ask(cage, "sleep", seconds=0.3).ending.end is End.TIME


def test_output_ends_at_its_size(cage):
    answer = ask(cage, "output")
    assert answer.ending == Ending(End.SIGNAL, signal.SIGXFSZ)
    assert len(answer.result) <= 5 << 20


def test_a_crash_costs_one_document(cage):
    assert ask(cage, "crash").ending == Ending(End.SIGNAL, signal.SIGSEGV)
    assert ask(cage, "fine").ending == Ending(End.EXIT, 0)


def test_a_lie_about_the_outcome_is_noticed(cage):
    with pytest.raises(ValueError, match="not an outcome"):
        Outcome.from_json(ask(cage, "nonsense").outcome)


def test_there_is_no_network_and_no_other_process(cage):
    if not cage.protection().seccomp:
        pytest.skip("this kernel has no system call filter")
    refused = {name: outcome for name, outcome in told(ask(cage, "escape")).items() if outcome == "done"}
    assert refused == {}


def test_there_are_no_files_but_fonts_and_no_environment(cage):
    seen = told(ask(cage, "snoop"))
    protection = cage.protection()
    assert set(seen["environment"]) <= {"PATH", "LANG", "LC_CTYPE", "PYTHONPATH", "OPENBLAS_NUM_THREADS"}
    # The standard three, all of them nothing; the result, the outcome, the file and the sign of life.
    assert seen["descriptors"] == list(range(7))
    if os.geteuid() == 0:
        assert seen["user"] not in {0, 65534}
        assert seen["shadow"] == "PermissionError"
        assert seen["parents_environment"] == "PermissionError"
    if protection.landlock:
        names = "shadow passwd own_code parents_environment own_environment_file folder write_tmp write_shm"
        assert {seen[name] for name in names.split()} <= {"PermissionError", "FileNotFoundError"}
    assert not Path("/tmp/caselli-rogue").exists()


def test_the_parent_survives_being_attacked_by_its_child(cage):
    before = cage._running
    ask(cage, "kill_parent")
    assert ask(cage, "fine").result == b"a document"
    if cage.protection().seccomp or os.geteuid() == 0:
        assert cage._running is before


def test_a_converter_that_died_is_started_again(cage):
    ask(cage, "fine")
    first = cage._running.process
    first.kill()
    first.wait()
    assert ask(cage, "fine").result == b"a document"
    assert cage._running.process.pid != first.pid


def test_a_converter_that_dies_at_work_is_started_again_and_the_work_with_it(cage):
    ask(cage, "fine")
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(ask, cage, "sleep", 1.5)
        child = first_child(cage._running.process.pid)
        cage._running.process.kill()
        wait_until_gone(child)
        assert waiting.result(DEADLINE).ending.end is End.TIME


def first_child(process: int) -> int:
    children = Path(f"/proc/{process}/task/{process}/children")
    deadline = time.monotonic() + DEADLINE
    while not (found := children.read_text(encoding="ascii").split()):
        assert time.monotonic() < deadline
        threading.Event().wait(0.005)
    return int(found[0])


def test_many_threads_share_one_converter():
    own = Cage(str(ROGUE))
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: ask(own, "fine"), range(36)))
    assert {answer.result for answer in answers} == {b"a document"}
    process = own._running.process.pid
    own.close()
    wait_until_gone(process)


def test_a_converter_that_cannot_start_is_our_trouble(capfd):
    with pytest.raises(ConverterLost):
        ask(Cage("-c", "raise SystemExit(3)"), "fine")


ONE_FAX = """
import os, signal, sys
from caselli.documents.cage import PAGES
from caselli.documents.convert import Limits, SourceFile, convert
def fax():
    assert convert([SourceFile("a", PICTURE)], Limits()).pages
    return PAGES._running.process.pid
import io
from PIL import Image
file = io.BytesIO()
Image.new("L", (99, 99)).save(file, "PNG")
PICTURE = file.getvalue()
"""


def run(script: str, before: str = "", **options: object) -> list[int]:
    done = subprocess.run(
        [sys.executable, "-c", before + ONE_FAX + script],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
        **options,
    )
    assert not done.stderr, done.stderr
    return [int(number) for number in done.stdout.split()]


def test_the_converter_ends_with_the_server():
    (converter,) = run("print(fax())")
    wait_until_gone(converter)


def test_the_converter_ends_when_the_server_is_killed():
    (converter,) = run("print(fax(), flush=True); os.kill(os.getpid(), signal.SIGKILL)")
    wait_until_gone(converter)


def test_a_forked_server_has_a_converter_of_its_own():
    mine, childs = run(
        """
mine = fax()
print(mine, flush=True)
child = os.fork()
if child == 0:
    print(fax(), flush=True)
    sys.exit()
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
assert fax() == mine
"""
    )
    assert mine != childs
    wait_until_gone(mine)
    wait_until_gone(childs)


def test_an_ordinary_user_has_a_cage_too():
    if os.geteuid() != 0:
        pytest.skip("all other tests show it")
    try:
        run("", user=65534, group=65534, extra_groups=[])
    except (PermissionError, AssertionError):
        pytest.skip("an ordinary user cannot enter this folder")
    run("print(fax())", user=65534, group=65534, extra_groups=[])


def test_the_operator_is_told_which_layers_hold():
    report = cage_report()
    assert report.protection == PAGES.protection()
    assert bool(report.missing) == (not report.protection.landlock or not report.protection.seccomp)


OLD_KERNEL = """
import ctypes
seccomp = ctypes.CDLL("libseccomp.so.2")
seccomp.seccomp_init.restype = ctypes.c_void_p
class Comparison(ctypes.Structure):
    _fields_ = [("arg", ctypes.c_uint), ("op", ctypes.c_int), ("a", ctypes.c_uint64), ("b", ctypes.c_uint64)]
rules = ctypes.c_void_p(seccomp.seccomp_init(ctypes.c_uint32(0x7FFF0000)))
no_such_call, invalid, equal, set_seccomp = 0x00050000 | 38, 0x00050000 | 22, 4, Comparison(0, 4, 22, 0)
assert seccomp.seccomp_rule_add_array(rules, ctypes.c_uint32(no_such_call), 444, 0, None) == 0
prctl = seccomp.seccomp_syscall_resolve_name(b"prctl")
assert seccomp.seccomp_rule_add_array(rules, ctypes.c_uint32(invalid), prctl, 1, ctypes.byref(set_seccomp)) == 0
assert seccomp.seccomp_load(rules) == 0
"""


def test_on_a_kernel_without_landlock_and_seccomp_the_limits_hold_and_it_is_said():
    script = """
from caselli.documents.cage import cage_report
report = cage_report()
print(fax(), report.protection.landlock, int(report.protection.seccomp), len(report.missing))
"""
    _, landlock, seccomp, missing = run(script, before=OLD_KERNEL)
    assert (landlock, seccomp, missing) == (0, 0, 2)
