"""Live events: heard by who may see the fax, at once, and by nobody else; never more held for a reader than needed."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client

from caselli.doors.web.live import MOST_CHANGES, Hub, Interest, Live, Pace, Stream
from caselli.doors.web.live_names import live_name
from caselli.store import journey
from caselli.store.models import Organization, User

LIMIT = 60.0


class Reader:
    """The server's side of one browser: what it sends, and that it leaves."""

    def __init__(self, application, query, session="", method="GET"):
        self._leaving = asyncio.Event()
        self._pieces = asyncio.Queue()
        cookie = f"{settings.SESSION_COOKIE_NAME}={session}".encode()
        scope = {
            "type": "http",
            "method": method,
            "path": "/live",
            "query_string": query.encode(),
            "headers": [(b"cookie", cookie)],
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

    async def event(self):
        """The next event as ``name data``, or ``:`` for a heartbeat."""
        while "\n\n" not in self._text:
            message = await asyncio.wait_for(self._pieces.get(), LIMIT)
            if not message.get("more_body"):
                return "over"
            self._text += message["body"].decode()
        piece, _, self._text = self._text.partition("\n\n")
        lines = dict(line.split(": ", 1) for line in piece.splitlines() if ": " in line)
        return f"{lines['event']} {lines['data']}" if "event" in lines else piece

    async def leave(self):
        self._leaving.set()
        await asyncio.wait_for(self.task, LIMIT)


def session_of(user):
    browser = Client()
    browser.force_login(user)
    return browser.cookies[settings.SESSION_COOKIE_NAME].value


@asynccontextmanager
async def listening(**pace):
    application = Live(Pace(**pace))
    try:
        yield application
    finally:
        await application.close()


@pytest.fixture
def world(transactional_db, cast, make_fax):
    """Sessions and a fax of Alice's; committed, because notifications are heard after a commit only."""
    fax = make_fax("+12025550100")
    return {
        "fax": fax,
        "alice": session_of(cast.alice),
        "bob": session_of(cast.bob),
        "charlie": session_of(cast.charlie),
    }


@sync_to_async
def change(fax):
    journey.tell_watchers(fax.pk, fax.organization_id, fax.extension_id)
    connection.close()


async def opened(application, query, session):
    reader = Reader(application, query, session)
    assert await reader.status() == 200
    assert await reader.event() == "retry: 2000"
    while (event := await reader.event()) == ":":
        pass
    assert event == "all all"
    return reader


async def test_a_change_is_heard_by_the_list_and_by_fax_info(world):
    fax = world["fax"]
    async with listening() as application:
        in_list = await opened(application, "extension=0003*210", world["alice"])
        in_info = await opened(application, f"fax={fax.uid}", world["alice"])
        await change(fax)
        for reader in (in_list, in_info):
            assert await reader.event() == f"fax {live_name(fax.pk)}"
            await reader.leave()


async def test_the_stream_is_kept_by_nobody(world):
    async with listening() as application:
        reader = Reader(application, "extension=0003*210", world["alice"])
        await reader.status()
        assert reader.headers[b"content-type"].startswith(b"text/event-stream")
        assert reader.headers[b"cache-control"] == b"no-store"
        await reader.leave()


@pytest.mark.parametrize("who", ["bob", "charlie"])
async def test_who_may_not_see_it_hears_nothing_of_it(world, who):
    async with listening() as application:
        for query in ("extension=0003*210", f"fax={world['fax'].uid}"):
            assert await Reader(application, query, world[who]).status() == 404


async def test_what_one_may_not_see_is_left_out_of_what_one_asks_for(world):
    fax = world["fax"]
    async with listening() as application:
        reader = await opened(application, f"extension=0003*211&extension=0003*210&fax={fax.uid}", world["bob"])
        await change(fax)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(reader.event(), 0.5)
        await reader.leave()


@pytest.mark.parametrize(
    ("query", "session", "status"),
    [
        ("extension=0003*210", "", 401),
        ("extension=0003*210", "nonsense", 401),
        ("", "alice", 404),
        ("extension=0003*999", "alice", 404),
        ("extension=..&fax=x&fax=%00", "alice", 404),
    ],
)
async def test_other_requests_are_refused(world, query, session, status):
    async with listening() as application:
        assert await Reader(application, query, world.get(session, session)).status() == status


async def test_only_reading_is_possible(world):
    async with listening() as application:
        assert await Reader(application, "extension=0003*210", world["alice"], "POST").status() == 405


async def test_one_person_holds_only_so_many_streams(world):
    async with listening(streams_a_person=1) as application:
        first = await opened(application, "extension=0003*210", world["alice"])
        assert await Reader(application, "extension=0003*210", world["alice"]).status() == 503
        await first.leave()
        again = await opened(application, "extension=0003*210", world["alice"])
        await again.leave()


async def test_a_silent_line_has_a_heartbeat(world):
    async with listening(heartbeat=0.05) as application:
        reader = await opened(application, "extension=0003*210", world["alice"])
        assert await reader.event() == ":"
        await reader.leave()


async def test_a_stream_ends_so_that_it_is_looked_again_at_who_may_see(world):
    async with listening(life=0.2) as application:
        reader = Reader(application, "extension=0003*210", world["alice"])
        await reader.status()
        while await reader.event() != "over":
            pass
        await asyncio.wait_for(reader.task, LIMIT)


def sign_out(cast, session):
    Session.objects.filter(pk=session).delete()


def switch_off(cast, session):
    User.objects.filter(pk=cast.alice.pk).update(is_active=False)


def switch_the_organization_off(cast, session):
    Organization.objects.filter(pk=cast.clinic.pk).update(enabled=False)


def take_another_password(cast, session):
    cast.alice.set_password("another one")
    cast.alice.save()


@pytest.mark.parametrize("deed", [sign_out, switch_off, switch_the_organization_off, take_another_password])
async def test_who_is_signed_out_hears_nothing_any_more_and_others_go_on(world, cast, deed):

    @sync_to_async
    def do():
        deed(cast, world["alice"])
        connection.close()

    async with listening(look=0.05) as application:
        reader = await opened(application, "extension=0003*210", world["alice"])
        other = await opened(application, "extension=0004*310", world["charlie"])
        await do()
        assert await reader.event() == "over"
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(other.event(), 0.3)
        await other.leave()


async def test_the_end_of_the_process_ends_all_streams(world):
    application = Live()
    reader = await opened(application, "extension=0003*210", world["alice"])
    to_it, from_it = asyncio.Queue(), asyncio.Queue()
    lifespan = asyncio.create_task(application.lifespan(to_it.get, from_it.put))
    for what in ("startup", "shutdown"):
        await to_it.put({"type": f"lifespan.{what}"})
        assert await asyncio.wait_for(from_it.get(), LIMIT) == {"type": f"lifespan.{what}.complete"}
    await asyncio.wait_for(lifespan, LIMIT)
    assert await reader.event() == "over"


@sync_to_async
def cut_the_listener():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE query LIKE 'LISTEN %%' AND pid <> pg_backend_pid() AND datname = current_database()"
        )
    connection.close()


