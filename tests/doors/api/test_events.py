"""Events as a stream and by the page: in order, without gaps, and only what the key's person sees."""

import asyncio
import json
from contextlib import asynccontextmanager

import pytest
from asgiref.sync import sync_to_async
from django.db import connections
from django.utils import timezone

from caselli.directory import api_keys
from caselli.directory.audit import Actor
from caselli.directory.scopes import Scope
from caselli.doors.api import event_hub
from caselli.doors.api.events import EventStreams, Pace, wants_stream
from caselli.history import events
from caselli.history.event_kinds import number_of
from caselli.store.models import ApiKey, Fax, Share

LIMIT = 60.0
OF_A_NEW_FAX = ["fax.created", "fax.approved", "fax.scheduled"]


class Reader:
    """A program with a stream open."""

    def __init__(self, application, secret, query="", last="", method="GET"):
        self._leaving = asyncio.Event()
        self._pieces = asyncio.Queue()
        headers = [(b"authorization", f"Bearer {secret}".encode())] if secret else []
        headers += [(b"last-event-id", last.encode())] if last else []
        scope = {
            "type": "http",
            "method": method,
            "path": "/api/v1/events",
            "query_string": query.encode(),
            "headers": headers,
            "client": ("192.0.2.7", 4711),
        }
        self.task = asyncio.create_task(application(scope, self._receive, self._pieces.put))
        self._text = ""

    async def _receive(self):
        await self._leaving.wait()
        return {"type": "http.disconnect"}

    async def status(self):
        message = await asyncio.wait_for(self._pieces.get(), LIMIT)
        self.headers = dict(message["headers"])
        return message["status"]

    async def problem(self):
        message = await asyncio.wait_for(self._pieces.get(), LIMIT)
        return json.loads(message["body"])

    async def event(self):
        """The next event's body, ``:`` for a heartbeat, ``over`` at the end."""
        while "\n\n" not in self._text:
            message = await asyncio.wait_for(self._pieces.get(), LIMIT)
            if not message.get("more_body"):
                return "over"
            self._text += message["body"].decode()
        piece, _, self._text = self._text.partition("\n\n")
        lines = dict(line.split(": ", 1) for line in piece.splitlines() if ": " in line)
        if "data" not in lines:
            return piece
        body = json.loads(lines["data"])
        assert lines["id"] == str(body["id"])
        assert lines["event"] == body["type"]
        return body

    async def events(self, count):
        return [await self.event() for _ in range(count)]

    async def leave(self):
        self._leaving.set()
        await asyncio.wait_for(self.task, LIMIT)


async def opened(application, secret, query="", last=""):
    reader = Reader(application, secret, query, last)
    assert await reader.status() == 200
    assert await reader.event() == "retry: 2000"
    while not application.hub._known.is_set():  # noqa: ASYNC110 - soon
        await asyncio.sleep(0)
    return reader


@asynccontextmanager
async def streaming(**pace):
    application = EventStreams(Pace(**pace))
    try:
        yield application
    finally:
        await application.close()
        await sync_to_async(lambda: connections.close_all())()  # noqa: PLW0108 - of that thread


@pytest.fixture
def world(transactional_db, cast):
    """Keys, committed: what is told is heard after a commit only."""

    def key(person, *scopes, **more):
        return api_keys.make(person, Actor(person), name="Test", scopes=scopes or [Scope.FAX_READ], **more)[1]

    return {
        "alice": key(cast.alice),
        "bob": key(cast.bob),
        "admin": key(cast.admin),
        "sandbox": key(cast.alice, sandbox=True),
        "sender": key(cast.alice, Scope.FAX_SEND),
    }


def types(bodies):
    return [one["type"] for one in bodies]


async def test_what_happens_is_heard_by_who_sees_it(world, cast, make_fax):
    async with streaming() as application:
        readers = [await opened(application, world[one]) for one in ("alice", "admin")]
        bob = await opened(application, world["bob"])
        fax = await sync_to_async(make_fax)("+12025550100")
        theirs = await sync_to_async(make_fax)("+12025550101", extension=cast.lab)
        for reader in readers:
            heard = await reader.events(3)
            assert types(heard) == OF_A_NEW_FAX
            assert heard[0]["data"]["fax"]["id"] == str(fax.uid)
        heard = await bob.events(3)
        assert {one["data"]["fax"]["id"] for one in heard} == {str(theirs.uid)}
        for reader in (*readers, bob):
            await reader.leave()


async def test_a_reader_goes_on_where_it_was(world, make_fax):
    for number in range(3):
        await sync_to_async(make_fax)(f"+1202555010{number}")
    async with streaming() as application:
        first = await opened(application, world["alice"], "after=0")
        every = await first.events(9)
        await first.leave()
        for place in (0, 1, 2, 4):
            reader = await opened(application, world["alice"], "after=0", last=str(every[place]["id"]))
            assert await reader.events(8 - place) == every[place + 1 :]
            await sync_to_async(lambda: None)()
            await reader.leave()
        last = await opened(application, world["alice"], last=str(every[-1]["id"]))
        await sync_to_async(make_fax)("+12025550109")
        assert types(await last.events(3)) == OF_A_NEW_FAX
        await last.leave()


