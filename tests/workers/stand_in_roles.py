"""Stands in for `caselli <role>` in the supervisor's tests: real processes that behave well or badly, by name.

With SHOW set to a folder, each start of a role adds a line with its number to <folder>/<role>.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path

from caselli.workers.ready import tell_ready, wait_for_go


def show(name: str, text: object) -> None:
    with (Path(os.environ["SHOW"]) / name).open("a") as file:
        file.write(f"{text}\n")


def wait_for_the_end() -> None:
    signal.sigwait({signal.SIGTERM})


name = sys.argv[1]
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
wait_for_go()
match name:
    case "migrate":
        print("the tables are there")
    case "migrate-badly":
        sys.exit("caselli: the tables cannot be made")
    case "busy":
        sys.exit("caselli: CASELLI_WEB: cannot listen on 127.0.0.1:8470 (address already in use)")
    case "stubborn":
        show(name, os.getpid())
        tell_ready()
        while True:
            signal.sigwait({signal.SIGTERM})
    case "parent":
        grandchild = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
        show(name, os.getpid())
        show("grandchild", grandchild.pid)
        tell_ready()
        wait_for_the_end()
    case _:
        print(f"{name} at work")
        show(name, os.getpid())
        tell_ready()
        wait_for_the_end()
        show("ended", name)
