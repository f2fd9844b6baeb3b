"""``caselli mailbox test``: look into it, and print what was found."""

import argparse
import json
import sys

from caselli.doors.console import naming
from caselli.doors.mail import fetch_test


def test(arguments: argparse.Namespace) -> int:
    """0: it opens; 1: it does not, and why; 2: there is none of that name."""
    try:
        found = fetch_test.test(naming.mailbox(arguments.which))
    except naming.Unclear as wrong:
        print(wrong, file=sys.stderr)
        return 2
    if arguments.json:
        print(json.dumps({"passed": found.passed, "sentences": found.sentences}, indent=2))
    else:
        print("\n".join(found.sentences))
    return 0 if found.passed else 1
