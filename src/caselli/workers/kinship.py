"""No process outlives the one that started it, not even after ``kill -9``."""

import signal
from collections.abc import Sequence


def dying_with_us(command: Sequence[str], death_signal: signal.Signals) -> list[str]:
    """The command, so wrapped that the kernel sends it ``death_signal`` when the calling *thread* ends.

    That is PR_SET_PDEATHSIG of prctl(2). util-linux's ``setpriv`` sets it in the child itself: after a change of
    user, which would clear it, and without ``preexec_fn``, which is unsafe beside threads.
    """
    return ["setpriv", "--pdeathsig", death_signal.name.removeprefix("SIG"), "--", *command]
