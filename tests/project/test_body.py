"""Bodies are bounded while they come in, each door's addresses by its own bounds and in its own words."""

import json

from caselli.doors.api import bodies
from caselli.project.body import Bounds, WholeBodies

GENERAL = Bounds()


async def answered(path, pieces, content_type=b"application/json", bounds=GENERAL):
    """Status, Content-Type, body, and how many pieces were taken."""
    sent, waiting = [], list(pieces)

    async def receive():
        return {"type": "http.request", "body": waiting.pop(0), "more_body": bool(waiting)}

    async def send(message):
        sent.append(message)

    async def application(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"taken"})

    scope = {"type": "http", "method": "POST", "path": path, "headers": [(b"content-type", content_type)]}
    await WholeBodies(application, bounds, (bodies,))(scope, receive, send)
    kind = dict(sent[0]["headers"]).get(b"content-type", b"").decode()
    return sent[0]["status"], kind, sent[1]["body"], len(pieces) - len(waiting)


PIECES = [b" " * 400_000] * 5


async def test_json_beyond_the_apis_bound_is_refused_as_a_problem_before_it_ends():
    status, kind, body, taken = await answered("/api/v1/uploads", PIECES)
    assert (status, kind, taken) == (413, "application/problem+json", 3)
    assert json.loads(body)["slug"] == "request_too_large"


async def test_json_with_files_in_it_may_be_larger():
    assert (await answered("/api/v1/faxes", PIECES))[0] == 200


async def test_a_form_is_bounded_as_the_pages_are():
    form = b"multipart/form-data; boundary=x"
    assert (await answered("/api/v1/faxes", PIECES, form))[0] == 200
    status, kind, *_ = await answered("/api/v1/faxes", PIECES, form, Bounds(largest=1_000_000))
    assert (status, kind) == (413, "application/problem+json")


async def test_the_pages_say_it_in_plain_words():
    status, kind, body, _ = await answered("/extensions", PIECES, bounds=Bounds(largest=1_000_000))
    assert (status, kind) == (413, "text/plain; charset=utf-8")
    assert b"nothing was stored" in body


async def test_too_much_at_a_time_is_told_as_a_problem_too():
    status, kind, body, _ = await answered("/api/v1/faxes", PIECES, bounds=Bounds(together=1_000_000))
    assert (status, kind, json.loads(body)["slug"]) == (503, "application/problem+json", "unavailable")
