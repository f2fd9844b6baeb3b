"""Apps, through the command as a person types it; and the demo's."""

import json
from dataclasses import replace

import pytest
from doors.api.oauth import DONE, ask, token_of

from caselli.directory import demo
from caselli.directory.apps import Made
from caselli.doors.api.oauth_tokens import holder_of
from caselli.doors.console import describing
from caselli.project import main
from caselli.store.models import App, AuditEntry, Organization, User


@pytest.fixture
def caselli(db, capsys):
    """``caselli("app", "list")``: exit status, what it printed, what it complained."""

    def run(*words):
        arguments = main.parser().parse_args(words)
        arguments.configuration = main.configuration.load()
        status = arguments.run(arguments)
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


def test_an_app_is_registered_listed_and_removed(cast, caselli):
    status, said, wrong = caselli("app", "create", "--user", "alice", "--name", "Billing", "--json")
    assert status == 0, wrong
    told = json.loads(said)
    assert (told["kind"], told["user"], told["scopes"]) == ("trusted", "alice", ["fax:read", "fax:send"])
    made = Made(App.objects.get(client_id=told["client_id"]), told["client_secret"])
    assert holder_of(token_of(made)).person == cast.alice

    status, said, _ = caselli("app", "list", "--user", "alice", "--json")
    (listed,) = json.loads(said)
    assert (status, listed["name"], listed["works"]) == (0, "Billing", True)
    assert told["client_secret"] not in said
    assert "Billing" in caselli("app", "list", "--organization", "0003")[1]
    assert "There are no apps" in caselli("app", "list", "--organization", "0004")[1]

    assert caselli("app", "remove", told["client_id"])[0] == 0
    assert ask(made).status_code == 401
    assert caselli("app", "remove", told["client_id"])[0] == 2
    assert [one.deed for one in AuditEntry.objects.filter(kind="app").order_by("id")] == ["added", "removed"]


def test_an_app_that_asks_people_needs_an_address(cast, caselli):
    create = ("app", "create", "--user", "alice", "--name", "Portal", "--kind", "public")
    status, _, wrong = caselli(*create)
    assert (status, "redirect_uris: Write where the browser goes" in wrong) == (2, True)
    status, said, _ = caselli(*create, "--redirect-uri", DONE, "--scope", "fax:read", "--json")
    told = json.loads(said)
    assert (status, told["client_secret"], told["redirect_uris"]) == (0, "", [DONE])


def test_an_app_of_nobody_is_not_made(cast, caselli):
    status, _, wrong = caselli("app", "create", "--user", "nobody", "--name", "Billing")
    assert (status, "There is no user nobody" in wrong) == (2, True)


def test_the_demo_has_an_app_that_acts_for_its_organization(db, tmp_path, caselli):
    for _ in range(2):  # a second start makes no second one
        demo.furnish(tmp_path, "127.0.0.1", 5060)
    one = demo.app(tmp_path)
    assert (tmp_path / demo.APP_FILE).stat().st_mode & 0o077 == 0
    holder = holder_of(token_of(Made(App.objects.get(), one.secret)))
    assert holder.person == User.objects.get(username="olivia")
    assert Organization.objects.get() == holder.person.organization


def test_the_demo_tells_its_app(db, tmp_path, capsys):
    configuration = replace(main.configuration.load(), home=tmp_path)
    demo.furnish(configuration.home, "127.0.0.1", 5060)
    assert describing.write_down(configuration)
    arguments = main.parser().parse_args(["demo", "--json"])
    arguments.configuration = configuration
    assert arguments.run(arguments) == 0
    told = json.loads(capsys.readouterr().out)["uapi"]
    assert told == {"client_id": App.objects.get().client_id, "client_secret": demo.app(configuration.home).secret}


def test_the_demo_says_where_mails_go(db, tmp_path, capsys):
    configuration = replace(main.configuration.load(), home=tmp_path)
    demo.furnish(configuration.home, "127.0.0.1", 5060)
    for relay, said in (
        (None, str(tmp_path / "mail")),
        (main.configuration.Relay("mx.acme.example", 25), "mx.acme.example:25"),
    ):
        assert describing.write_down(replace(configuration, smtp_relay=relay))
        arguments = main.parser().parse_args(["demo"])
        arguments.configuration = configuration
        assert arguments.run(arguments) == 0
        assert f"  Mail out  {said}   (see" in capsys.readouterr().out
