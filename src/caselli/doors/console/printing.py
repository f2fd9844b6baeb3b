"""How the settings look in a terminal, and who sits at it."""

import os
import pwd
import sys
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table

from caselli.directory.audit import Actor

WIDE = 200
"""Columns for a file or another program, which need not fit a screen."""


def operator() -> Actor:
    """Nobody of ours: the operating system's user."""
    try:
        name = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a container's user may have no name
        name = f"user {os.getuid()}"
    return Actor(name=f"{name}, command line")


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Nothing is cut off where the terminal is narrow: what cannot be read cannot be typed again."""
    drawn = Table(box=None, pad_edge=False)
    for heading in headings:
        drawn.add_column(heading, overflow="fold")
    for row in rows:
        drawn.add_row(*row)
    _console().print(drawn)


def facts(pairs: Iterable[tuple[str, str]]) -> None:
    """A label and its value a line, the values under one another."""
    drawn = Table.grid(padding=(0, 3, 0, 0))
    for label, words in pairs:
        drawn.add_row(label, words)
    _console().print(drawn)


def _console() -> Console:
    return Console(width=None if sys.stdout.isatty() else WIDE, markup=False, highlight=False)
