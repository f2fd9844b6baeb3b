"""The parsers of the settings' commands. Their options are made from the forms, when they are asked for: whoever asks
for another command, or for the list of commands, waits for no database library.
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

Command = Callable[[argparse.Namespace], int]
Parser = argparse.ArgumentParser


class LateParser(Parser):
    """``fill`` adds the options, once, before the first of them is read or shown."""

    def __init__(self, *args: Any, fill: Callable[[Parser], None] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._fill = fill

    def complete(self) -> None:
        fill, self._fill = self._fill, None
        if fill is not None:
            fill(self)

    def parse_known_args(self, *args: Any, **kwargs: Any) -> Any:
        self.complete()
        return super().parse_known_args(*args, **kwargs)

    def format_help(self) -> str:
        self.complete()
        return super().format_help()


@dataclass(frozen=True, slots=True)
class Noun:
    """``which``: how one of them is named on the command line; None: there is only one."""

    what: str
    verbs: tuple[str, ...]
    which: tuple[str, str] | None = None
    by_organization: bool = False


NOUNS = {
    "organization": Noun(
        "organizations: the tenants, and how their faxes are approved and tried again",
        ("list", "show", "add", "change", "remove"),
        ("NUMBER", "the organization's number, like 0003"),
    ),
    "user": Noun(
        "people, and what they may do",
        ("list", "show", "add", "change", "remove", "invite", "take-away-second-factor"),
        ("LOGIN", "the user's login"),
        by_organization=True,
    ),
    "extension": Noun(
        "extensions: who owns them, and their fax settings",
        ("list", "show", "add", "change", "remove"),
        ("EXTENSION", "210, or 0003*210"),
        by_organization=True,
    ),
    "trunk": Noun(
        "trunks: the SIP peers that calls go through",
        ("list", "show", "add", "change", "remove"),
        ("NAME", "the trunk's name; its id where several have that name"),
        by_organization=True,
    ),
    "blocked": Noun(
        "destinations that nobody may call",
        ("list", "add", "remove"),
        ("PREFIX", "the numbers that begin so, like +1900"),
        by_organization=True,
    ),
    "mailbox": Noun(
        "mailboxes that faxes are fetched from by IMAP",
        ("list", "show", "add", "change", "remove"),
        ("NAME", "the mailbox's name"),
    ),
    "mail-text": Noun(
        "an organization's own words for its mails; without them Caselli's stand",
        ("list", "show", "change", "remove"),
        ("MAIL", "the organization and the mail, like 0003/sent"),
        by_organization=True,
    ),
    "preferences": Noun("server fax preferences", ("show", "change")),
}
VERBS = {
    "list": "list all {noun}s",
    "show": "one {noun}, with everything that can be set",
    "add": "add one; what is not said stands as the page would offer it",
    "change": "change what is said, and nothing else",
    "remove": "remove one",
    "take-away-second-factor": "take a lost phone, key and recovery codes away: the password alone opens then",
    "invite": "send a mail with a link to choose a password",
}
REMOVED = "remove one to which nothing refers; others are switched off"
LISTED = {
    "blocked": "list what is blocked",
    "mailbox": "list all mailboxes",
    "mail-text": "list the mails that go out in own words",
}
SHOWN = {"preferences": "the preferences as they are"}


def add_settings(commands: Any, wrap: Callable[[Command], Command], prepare: Callable[[], None]) -> None:
    """``wrap``: sets Django up around a command; ``prepare``: for a parser that needs the forms."""
    for name, noun in NOUNS.items():
        verbs = _verbs_of(commands, name, noun.what)
        for verb in noun.verbs:
            what = LISTED.get(name) if verb == "list" else SHOWN.get(name) if verb == "show" else None
            what = REMOVED if verb == "remove" and name in {"organization", "user", "extension"} else what
            what = what or VERBS[verb].format(noun=name)
            parser = verbs.add_parser(verb, help=what, description=what, fill=partial(_fill, prepare, name, verb))
            _finish(parser, wrap(partial(_setting, name, verb)))
            if noun.which is not None and verb not in {"list", "add"}:
                parser.add_argument("which", metavar=noun.which[0], help=noun.which[1])
            if verb == "list" and noun.by_organization:
                _of(parser)
            if (name, verb) == ("blocked", "remove"):
                _of(parser)
        if name == "trunk":
            _add_test(verbs, wrap)
        if name == "mailbox":
            _add_mailbox_test(verbs, wrap)
    _add_share(commands, wrap)
    _add_key(commands, wrap)
    _add_app(commands, wrap)
    _add_webhook(commands, wrap)
    audit = commands.add_parser("audit", help="what was changed, by whom, from where: the newest first")
    _finish(audit, wrap(_audit))
    _of(audit)
    audit.add_argument("--limit", type=int, default=20, metavar="N", help="at most so many (20)")


def _verbs_of(commands: Any, name: str, what: str) -> Any:
    parser = commands.add_parser(name, help=what, description=f"{what[0].upper()}{what[1:]}.")
    return parser.add_subparsers(title="commands", required=True, metavar="COMMAND", parser_class=LateParser)


def _add_test(verbs: Any, wrap: Callable[[Command], Command]) -> None:
    what = "ask the trunk something, or call a number by it; exit status 0 only when the test is passed"
    parser = verbs.add_parser("test", help=what, description=f"{what[0].upper()}{what[1:]}.")
    _finish(parser, wrap(_test))
    parser.add_argument("which", metavar="NAME", help="the trunk's name; its id where several have that name")
    parser.add_argument("--number", metavar="NUMBER", help="send a test page to the fax at this number: a real call")
    parser.add_argument(
        "--kind",
        choices=("options", "registration", "call"),
        help="does it answer, does it know us, does a fax go through (options; with --number call)",
    )


def _add_mailbox_test(verbs: Any, wrap: Callable[[Command], Command]) -> None:
    what = "sign in to the mailbox and count what lies there; exit status 0 only when it opens; changes nothing"
    parser = verbs.add_parser("test", help=what, description=f"{what[0].upper()}{what[1:]}.")
    _finish(parser, wrap(_test_mailbox))
    parser.add_argument("which", metavar="NAME", help="the mailbox's name")


def _finish(parser: Parser, run: Command) -> None:
    parser.set_defaults(run=run)
    parser.add_argument("--json", action="store_true", help="print JSON")


def _of(parser: Parser) -> None:
    parser.add_argument("--organization", dest="of", metavar="NUMBER", help="only of this organization")


def _add_share(commands: Any, wrap: Callable[[Command], Command]) -> None:
    verbs = _verbs_of(commands, "share", "who else sees the faxes of an extension")
    every = verbs.add_parser("list", help="list what is shared with whom")
    _finish(every, wrap(partial(_share, "list")))
    every.add_argument("extension", nargs="?", metavar="EXTENSION", help="only of this one: 210, or 0003*210")
    for verb, what in (("add", "share an extension's faxes"), ("remove", "share them no longer")):
        parser = verbs.add_parser(verb, help=what, description=what)
        _finish(parser, wrap(partial(_share, verb)))
        parser.add_argument("extension", metavar="EXTENSION", help="210, or 0003*210")
        group = parser.add_mutually_exclusive_group(required=True)
        group.add_argument("--user", metavar="LOGIN", help="with this colleague")
        group.add_argument("--everybody", action="store_true", help="with everybody of its organization")
        if verb == "add":
            parser.add_argument("--act", action="store_true", help="they may also send, cancel, resend and delete")


def _add_key(commands: Any, wrap: Callable[[Command], Command]) -> None:
    verbs = _verbs_of(commands, "key", "API keys: the secrets by which programs act for a person")
    create = verbs.add_parser("create", help="make a key and print it: it is shown this once", fill=_fill_key)
    _finish(create, wrap(partial(_key, "create")))
    every = verbs.add_parser("list", help="list all keys; of a secret only its beginning is known")
    _finish(every, wrap(partial(_key, "list")))
    every.add_argument("--user", metavar="LOGIN", help="only of this person")
    _of(every)
    end = verbs.add_parser("end", help="take a key back: from the next request on it opens nothing")
    _finish(end, wrap(partial(_key, "end")))
    end.add_argument("which", metavar="KEY", help="its beginning or its id, as caselli key list shows them")


def _fill_key(parser: Parser) -> None:
    from caselli.directory.scopes import WORDS

    parser.add_argument("--user", required=True, metavar="LOGIN", help="the person for whom the program acts")
    parser.add_argument("--name", required=True, metavar="NAME", help="what you will know it by")
    parser.add_argument(
        "--scope",
        action="append",
        choices=[one.value for one in WORDS],
        help="what it may do; may be repeated (fax:read and fax:send)",
    )
    parser.add_argument("--expires", metavar="YYYY-MM-DD", help="the last day on which it opens (never)")
    parser.add_argument(
        "--sandbox", action="store_true", help="it reaches the built-in answering machine alone, whatever it dials"
    )


def _add_webhook(commands: Any, wrap: Callable[[Command], Command]) -> None:
    verbs = _verbs_of(commands, "webhook", "webhooks: addresses of programs that hear what happens to faxes")
    for verb, what in (
        ("add", "add a webhook, test its address and print its secret: it is shown this once"),
        ("list", "list all webhooks"),
        ("test", "send a test message; exit status 0 only when it is taken, and then the webhook is in service"),
        ("secret", "make another secret and print it: for a day messages are signed with both"),
        ("switch", "take a webhook into service or out of it"),
        ("remove", "remove a webhook and its log"),
    ):
        parser = verbs.add_parser(verb, help=what)
        _finish(parser, wrap(partial(_webhook, verb)))
        if verb not in {"add", "list"}:
            parser.add_argument("which", metavar="WEBHOOK", help="its name or its id")
        if verb == "switch":
            parser.add_argument("state", choices=("on", "off"), help="on: it hears of what happens from now on")
        if verb == "list":
            _of(parser)
        if verb == "add":
            parser.add_argument(
                "--organization", dest="of", required=True, metavar="NUMBER", help="it hears of the faxes of this one"
            )
            parser.add_argument("--name", required=True, metavar="NAME", help="what you will know it by")
            parser.add_argument("--url", required=True, metavar="URL", help="messages are sent there by POST")
            parser.add_argument("--kind", action="append", metavar="EVENT", help="like fax.sent; may be repeated (all)")


def _add_app(commands: Any, wrap: Callable[[Command], Command]) -> None:
    verbs = _verbs_of(commands, "app", "apps: programs that get access tokens by OAuth 2.0")
    create = verbs.add_parser(
        "create", help="register an app and print its id and secret: it is shown this once", fill=_fill_app
    )
    _finish(create, wrap(partial(_app, "create")))
    every = verbs.add_parser("list", help="list all apps, and whose they are")
    _finish(every, wrap(partial(_app, "list")))
    every.add_argument("--user", metavar="LOGIN", help="only of this person")
    _of(every)
    remove = verbs.add_parser("remove", help="remove an app: from the next request on it can do nothing")
    _finish(remove, wrap(partial(_app, "remove")))
    remove.add_argument("which", metavar="CLIENT_ID", help="its client id, as caselli app list shows it")


def _fill_app(parser: Parser) -> None:
    from caselli.directory.app_form import AppKind
    from caselli.directory.scopes import WORDS

    parser.add_argument(
        "--user", required=True, metavar="LOGIN", help="whose account it belongs to; a trusted app acts as that person"
    )
    parser.add_argument("--name", required=True, metavar="NAME", help="what people will know it by")
    parser.add_argument(
        "--kind",
        choices=[one.value for one in AppKind],
        default=AppKind.TRUSTED.value,
        help="trusted: it asks nobody; consent: it asks each person; public: it asks, and can keep no secret (trusted)",
    )
    parser.add_argument(
        "--scope",
        action="append",
        choices=[one.value for one in WORDS],
        help="what it may do, at most; may be repeated (fax:read and fax:send)",
    )
    parser.add_argument(
        "--redirect-uri",
        action="append",
        metavar="ADDRESS",
        help="where the browser goes after the consent; may be repeated",
    )


def _fill(prepare: Callable[[], None], name: str, verb: str, parser: Parser) -> None:
    if verb not in {"add", "change"}:
        return
    prepare()
    from caselli.doors.console.nouns import NOUNS as TABLE
    from caselli.doors.console.options import add_password_options

    for options in TABLE[name].forms:
        options.add_to(parser, adding=verb == "add")
    if TABLE[name].password:
        add_password_options(parser, invite=(name, verb) == ("user", "add"))


def _setting(noun: str, verb: str, arguments: argparse.Namespace) -> int:
    from caselli.doors.console import setting

    return setting.run(noun, verb, arguments)


def _test(arguments: argparse.Namespace) -> int:
    from caselli.doors.console import testing

    return testing.run(arguments)


def _test_mailbox(arguments: argparse.Namespace) -> int:
    from caselli.doors.console import mailbox

    return mailbox.test(arguments)


def _share(verb: str, arguments: argparse.Namespace) -> int:
    from caselli.doors.console import sharing

    return sharing.run(verb, arguments)


def _key(verb: str, arguments: argparse.Namespace) -> int:
    from caselli.doors.console import keys

    return keys.run(verb, arguments)


def _app(verb: str, arguments: argparse.Namespace) -> int:
    from caselli.doors.console import apps

    return apps.run(verb, arguments)


def _audit(arguments: argparse.Namespace) -> int:
    from caselli.doors.console import sharing

    return sharing.audit(arguments)


def _webhook(verb: str, arguments: argparse.Namespace) -> int:
    from caselli.doors.console import webhooks

    return webhooks.run(verb, arguments)
