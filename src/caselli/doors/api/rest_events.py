"""Events by the page, for programs that ask now and then. As a stream: events.py."""

import json
import time
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from caselli.directory.scopes import Scope
from caselli.doors.api.caller import Needs, who
from caselli.doors.api.event_power import HIGHEST, begins_after, power_of, read, wanted
from caselli.doors.api.links import after
from caselli.doors.api.shapes import Moment
from caselli.doors.api.shapes_directory import Extension
from caselli.history.event_kinds import MOST_OF_A_STEP, EventKind, number_of
from caselli.history.events import Settled

router = Router(tags=["Events"])

_LOOKS, _APART = 25, 0.02
_AT_ONCE = 200


class EventsAsked(Schema):
    after: int = Field(
        0, ge=0, lt=HIGHEST, description="The id of the last event that you have; 0: from the beginning."
    )
    extension: str = Field("", max_length=20, description="Of this extension alone, like 0003*210.")
    kind: list[EventKind] = Field([], description="Of these kinds alone.")


class Happened(Schema):
    """An event, as webhooks and the stream carry it too."""

    id: int = Field(description="Grows; there are gaps between numbers, and none between events.", examples=[4711])
    type: EventKind
    timestamp: Moment
    data: dict[str, Any] = Field(description="`fax`, and `delivery` where it is about one recipient.")


class Events(Schema):
    """In order."""

    items: list[Happened]
    next: int | None = Field(description="Give it as after for what follows; null when that is all so far.")


@router.get(
    "/events",
    response=Events,
    auth=Needs(Scope.FAX_READ),
    operation_id="list_events",
    summary="What happened",
    openapi_extra={
        "responses": {
            200: {"content": {"text/event-stream": {"schema": {"type": "string", "description": "As it happens."}}}}
        }
    },
)
@after(Extension, extension="/extension")
def list_events(request: HttpRequest, asked: Query[EventsAsked]) -> dict[str, object]:
    """What happened to the faxes that the key's person sees, in order and without gaps.

    With `Accept: application/json` a page of what happened so far. Else a stream of server-sent events, which goes on
    with what happens: begin with `after`, or with the header `Last-Event-ID`.
    """
    caller = who(request)
    power = power_of(caller)
    chosen = wanted(caller, str(asked.after), asked.extension, asked.kind)
    portion = read(power, chosen, begins_after(chosen), _settled(), _AT_ONCE)
    last = portion.told[-1].number if portion.told else number_of(portion.upto, MOST_OF_A_STEP - 1)
    return {"items": [json.loads(one.body) for one in portion.told], "next": last if portion.more else None}


def _settled() -> int:
    """Steps that are written this very moment are told the next time."""
    settled = Settled()
    for _ in range(_LOOKS):
        upto = settled.look()
        if upto is not None:
            return upto
        time.sleep(_APART)
    return 0
