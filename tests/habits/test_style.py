"""Style, types and who may import whom, each by its own tool."""

import subprocess
import sys
from pathlib import Path

import pytest

TOOLS = {
    "style": ["ruff", "check", "--quiet", "--output-format=concise", "."],
    "form": ["ruff", "format", "--check", "--output-format=concise", "."],
    "types": ["mypy", "--no-error-summary"],
    "imports": ["lint-imports", "--no-cache", "--no-logo"],
}


@pytest.mark.parametrize("what", TOOLS)
def test_the_tool_has_nothing_to_say(what: str, root: Path):
    program, *arguments = TOOLS[what]
    path = Path(sys.executable).parent / program
    told = subprocess.run([path, *arguments], cwd=root, check=False, capture_output=True, text=True)
    assert told.returncode == 0, f"{' '.join(TOOLS[what])}:\n{told.stdout}{told.stderr}"


def test_scripts_are_bash_that_stops_at_the_first_failure(root: Path):
    scripts = [
        path
        for path in [*(root / "script").iterdir(), root / ".ci/run"]
        if path.read_text().startswith("#!/usr/bin/env bash")
    ]
    assert len(scripts) >= 4
    for script in scripts:
        assert script.stat().st_mode & 0o100, f"{script} is not executable"
        assert "set -euo pipefail" in script.read_text() or "set -Eeuo pipefail" in script.read_text(), script
        subprocess.run(["bash", "-n", script], check=True)
