"""What is in version control is everybody's: no path of one machine, no host of a registry, nothing left open."""

import re
from pathlib import Path

TEXT = {
    ".py",
    ".md",
    ".toml",
    ".in",
    ".lock",
    ".html",
    ".css",
    ".js",
    ".c",
    ".h",
    ".sql",
    ".json",
    ".yml",
    ".yaml",
    ".txt",
    "",
}
HOSTS = ["pypi" + ".org", "pythonhosted" + ".org", "registry.npmjs" + ".org", "proxy.golang" + ".org"]
LEFT_OPEN = re.compile(r"\b(?:TO" + "DO|FIX" + "ME|XX" + r"X)\b")


def lines_with(tracked: list[Path], root: Path, *patterns: str | re.Pattern[str]) -> list[str]:
    found = []
    for path in tracked:
        if path.suffix not in TEXT:
            continue
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
            if any(re.search(pattern, line) for pattern in patterns):
                found.append(f"{path.relative_to(root)}:{number} {line.strip()[:120]}")
    return found


def test_no_file_names_a_path_of_one_machine(tracked: list[Path], root: Path):
    here = [re.escape(str(root))] if len(root.parts) > 2 else []
    assert lines_with(tracked, root, *here, r"(?<![\w.])/(?:home|Users)/[a-z]+/", r"(?<![\w.~])/wor[k]/") == []


def test_no_file_names_a_host_of_a_package_registry(tracked: list[Path], root: Path):
    assert lines_with(tracked, root, *map(re.escape, HOSTS)) == []


def test_nothing_is_left_open(tracked: list[Path], root: Path):
    assert lines_with([path for path in tracked if path.suffix != ".md"], root, LEFT_OPEN) == []


def test_what_is_built_or_kept_by_a_run_is_not_in_version_control(tracked: list[Path], root: Path):
    built = re.compile(r"\.(?:so|o|pyc|log|db|sqlite3?)$|(?:^|/)(?:\.venv|__pycache__|\.env)(?:/|$)")
    assert [path for path in (str(one.relative_to(root)) for one in tracked) if built.search(path)] == []
