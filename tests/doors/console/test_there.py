"""The commands about faxes on another server: the same words as here. The whole of Django answers, in this process."""

import argparse
import json

import httpx
import pytest
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from paper import letter

from caselli.client import Client
from caselli.directory import api_keys
from caselli.directory.audit import Actor
from caselli.doors.console import deeds, listing, there
from caselli.project import main
from caselli.project.configuration import Remote
from caselli.store.models import Delivery, Fax


@pytest.fixture
def ask(cast):
    """``ask("cancel", id=...)``: as Alice's program; its exit status."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)

    def run(name, person=cast.alice, **said):
        secret = api_keys.make(person, Actor(person), name="Test", scopes=api_keys.scopes_for(person))[1]
        transport = httpx.WSGITransport(get_wsgi_application())
        with Client("http://testserver", secret, retries=0, transport=transport) as client:
            return there.ask(client, name, argparse.Namespace(**{"json": False, **said}))

    yield run
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def given(*files, **more):
    options = {"sender": "210", "to": ["+12025550100"], "wait": False, "hold": False}
    return {**options, "files": [str(one) for one in files], **more}


def test_send_says_the_same_as_here(ask, tmp_path, capsys):
    assert ask("send", **given(letter(tmp_path))) == 0
    fax = Fax.objects.get()
    assert capsys.readouterr().out == f"{fax.uid}  Scheduled For Sending, 1 page\n"
    assert fax.channel == "api"


def test_what_is_wrong_is_said_with_its_field(ask, tmp_path, capsys):
    assert ask("send", **given(letter(tmp_path), to=["hello, 211"])) == 2
    assert capsys.readouterr().err.startswith("recipients[0].to: “hello” is not a phone number.")
    assert ask("send", **given(tmp_path / "missing.pdf")) == 2
    assert "There is no file" in capsys.readouterr().err
    assert not Fax.objects.exists()


def test_a_fax_looks_as_it_does_here(ask, make_fax, capsys):
    fax = str(make_fax("+12025550100", "0003*211").uid)
    for as_json in (False, True):
        for name, said in (("show", {"id": fax}), ("faxes", {"sender": "210", "limit": 5})):
            assert ask(name, json=as_json, **said) == 0
            told = capsys.readouterr().out
            assert getattr(listing, name)(argparse.Namespace(json=as_json, **said)) == 0
            assert told == capsys.readouterr().out
            assert fax in told


def test_a_fax_that_is_not_there_is_said(ask, cast, make_fax, capsys):
    assert ask("show", id="00000000-0000-0000-0000-000000000000") == 2
    assert "There is no fax 00000000" in capsys.readouterr().err
    assert ask("cancel", cast.charlie, id=str(make_fax("+12025550100").uid)) == 2
    assert "There is no fax" in capsys.readouterr().err


def by_there(ask, name, fax, **said):
    return ask(name, id=str(fax.uid), **said)


def by_here(ask, name, fax, **said):
    return deeds.run(name, argparse.Namespace(id=str(fax.uid), **{"json": False, **said}))


@pytest.mark.parametrize("by", [by_there, by_here])
def test_what_is_decided_is_decided_by_the_same_words_here_and_there(by, ask, make_fax, capsys):
    fax = make_fax("+12025550100")
    assert by(ask, "cancel", fax) == 0
    assert capsys.readouterr().out == f"{fax.uid}  Canceled, 1 page\n"
    assert by(ask, "cancel", fax) == 2
    assert "There is nothing left to cancel." in capsys.readouterr().err
    assert by(ask, "send-held", fax) == by(ask, "resend", fax) == by(ask, "approve", fax) == 2
    assert by(ask, "decline", fax, reason="Wrong patient") == 2
    assert capsys.readouterr().out == ""
    lost = make_fax("+12025550108")
    Delivery.objects.filter(fax=lost).update(status="unknown", cause="unknown")
    assert by(ask, "resolve", lost, recipient=4, arrived=True) == 2
    assert "has no recipient 4" in capsys.readouterr().err
    assert by(ask, "resolve", lost, recipient=1, arrived=True, json=True) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["status"], told["deliveries"][0]["status"]) == ("Sent", "Delivered")


def test_who_names_a_server_and_no_key_is_told(capsys):
    settled = argparse.Namespace(remote=Remote("https://fax.example.com", ""))
    assert there.run("faxes", argparse.Namespace(configuration=settled)) == 2
    assert "CASELLI_KEY is not" in capsys.readouterr().err


def test_a_command_that_needs_the_machine_says_so(capsys, monkeypatch):
    monkeypatch.setenv("CASELLI_URL", "https://fax.example.com/")
    monkeypatch.setattr("sys.argv", ["caselli", "extension", "list"])
    with pytest.raises(SystemExit) as ended:
        main.main()
    assert ended.value.code == 2
    assert "needs the machine itself" in capsys.readouterr().err
