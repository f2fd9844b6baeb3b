"""One end of real calls in a process of its own, with its signalling: ``ends.py machine FOLDER`` or
``ends.py line DOCUMENT PAGES CALLS PORT``.

Says one JSON line when it stands (``pids``: its own and its media workers'; ``port``). A line on its input lets the
calls begin; when they are over it says how many ``pages`` were confirmed. It leaves when its input ends.
"""

import asyncio
import json
import os
import sys
from pathlib import Path

from caselli.line.driver import Line
from caselli.line.machine import Machine
from caselli.line.orders import CallEnded, CallEvent, CallOrder, Peer

HOST = "127.0.0.1"
FIRST_NUMBER = 12_025_550_120
NUMBERS = 80
"""+12025550120 to 0199 receive, all at once if they must."""


def say(**what: object) -> None:
    print(json.dumps(what), flush=True)


async def hear() -> str:
    return await asyncio.to_thread(sys.stdin.readline)


async def machine(folder: str) -> None:
    end = Machine()
    await end.start(HOST, 0, Path(folder), HOST)
    say(pids=[os.getpid(), *end.media_process_ids], port=end.address[1])
    while await hear():
        pass
    await end.stop()


async def line(document: str, pages: int, calls: int, port: int) -> None:
    confirmed: list[int] = []
    over = asyncio.Event()

    def take(event: CallEvent) -> None:
        if isinstance(event, CallEnded):
            confirmed.append(event.report.pages_confirmed)
            if len(confirmed) == calls:
                over.set()

    end = Line(take)
    await end.start(HOST, 0, media_host=HOST)
    say(pids=[os.getpid(), *end.media_process_ids])
    await hear()
    peer = Peer("machine", HOST, port)
    for number in range(calls):
        called = f"+{FIRST_NUMBER + number % NUMBERS}"
        end.place(CallOrder(str(number), peer, called, "+12025550100", Path(document), pages, "+12025550100"))
    await over.wait()
    say(pages=sum(confirmed))
    await hear()
    await end.stop()


if __name__ == "__main__":
    if sys.argv[1] == "machine":
        asyncio.run(machine(sys.argv[2]))
    else:
        asyncio.run(line(sys.argv[2], *map(int, sys.argv[3:6])))
