"""Both clients over real sockets, and what they do when the line is not what it should be."""

import asyncio
import inspect

import httpx
import pytest
from client_far import HANG_UP, ME, Reply, problem

from caselli.client import AsyncClient, Client, File, Problem
from caselli.client.verbs import Group, Listing, Verb


def both(far, deed, **options):
    """``deed`` of a client, by both of them: what each came to."""

    async def by_the_other():
        async with AsyncClient(far.url, "caselli_secret", **options) as client:
            found = deed(client)
            return [one async for one in found] if hasattr(found, "__aiter__") else await found

    replies = list(far.replies)
    with Client(far.url, "caselli_secret", **options) as client:
        found = deed(client)
        first = list(found) if hasattr(found, "__next__") else found
    far.replies = replies
    return first, asyncio.run(by_the_other())


def test_both_send_the_key_and_read_the_answer(far):
    far.will(Reply(200, ME))
    first, second = both(far, lambda client: client.me())
    assert first == second
    assert first.login == "alice"
    for asked in far.asked:
        assert (asked.method, asked.path) == ("GET", "/api/v1/me")
        assert asked.headers["authorization"] == "Bearer caselli_secret"
        assert asked.headers["user-agent"].startswith("caselli-client/")


def test_both_ask_again_when_the_line_is_lost(far):
    far.will(HANG_UP, Reply(200, ME))
    first, second = both(far, lambda client: client.me())
    assert first == second
    assert len(far.asked) == 4


def test_both_raise_the_problem(far):
    far.will(problem("scope_missing", 403))
    with Client(far.url, "k") as client, pytest.raises(Problem) as told:
        client.me()
    error = told.value
    assert (error.slug, error.status, error.title) == ("scope_missing", 403, "A title")
    assert (error.detail, error.remedy, error.instance) == ("It is so.", "Do that.", "/api/v1/me")
    assert error.link.endswith("#scope_missing")
    assert [one.slug for one in error.errors] == ["scope_missing"]
    assert repr(error) == "Problem('scope_missing', 'It is so.', status=403)"


def test_a_file_is_sent_anew_with_every_try(far, tmp_path):
    letter = tmp_path / "letter.txt"
    letter.write_bytes(b"Dear all")
    far.will(HANG_UP, problem("no_trunk", 422))
    with Client(far.url, "k") as client, pytest.raises(Problem):
        client.faxes.send("211", [letter, File("b.txt", b"More")], extension="210")
    for asked in far.asked:
        assert asked.headers["content-type"].startswith("multipart/form-data; boundary=")
        assert b'filename="letter.txt"' in asked.body
        assert asked.body.count(b"Dear all") == asked.body.count(b"More") == 1
    assert len({asked.headers["idempotency-key"] for asked in far.asked}) == 1


def test_a_list_is_fetched_page_by_page_and_only_as_far_as_it_is_read(far):
    far.will(Reply(200, {"items": [], "next": "two"}), Reply(200, {"items": [], "next": None}))
    assert both(far, lambda client: client.faxes.list(extension="210", limit=2)) == ([], [])
    assert [one.path for one in far.asked[:2]] == [
        "/api/v1/faxes?extension=210&limit=2",
        "/api/v1/faxes?cursor=two&extension=210&limit=2",
    ]
    far.asked.clear()
    with Client(far.url, "k") as client:
        client.faxes.list()
    assert far.asked == []


def test_a_server_that_is_not_there_is_told_with_its_remedy(far):
    far.server_close()
    with Client(far.url, "k", retries=0) as client, pytest.raises(Problem, match="Check the address") as told:
        client.me()
    assert told.value.slug == "unreachable"


def test_the_clients_have_the_same_methods_and_say_what_they_do():
    for group in Group.__subclasses__():
        for name, one in vars(group).items():
            if isinstance(one, Verb | Listing):
                assert one.__doc__, name
                assert next(iter(inspect.signature(one.plan).parameters)) == "self"


def test_a_transport_of_ones_own_may_stand_in_for_the_network():
    def answer(request):
        return httpx.Response(200, json=ME)

    with Client("https://fax.example.com", "k", transport=httpx.MockTransport(answer)) as client:
        assert client.me().login == "alice"


def test_the_environment_names_server_and_key(monkeypatch, far):
    far.will(Reply(200, ME))
    monkeypatch.setenv("CASELLI_URL", far.url + "/")
    monkeypatch.delenv("CASELLI_CERTIFICATE", raising=False)
    monkeypatch.delenv("CASELLI_KEY", raising=False)
    with pytest.raises(Problem, match="CASELLI_KEY is not set"):
        Client.from_environment()
    monkeypatch.setenv("CASELLI_KEY", "caselli_secret")
    with Client.from_environment() as client:
        assert client.me().login == "alice"
