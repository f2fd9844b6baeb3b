"""The parsers of the commands about faxes. They work here, or on another server where CASELLI_URL names one."""

import argparse
from collections.abc import Callable
from functools import partial
from typing import Any

Command = Callable[[argparse.Namespace], int]
Parser = argparse.ArgumentParser


def add_faxes(commands: Any, wrap: Callable[[Command], Command]) -> None:
    """``wrap``: sets Django up around a command that works here."""

    def add(name: str, what: str, here: Command | None = None) -> Parser:
        command: Parser = commands.add_parser(name, help=what, description=f"{what[0].upper()}{what[1:]}.")
        run = wrap(here) if here else partial(_here_or_there, name, wrap(partial(_here, name)))
        command.set_defaults(run=run)
        command.add_argument("--json", action="store_true", help="print JSON")
        return command

    add("demo", "addresses and logins of the demo, as the banner said", _demo)
    send = add("send", "hand in a fax")
    send.add_argument("--from", dest="sender", required=True, metavar="EXTENSION", help="210, or 0003*210")
    send.add_argument(
        "--to", action="append", required=True, metavar="NUMBER", help="may be repeated, or comma-separated"
    )
    send.add_argument("--wait", action="store_true", help="until it is over; exit status 0 only when all have it")
    send.add_argument("--hold", action="store_true", help="approve it, but do not send it yet")
    send.add_argument("files", nargs="+", metavar="FILE", help="PDF, JPG, PNG, TIF, TXT or HTML")
    faxes = add("faxes", "the newest faxes")
    faxes.add_argument("--from", dest="sender", metavar="EXTENSION", help="of one extension")
    faxes.add_argument("--limit", type=int, default=20, metavar="N", help="at most so many (20)")
    add("show", "one fax, with everything that happened to it").add_argument("id", metavar="ID")
    add("cancel", "cancel a fax for all recipients that have not got it").add_argument("id", metavar="ID")
    add("resend", "send a fax again to the recipients that have failed").add_argument("id", metavar="ID")
    add("send-held", "send a fax that is approved and was held").add_argument("id", metavar="ID")
    add("approve", "say yes to a fax that waits for one").add_argument("id", metavar="ID")
    decline = add("decline", "say no to a fax that waits for a yes")
    decline.add_argument("id", metavar="ID")
    decline.add_argument("--reason", required=True, metavar="WORDS", help="stands with the fax")
    _add_resolve(add("resolve", "say what became of a fax of which nobody can know whether it arrived"))


def _add_resolve(parser: Parser) -> None:
    parser.add_argument("id", metavar="ID")
    parser.add_argument("--recipient", type=int, default=1, metavar="N", help="which of its recipients (1)")
    fate = parser.add_mutually_exclusive_group(required=True)
    fate.add_argument("--arrived", action="store_true", help="the recipient says that it is there")
    fate.add_argument("--again", action="store_true", help="send it again, at the risk that it arrives twice")


def _demo(arguments: argparse.Namespace) -> int:
    from caselli.doors.console import demonstration

    return demonstration.show(arguments)


def _here_or_there(name: str, here: Command, arguments: argparse.Namespace) -> int:
    if arguments.configuration.remote is None:
        return here(arguments)
    from caselli.doors.console import there

    return there.run(name, arguments)


def _here(name: str, arguments: argparse.Namespace) -> int:
    from caselli.doors.console import deeds, listing, send

    table = {"send": send.send, "faxes": listing.faxes, "show": listing.show}
    return table[name](arguments) if name in table else deeds.run(name, arguments)