async def test_after_a_lost_database_everything_is_fetched_anew(world):
    async with listening(pause=0.01) as application:
        reader = await opened(application, "extension=0003*210", world["alice"])
        await cut_the_listener()
        assert await reader.event() == "all all"
        await change(world["fax"])
        assert await reader.event() == f"fax {live_name(world['fax'].pk)}"
        await reader.leave()


async def test_a_slow_reader_is_told_each_fax_once():
    stream = Stream(Interest(1, frozenset(), frozenset()))
    for fax_id in (7, 8, 7, 7):
        stream.change(fax_id)
    piece = await stream.wait(1)
    assert piece == f"event: fax\ndata: {live_name(7)}\n\nevent: fax\ndata: {live_name(8)}\n\n".encode()


async def test_a_very_slow_reader_is_told_to_fetch_everything():
    stream = Stream(Interest(1, frozenset(), frozenset()))
    for fax_id in range(MOST_CHANGES + 5):
        stream.change(fax_id)
    assert await stream.wait(1) == b"event: all\ndata: all\n\n"
    assert await stream.wait(0.01) == b":\n\n"


async def test_the_hub_forgets_who_left():
    hub = Hub()
    stream = Stream(Interest(5, frozenset(), frozenset()))
    hub.join(stream)
    hub.leave(stream)
    assert hub.has_room_for(5)
    await hub.close()


def test_a_live_name_says_nothing_about_the_number():
    assert live_name(1) != live_name(2)
    assert len(live_name(1)) == 20
