"""SIPp (Debian's sip-tester) as the far end: an implementation of SIP that is not ours, over real sockets."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

SCENARIOS = Path(__file__).parents[1] / "sipp"
PROGRAM = "sipp"
LIMIT = 50
"""Seconds after which SIPp gives up by itself."""


@dataclass(frozen=True)
class Verdict:
    """``passed``: the scenario went to its end as it is written; else ``log`` says where it did not."""

    passed: bool
    log: str


async def run(scenario: str, folder: Path, port: int, *arguments: str) -> Verdict:
    """Play one call of the scenario at ``port`` of loopback; ``arguments`` name the far end of a caller."""
    log = folder / f"{scenario}-{port}"
    process = await asyncio.create_subprocess_exec(
        *(PROGRAM, *arguments, "-sf", str(SCENARIOS / f"{scenario}.xml"), "-i", "127.0.0.1", "-p", str(port)),
        *("-m", "1", "-nostdin", "-timeout", f"{LIMIT}s", "-timeout_error", "-recv_timeout", f"{LIMIT * 1000}"),
        *("-trace_err", "-error_file", f"{log}.errors", "-trace_msg", "-message_file", f"{log}.messages"),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        cwd=folder,
    )
    code = await process.wait()
    told = [Path(f"{log}.{kind}") for kind in ("errors", "messages")]
    return Verdict(code == 0, "\n".join(path.read_text(errors="replace") for path in told if path.exists()))


def is_listening(port: int) -> bool:
    return f":{port:04X} " in Path("/proc/net/udp").read_text()


async def until_listening(port: int) -> None:
    """A datagram that comes before SIPp does is answered by the kernel: nobody is there."""
    async with asyncio.timeout(60):
        while not is_listening(port):  # noqa: ASYNC110 - another program's socket raises no event
            await asyncio.sleep(0.02)