async def test_a_reader_chooses_kinds_and_an_extension(world, cast, make_fax):
    await sync_to_async(Share.objects.create)(extension=cast.lab, user=cast.alice)
    async with streaming() as application:
        chosen = await opened(application, world["alice"], "extension=211&kind=fax.scheduled&kind=fax.sent&after=0")
        await sync_to_async(make_fax)("+12025550100")
        fax = await sync_to_async(make_fax)("+12025550101", extension=cast.lab)
        (heard,) = await chosen.events(1)
        assert (heard["type"], heard["data"]["fax"]["id"]) == ("fax.scheduled", str(fax.uid))
        await chosen.leave()


async def test_a_sandbox_key_hears_of_sandbox_faxes_alone(world, make_fax):
    await sync_to_async(make_fax)("+12025550100")
    fax = await sync_to_async(make_fax)("+12025550101")
    await sync_to_async(Fax.objects.filter(pk=fax.pk).update)(sandbox=True)
    async with streaming() as application:
        reader = await opened(application, world["sandbox"], "after=0")
        assert {one["data"]["fax"]["id"] for one in await reader.events(3)} == {str(fax.uid)}
        await reader.leave()


@pytest.mark.parametrize(
    ("who", "query", "status", "slug"),
    [
        ("", "", 401, "key_missing"),
        ("nonsense", "", 401, "key_invalid"),
        ("sender", "", 403, "scope_missing"),
        ("alice", "after=x", 422, "field_invalid"),
        ("alice", "after=9999999999999999999999", 422, "field_invalid"),
        ("alice", "kind=fax.eaten", 422, "field_invalid"),
        ("alice", "extension=0004*310", 404, "extension_unknown"),
    ],
)
async def test_why_not_is_said_as_everywhere(world, who, query, status, slug):
    async with streaming() as application:
        reader = Reader(application, world.get(who, who), query)
        assert await reader.status() == status
        assert reader.headers[b"content-type"] == b"application/problem+json"
        assert (await reader.problem())["slug"] == slug
        await reader.task


async def test_a_key_that_is_taken_back_ends_its_streams(world, cast):
    async with streaming(look=0.05) as application:
        alice, bob = await opened(application, world["alice"]), await opened(application, world["bob"])
        await sync_to_async(ApiKey.objects.filter(person=cast.alice).update)(ended_at=timezone.now())
        assert await alice.event() == "over"
        assert not bob.task.done()
        await bob.leave()


async def test_what_is_shared_later_is_heard_without_coming_again(world, cast, make_fax):
    async with streaming(look=0.05, heartbeat=0.1) as application:
        bob = await opened(application, world["bob"])
        await sync_to_async(Share.objects.create)(extension=cast.desk, user=cast.bob)
        stream = next(iter(application.hub.streams))
        async with asyncio.timeout(LIMIT):
            while cast.desk.pk not in stream.power.extensions:
                assert await bob.event() == ":"
        await sync_to_async(make_fax)("+12025550100")
        while (heard := await bob.event()) == ":":
            pass
        assert heard["type"] == "fax.created"
        await bob.leave()


async def test_one_caller_holds_so_many_streams_and_no_more(world):
    async with streaming(streams_a_caller=1) as application:
        first = await opened(application, world["alice"])
        second = Reader(application, world["alice"])
        assert await second.status() == 429
        await first.leave()
        third = await opened(application, world["alice"])
        await third.leave()


async def test_who_reads_too_slowly_is_sent_away_and_can_come_again(world, make_fax):
    fax = await sync_to_async(make_fax)("+12025550100")
    told = await sync_to_async(lambda: events.told(events.of_all(0, events.newest())))()
    async with streaming() as application:
        await opened(application, world["alice"])
        (stream,) = application.hub.streams
        for _ in range(event_hub.MOST_WAITING + 1):
            stream.hear(told[0], event_hub.piece_of(told[0]))
        assert await stream.take(1.0) is None
    assert fax.pk


def test_who_names_json_alone_gets_a_page():
    def scope(accept, method="GET", path="/api/v1/events"):
        return {"method": method, "path": path, "headers": [(b"accept", accept)] if accept else []}

    assert wants_stream(scope(b""))
    assert wants_stream(scope(b"*/*"))
    assert wants_stream(scope(b"text/event-stream"))
    assert not wants_stream(scope(b"application/json"))
    assert not wants_stream(scope(b"*/*", method="POST"))
    assert not wants_stream(scope(b"*/*", path="/api/v1/faxes"))


def test_a_page_of_events(cast, make_fax, program_of):
    fax = make_fax("+12025550100")
    make_fax("+12025550100", extension=cast.foreign)
    program = program_of(cast.alice, Scope.FAX_READ)
    answer = program.get("/api/v1/events").json()
    assert types(answer["items"]) == OF_A_NEW_FAX
    assert answer["next"] is None
    assert {one["data"]["fax"]["id"] for one in answer["items"]} == {str(fax.uid)}
    second = answer["items"][1]["id"]
    assert types(program.get(f"/api/v1/events?after={second}").json()["items"]) == ["fax.scheduled"]
    assert program.get(f"/api/v1/events?after={number_of(events.newest(), 3)}").json()["items"] == []
    chosen = program.get("/api/v1/events?kind=fax.created&extension=210").json()
    assert types(chosen["items"]) == ["fax.created"]
    assert program.get("/api/v1/events?kind=fax.eaten").status_code == 422
    assert program_of(cast.alice, Scope.FAX_SEND).get("/api/v1/events").status_code == 403
