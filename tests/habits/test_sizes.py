"""Small files and small functions: at most 400 lines a file, at most 50 a function for 95 of a hundred."""

import ast
from pathlib import Path

MOST_LINES = 400
MOST_FUNCTION_LINES = 50
SHARE = 0.95
WRITTEN_BY_HAND = {".py", ".c", ".h", ".js", ".css", ".html", ".sql", ".sh", ""}
NOT_BY_HAND = ("migrations", "LICENSE")


def by_hand(tracked: list[Path]) -> list[Path]:
    return [path for path in tracked if path.suffix in WRITTEN_BY_HAND and not set(NOT_BY_HAND) & set(path.parts)]


def test_files_are_small(tracked: list[Path], root: Path):
    sizes = {path.relative_to(root): path.read_text().count("\n") for path in by_hand(tracked)}
    assert {str(path): lines for path, lines in sizes.items() if lines > MOST_LINES} == {}


def test_functions_are_small(tracked: list[Path], root: Path):
    lengths = {
        f"{path.relative_to(root)}:{node.lineno} {node.name}": (node.end_lineno or 0) - node.lineno + 1
        for path in by_hand(tracked)
        if path.suffix == ".py"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    long = {name: lines for name, lines in lengths.items() if lines > MOST_FUNCTION_LINES}
    assert len(long) <= (1 - SHARE) * len(lengths), long
