"""The command line: ``caselli --help``. Each command is one role or one verb."""

import argparse
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING

import django

from caselli.doors.console import fax_parsers, parsers
from caselli.project import configuration, logs
from caselli.project.configuration import Configuration, ConfigurationError

Command = Callable[[argparse.Namespace], int]
if TYPE_CHECKING:
    Subcommands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - argparse has no public name for it

ENVIRONMENT = """\
environment:
  CASELLI_HOME          the folder of all data (default: /var/lib/caselli as root, else ~/.local/share/caselli)
  CASELLI_DATABASE_URL  postgresql://user:password@host:5432/name; empty: Caselli's own, inside CASELLI_HOME
  CASELLI_WEB           host:port of the web pages          (127.0.0.1:8470)
  CASELLI_WEB_TLS       the same by HTTPS                   (127.0.0.1:8471)
  CASELLI_SMTP          host:port of the mail server        (127.0.0.1:8472)
  CASELLI_SMTP_CERTIFICATE  with CASELLI_SMTP_KEY: PEM files for STARTTLS there (the certificate of the pages)
  CASELLI_SMTP_KEY      the key to it
  CASELLI_LMTP          host:port where your own mail server hands mails over by LMTP; empty: nowhere
  CASELLI_MAIL_PROCESSES  processes of the mail server      (2; 1 where there is one processor)
  CASELLI_SIP           host:port that calls are made from  (127.0.0.1:5070)
  CASELLI_MACHINE_SIP   host:port of the answering machine  (127.0.0.1:5080)
  CASELLI_MEDIA_WORKERS media processes of the dialer       (1)
  CASELLI_PUBLIC_URL    the address people use, when a proxy stands before the web (http:// and CASELLI_WEB)
  CASELLI_TRUSTED_PROXY addresses or networks of that proxy, and of mail servers of yours that hand mails over,
                        comma-separated: whose X-Forwarded-For and -Proto count, and who have no limits of a client
  CASELLI_SMTP_RELAY    takes our mails: host:port, smtp://user:password@host:587, smtps://...; empty: kept as files
  CASELLI_MAIL_FROM     sender of those mails (the fax address of the preferences, else caselli@ the public host)
  CASELLI_DNS           the name server that is asked who sends a mail, like 127.0.0.1:53 (this machine's own)
  CASELLI_WEBHOOKS_PRIVATE  networks of your own into which webhooks may go, like 10.0.0.0/8; none: no loopback either
  CASELLI_API_LIMIT     requests a minute that one key or app may make  (1200)
  CASELLI_INSTANCE      name of this dialer among several   (the host's name)
  CASELLI_URL           another server, like https://fax.example.com: the commands about faxes work there, by its API;
                        empty: this machine
  CASELLI_KEY           the API key for it
  CASELLI_CERTIFICATE   a file in PEM: the server with this very certificate is believed (this system's authorities, or
                        those in SSL_CERT_FILE)
"""
NEEDS_THE_MACHINE = (
    "caselli: this command needs the machine itself, and CASELLI_URL names another server ({url}). "
    "Run it there, or without CASELLI_URL."
)


def main() -> None:
    """The console script's entry."""
    try:
        arguments = parser().parse_args()
        arguments.configuration = configuration.load()
    except ConfigurationError as error:
        sys.exit(f"caselli: {error}")
    try:
        sys.exit(arguments.run(arguments))
    except BrokenPipeError:
        sys.exit(0)


