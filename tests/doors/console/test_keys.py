"""Keys, through the command as a person types it."""

import json

import pytest
from django.test import Client

from caselli.directory import demo
from caselli.project import main
from caselli.store.models import ApiKey, AuditEntry


@pytest.fixture
def caselli(cast, capsys):
    """``caselli("key", "list")``: exit status, what it printed, what it complained."""

    def run(*words):
        arguments = main.parser().parse_args(words)
        arguments.configuration = main.configuration.load()
        status = arguments.run(arguments)
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


def made(caselli, *words):
    status, said, wrong = caselli("key", "create", "--user", "alice", "--name", "Office", *words, "--json")
    assert status == 0, wrong
    return json.loads(said)


def me(secret):
    return Client().get("/api/v1/me", headers={"Authorization": f"Bearer {secret}"})


def test_a_key_is_made_listed_and_taken_back(caselli):
    told = made(caselli, "--scope", "fax:read", "--sandbox", "--expires", "2999-12-31")
    assert told["key"].startswith("caselli_sandbox_")
    assert me(told["key"]).json()["scopes"] == ["fax:read"]
    assert told["expires_at"] == "3000-01-01T05:00:00+00:00"  # the last moment of that day in New York

    status, said, _ = caselli("key", "list", "--user", "alice", "--json")
    (listed,) = json.loads(said)
    assert (status, listed["shown"], listed["opens"]) == (0, told["shown"], True)
    assert told["key"] not in said
    assert "Office" in caselli("key", "list", "--organization", "0003")[1]
    assert "There are no keys" in caselli("key", "list", "--organization", "0004")[1]

    status, said, _ = caselli("key", "end", told["shown"])
    assert (status, "opens nothing any more" in said) == (0, True)
    assert me(told["key"]).status_code == 401
    assert "taken back" in caselli("key", "list")[1]
    assert "before" in caselli("key", "end", told["id"])[1]
    assert AuditEntry.objects.latest("id").person_name.endswith("command line")


def test_the_key_stands_alone_on_the_first_line(caselli):
    _, said, _ = caselli("key", "create", "--user", "alice", "--name", "Office")
    assert me(said.splitlines()[0]).json()["scopes"] == ["fax:read", "fax:send"]


def test_a_key_that_opens_nothing_for_want_of_a_second_factor_says_so(cast, caselli):
    cast.clinic.second_factor_required = True
    cast.clinic.save()
    _, said, _ = caselli("key", "create", "--user", "alice", "--name", "Office")
    assert "It opens nothing until Alice has set up a second factor" in said
    assert me(said.splitlines()[0]).json()["slug"] == "second_factor_missing"
    assert "person lacks a second factor" in caselli("key", "list")[1]


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("key", "create", "--user", "nobody", "--name", "x"), "There is no user nobody"),
        (("key", "create", "--user", "alice", "--name", " "), "name:"),
        (("key", "create", "--user", "alice", "--name", "x", "--scope", "admin"), "scopes:"),
        (("key", "create", "--user", "alice", "--name", "x", "--expires", "soon"), "expires:"),
        (("key", "create", "--user", "alice", "--name", "x", "--expires", "2001-01-01"), "expires:"),
        (("key", "end", "caselli_nothing"), "There is no such key"),
        (("key", "list", "--organization", "9999"), "There is no organization"),
    ],
)
def test_what_is_wrong_is_said(caselli, words, complaint):
    status, said, wrong = caselli(*words)
    assert (status, said) == (2, "")
    assert complaint in wrong
    assert not ApiKey.objects.exists()


def test_the_demo_has_a_key_that_stays_the_same(db, tmp_path):
    demo.furnish(tmp_path, "127.0.0.1", 5080)
    secret = demo.api_key(tmp_path)
    demo.furnish(tmp_path, "127.0.0.1", 5080)
    assert demo.api_key(tmp_path) == secret
    assert ApiKey.objects.count() == 1
    assert me(secret).json()["scopes"] == ["admin", "fax:approve", "fax:cancel", "fax:read", "fax:send"]
    assert (tmp_path / demo.KEY_FILE).stat().st_mode & 0o777 == 0o600
