"""Webhooks, through the command as a person types it."""

import json
from dataclasses import replace
from ipaddress import ip_network

import pytest
from far_ends import far_end

from caselli.project import main
from caselli.store.models import AuditEntry, Webhook


@pytest.fixture
def caselli(cast, capsys, settings):
    """``caselli("webhook", "list")``: exit status, what it printed, what it complained."""
    settings.CONFIGURATION = replace(settings.CONFIGURATION, webhooks_private=(ip_network("127.0.0.0/8"),))

    def run(*words):
        arguments = main.parser().parse_args(["webhook", *words])
        arguments.configuration = main.configuration.load()
        status = arguments.run(arguments)
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


def add(caselli, url, *words):
    return caselli("add", "--organization", "0003", "--name", "Orders", "--url", url, *words)


def test_a_webhook_is_added_tested_switched_and_removed(caselli):
    with far_end() as end:
        status, said, _ = add(caselli, end.url, "--kind", "fax.sent", "--json")
        told = json.loads(said)
        assert status == 0
        assert told["secret"].startswith("whsec_")
        assert (told["enabled"], told["kinds"]) == (True, ["fax.sent"])
        assert "Orders" in caselli("list")[1]
        assert caselli("test", "Orders")[:2] == (0, "The address answered 200. The webhook is in service.\n")
        assert "switched off" in caselli("switch", told["id"], "off")[1]
        assert not Webhook.objects.get().enabled
        assert json.loads(caselli("secret", "Orders", "--json")[1])["secret"] != told["secret"]
        assert caselli("remove", "Orders")[0] == 0
    assert not Webhook.objects.exists()
    assert AuditEntry.objects.filter(kind="webhook").count() == 4


def test_one_whose_test_is_not_passed_is_kept_but_off(caselli):
    with far_end() as end:
        end.answers = [500]
        status, said, _ = add(caselli, end.url)
    assert status == 1
    assert "It is kept, but off." in said
    assert not Webhook.objects.get().enabled


def test_what_is_wrong_is_said(caselli):
    assert add(caselli, "https://example.com:22/")[::2] == (
        2,
        "url: Nothing is sent to port 22. Use 443, or a port from 1024 on.\n",
    )
    assert add(caselli, "https://example.com/", "--kind", "fax.eaten")[0] == 2
    assert caselli("test", "nothing")[::2] == (2, "There is no webhook nothing. See: caselli webhook list\n")
    assert "No webhooks yet" in caselli("list")[1]