def parser() -> argparse.ArgumentParser:
    whole = argparse.ArgumentParser(
        prog="caselli",
        description="A fax system that really faxes.",
        epilog=ENVIRONMENT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    whole.add_argument("--version", action="version", version=f"caselli {version('caselli')}")
    commands = whole.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_roles(commands)
    fax_parsers.add_faxes(commands, _with_django)
    parsers.add_settings(commands, _with_django, lambda: settle(configuration.load()))
    return whole


def _add_roles(commands: "Subcommands") -> None:
    serve = commands.add_parser("serve", help="run everything: database, web, dialer, chores, mail, answering machine")
    serve.add_argument(
        "--no-demo", action="store_true", help="begin empty: the banner has an address that leads through the set-up"
    )
    serve.set_defaults(run=_serve)
    roles = {
        "web": "the pages, by HTTP and HTTPS",
        "dialer": "calls what is queued, with its media workers",
        "chores": "what must happen some time",
        "mail": "the SMTP server",
        "machine": "the built-in answering fax machine",
    }
    for name, what in roles.items():
        role = commands.add_parser(
            name,
            help=f"only the {name}: {what}",
            epilog=_machine_help() if name == "machine" else "",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        role.set_defaults(run=partial(_role, name))
    migrate = commands.add_parser("migrate", help="bring the database up to this version (serve does it by itself)")
    migrate.add_argument("--demo", action="store_true", help="and make the demo organization where there is none")
    migrate.set_defaults(run=_migrate)


def _machine_help() -> str:
    try:
        folder = str(configuration.load().machine_folder)
    except ConfigurationError:
        folder = "CASELLI_HOME/machine"
    return f"""\
It keeps what it receives in {folder}: one TIFF and one JSON a call.
The number dialled decides what it does, +1 202 555 and:
  0100  receives                                   0106  receives at 9,600 bit/s without error correction
  0101  is busy (486)                              0107  does not exist (404)
  0102  rings and is never answered                0108  hangs up after the last page, unconfirmed
  0103  answers and says nothing                   0109  is down (503, Retry-After)
  0104  drops in the middle of a page              0110  asks for digest authentication, then receives
  0105  refuses T.38 (488), receives by G.711      0111  moves to T.38 only when the caller offers it
  0120 to 0199  receive as 0100 does, so that many calls can run at once
"""


def _with_django(verb: Command) -> Command:
    """``verb``: needs this machine's database, and says so where another server is meant (CASELLI_URL)."""

    def run(arguments: argparse.Namespace) -> int:
        from django.db import OperationalError

        if arguments.configuration.remote is not None:
            print(NEEDS_THE_MACHINE.format(url=arguments.configuration.remote.url), file=sys.stderr)
            return 2
        settle(arguments.configuration)
        try:
            return verb(arguments)
        except OperationalError as error:
            where = "CASELLI_DATABASE_URL" if arguments.configuration.database_url else arguments.configuration.home
            print(
                f"caselli: the database does not answer ({where}). Is caselli serve running?\n  {error}",
                file=sys.stderr,
            )
            return 3

    return run


def settle(settled: Configuration) -> None:
    """Logs and Django, as every command of ours needs them."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "caselli.project.settings")
    settled.home.mkdir(parents=True, exist_ok=True)
    os.umask(0o077)  # faxes, keys and logins are nobody else's
    logs.settle()
    django.setup()


def _migrate(arguments: argparse.Namespace) -> int:
    """Of this machine in any case: ``serve`` begins with it."""
    settled: Configuration = arguments.configuration
    arguments.configuration = replace(settled, remote=None)
    return _with_django(_migrate_here)(arguments)


def _migrate_here(arguments: argparse.Namespace) -> int:
    from django.core.management import call_command

    from caselli.directory import demo, sandbox, set_up
    from caselli.doors.console import describing, welcome

    settled: Configuration = arguments.configuration
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    if arguments.demo:
        demo.furnish(settled.home, settled.machine_sip.host, settled.machine_sip.port)
    sandbox.settle()
    if arguments.demo:
        if describing.write_down(settled):
            set_up.end(settled.set_up_key)
            return 0
        if set_up.key(settled.set_up_key) is None:
            return 0
    set_up.begin(settled.set_up_key)
    if set_up.is_going_on(settled.set_up_key) and sys.stdout.isatty():  # serve says it by itself, and not into its log
        print(welcome.banner(settled))
    return 0


def _role(name: str, arguments: argparse.Namespace) -> int:
    settled: Configuration = arguments.configuration
    if name == "machine":  # knows no database, and starts in a quarter of the time without Django
        logs.settle()
    else:
        settle(settled)
    if name == "web":
        from caselli.workers import webserver

        return webserver.serve(settled)
    from caselli.workers import roles

    works = {"dialer": roles.dialer, "chores": roles.run_chores, "mail": roles.mail, "machine": roles.machine}
    try:
        roles.run(partial(works[name], settled))
    except roles.CannotStartError as error:
        print(f"caselli {name}: {error}", file=sys.stderr)
        return 1
    return 0


def _serve(arguments: argparse.Namespace) -> int:
    from caselli.doors.console import demonstration, welcome
    from caselli.workers import supervisor

    settled: Configuration = arguments.configuration

    def announce() -> None:
        shown = demonstration.read(settled)
        print(demonstration.banner(shown) if shown else welcome.banner(settled), flush=True)

    prepare = ("migrate",) if arguments.no_demo else ("migrate", "--demo")
    return supervisor.serve(settled, prepare=prepare, announce=announce)
