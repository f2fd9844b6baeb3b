"""The web server alone, with an application of the tests' own."""

import os
import select
import signal
import ssl
import subprocess
import sys
from pathlib import Path

from ports import free_port

DEADLINE = 60.0
START = "from caselli.project.configuration import load; from caselli.workers.webserver import serve; "


class Web:
    def __init__(self, home: Path) -> None:
        self.home = home
        self.port, self.tls_port = free_port(), free_port()
        self.process: subprocess.Popen[str] | None = None

    def start(self, application: str = "application", module: str = "echo_application", **environment: str) -> "Web":
        hearing, telling = os.pipe()
        settings = {
            "CASELLI_HOME": str(self.home),
            "CASELLI_WEB": f"127.0.0.1:{self.port}",
            "CASELLI_WEB_TLS": f"127.0.0.1:{self.tls_port}",
            "CASELLI_READY_FD": str(telling),
            "PYTHONPATH": str(Path(__file__).parent / "workers"),
        }
        self.process = subprocess.Popen(
            [sys.executable, "-c", f"{START} serve(load(), '{module}:{application}')"],
            env=os.environ | settings | environment, pass_fds=[telling],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        os.close(telling)
        assert select.select([hearing], [], [], DEADLINE)[0], "neither ready nor ended"
        os.close(hearing)
        return self

    def end(self) -> tuple[int, str]:
        assert self.process
        self.process.send_signal(signal.SIGTERM)
        return self.ended()

    def ended(self) -> tuple[int, str]:
        assert self.process
        with self.process:
            said = self.process.communicate(timeout=DEADLINE)[0]
        return self.process.returncode, said

    def trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.home / "tls/certificate.pem"))
