"""What a person decides about a fax: cancel, send, send again, approve, decline, what became of an unknown one."""

from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from ninja import Body, Router, Schema
from pydantic import ConfigDict, Field, StrictBool, StrictInt

from caselli.approval import decide as yes_or_no
from caselli.approval.decide import MOST_REASON
from caselli.approval.request import content_of
from caselli.directory.scopes import Scope
from caselli.doors.api import objects, shapes, shapes_told
from caselli.doors.api.caller import Caller, Needs, who
from caselli.doors.api.idempotency import repeatable
from caselli.doors.api.links import after
from caselli.doors.api.problem_kinds import ProblemKind
from caselli.doors.api.problems import Problem
from caselli.queue import decide
from caselli.store.models import ApprovedHow

router = Router(tags=["Faxes"])


class Yes(Schema):
    model_config = ConfigDict(extra="forbid")

    seen: str | None = Field(
        None,
        max_length=64,
        description="The fax's content, as it was when somebody looked at it. Where it is another by now, nothing is "
        "approved (409). Null approves what is there.",
    )


class No(Schema):
    model_config = ConfigDict(extra="forbid")

    reason: str = Field(
        max_length=MOST_REASON, description="Stands with the fax.", examples=["The number is a private one."]
    )


class Fate(Schema):
    model_config = ConfigDict(extra="forbid")

    recipient: Annotated[StrictInt, Field(ge=1, le=32_767), shapes.WHOLE] = Field(
        description="Which of the fax's recipients, from 1.", examples=[1]
    )
    arrived: StrictBool = Field(
        description="True: the recipient says so. False: it is sent again, from the first page that was not confirmed."
    )


def _now(caller: Caller, id: UUID) -> shapes.Fax:  # noqa: A002
    return shapes_told.fax(objects.fax(caller, id), caller)


@router.post(
    "/faxes/{id}/cancel",
    response=shapes.Fax,
    operation_id="cancel_fax",
    summary="Cancel a fax",
    auth=Needs(Scope.FAX_CANCEL),
)
@repeatable
def cancel_fax(request: HttpRequest, id: UUID) -> shapes.Fax:  # noqa: A002
    """For all recipients that have not got it. A call on the line is hung up, and then tells what is true."""
    caller = who(request)
    decide.cancel(objects.fax_to_act_on(caller, id), caller.person, caller.ip)
    return _now(caller, id)


@router.post(
    "/faxes/{id}/resend",
    response=shapes.Fax,
    operation_id="resend_fax",
    summary="Send again what has failed",
    auth=Needs(Scope.FAX_SEND),
)
@repeatable
def resend_fax(request: HttpRequest, id: UUID) -> shapes.Fax:  # noqa: A002
    """To the recipients with `failed` alone; never to one that has got it, nor to an `unknown` one."""
    caller = who(request)
    decide.resend(objects.fax_to_act_on(caller, id), caller.person, caller.ip)
    return _now(caller, id)


@router.post(
    "/faxes/{id}/send",
    response=shapes.Fax,
    operation_id="send_held_fax",
    summary="Send a fax that was held",
    auth=Needs(Scope.FAX_SEND),
)
@repeatable
def send_held_fax(request: HttpRequest, id: UUID) -> shapes.Fax:  # noqa: A002
    """It is `approved`, and waits for this: it goes into the queue now, whatever its `send_at`."""
    caller = who(request)
    decide.send_held(objects.fax_to_act_on(caller, id), caller.person, caller.ip)
    return _now(caller, id)


@router.post(
    "/faxes/{id}/approve",
    response=shapes.Fax,
    operation_id="approve_fax",
    summary="Say yes to a fax",
    auth=Needs(Scope.FAX_APPROVE),
)
@after(body={"seen": "/content"})
@repeatable
def approve_fax(
    request: HttpRequest,
    id: UUID,  # noqa: A002
    body: Annotated[Yes | None, Body()] = None,
) -> shapes.Fax:
    """For who is asked, and is none of those that made the fax. It goes out; a held one becomes `approved`."""
    caller = who(request)
    fax = objects.fax(caller, id)
    seen = body.seen if body else None
    yes_or_no.approve(fax, caller.person, caller.ip, content_of(fax) if seen is None else seen, ApprovedHow.PROGRAM)
    return _now(caller, id)


@router.post(
    "/faxes/{id}/decline",
    response=shapes.Fax,
    operation_id="decline_fax",
    summary="Say no to a fax",
    auth=Needs(Scope.FAX_APPROVE),
)
@repeatable
def decline_fax(request: HttpRequest, id: UUID, body: No) -> shapes.Fax:  # noqa: A002
    """It is cancelled, and its sender reads the reason."""
    caller = who(request)
    yes_or_no.refuse(objects.fax(caller, id), caller.person, caller.ip, body.reason)
    return _now(caller, id)


@router.post(
    "/faxes/{id}/resolve",
    response=shapes.Fax,
    operation_id="resolve_delivery",
    summary="Say what became of an unknown one",
    auth=Needs(Scope.FAX_SEND),
)
@after(body={"recipient": "/deliveries/0/recipient"})
@repeatable
def resolve_delivery(request: HttpRequest, id: UUID, body: Fate) -> shapes.Fax:  # noqa: A002
    """A recipient is `unknown` when the line died at the very end, and is never called again by itself. Ask there."""
    caller = who(request)
    fax = objects.fax_to_act_on(caller, id)
    delivery = fax.deliveries.filter(position=body.recipient).first()
    if delivery is None:
        raise Problem(
            ProblemKind.FIELD_INVALID,
            f"The fax has no recipient {body.recipient}.",
            "Take the recipient of one of its deliveries.",
            "recipient",
        )
    verb = decide.it_arrived if body.arrived else decide.send_again
    verb(delivery, caller.person, caller.ip)
    return _now(caller, id)
