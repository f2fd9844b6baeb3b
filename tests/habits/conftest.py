"""What the habits look at: the files that are ours."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def tracked(root: Path) -> list[Path]:
    """Everything in version control that is there. (Git mistrusts a checkout of another user's unless told.)"""
    told = subprocess.run(
        ["git", "-c", f"safe.directory={root}", "ls-files", "-z"], cwd=root, check=True, capture_output=True, text=True
    )
    return [path for name in told.stdout.split("\0") if name and (path := root / name).is_file()]
