"""``/webhooks``: for who administers an organization. Their log, and sending once more."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Status

from caselli.directory.access import organizations_administered_by
from caselli.directory.change import NotKept, keep
from caselli.directory.scopes import Scope
from caselli.doors.api import settings
from caselli.doors.api import shapes_webhooks as shapes
from caselli.doors.api.asked import Asked, OfAnOrganization, in_order, key_in
from caselli.doors.api.caller import Caller, Needs, who
from caselli.doors.api.idempotency import repeatable
from caselli.doors.api.links import after
from caselli.doors.api.problem_kinds import ProblemKind
from caselli.doors.api.problems import Fault, Problem
from caselli.doors.api.shapes_directory import Organization
from caselli.notice import webhook_deeds, webhooks
from caselli.notice.webhook_form import WebhookForm
from caselli.store.models import Webhook, WebhookMessage

router = Router(tags=["Webhooks"], auth=Needs(Scope.ADMIN))
Told = dict[str, object]
_NAME = "msg_"


@router.get("/webhooks", response=shapes.Webhooks, operation_id="list_webhooks", summary="The webhooks one administers")
@after(Organization, organization="/number")
def list_webhooks(request: HttpRequest, asked: Query[OfAnOrganization]) -> Told:
    """Their secrets are not told."""
    found, after = in_order(asked.only(webhook_deeds.seen_by(who(request).person)), asked)
    return {"items": [shapes.webhook(one) for one in found], "next": after}


@router.post("/webhooks", response={201: shapes.WebhookWithSecret}, operation_id="add_webhook", summary="Add a webhook")
@after(Organization, body={"organization": "/number"})
@repeatable
def add_webhook(request: HttpRequest, body: shapes.NewWebhook) -> Status[Told]:
    """A test message goes to the address at once. When it is not answered with 2xx, the webhook is kept, but off;
    `trouble` says why.
    """
    caller = who(request)
    kept = _set_up(Webhook(), body.model_dump(), caller)
    webhook_deeds.test(kept)
    kept.refresh_from_db()
    return Status(201, shapes.webhook(kept) | {"secret": kept.secret})


@router.get("/webhooks/{webhook_id}", response=shapes.Webhook, operation_id="get_webhook", summary="One webhook")
def get_webhook(request: HttpRequest, webhook_id: UUID) -> Told:
    """How it is set, and whether it is in service."""
    return shapes.webhook(_webhook(request, webhook_id))


@router.patch(
    "/webhooks/{webhook_id}", response=shapes.Webhook, operation_id="change_webhook", summary="Change a webhook"
)
def change_webhook(request: HttpRequest, webhook_id: UUID, body: shapes.WebhookChange) -> Told:
    """Messages that wait go to the new address."""
    caller, found = who(request), _webhook(request, webhook_id)
    settings.may_change(caller)
    given = body.model_dump(exclude_unset=True)
    enabled = given.pop("enabled", None)
    with transaction.atomic():
        if given:
            found = _set_up(found, given, caller)
        if enabled is not None:
            webhook_deeds.switch(found, caller.actor, enabled=enabled)
    return shapes.webhook(_webhook(request, webhook_id))


@router.delete(
    "/webhooks/{webhook_id}", response={204: None}, operation_id="remove_webhook", summary="Remove a webhook"
)
def remove_webhook(request: HttpRequest, webhook_id: UUID) -> Status[None]:
    """With its log."""
    caller, found = who(request), _webhook(request, webhook_id)
    settings.may_change(caller)
    webhook_deeds.remove(found, caller.actor)
    return Status(204, None)


@router.post(
    "/webhooks/{webhook_id}/test", response=shapes.WebhookTest, operation_id="test_webhook", summary="Test a webhook"
)
def test_webhook(request: HttpRequest, webhook_id: UUID) -> Told:
    """Sends a message of the kind `webhook.test`. One that is off goes into service when it is answered with 2xx."""
    caller, found = who(request), _webhook(request, webhook_id)
    settings.may_change(caller)
    tested = webhook_deeds.test(found)
    return {"passed": tested.passed, "words": tested.words}


@router.post(
    "/webhooks/{webhook_id}/secret",
    response=shapes.WebhookWithSecret,
    operation_id="change_webhook_secret",
    summary="Give a webhook another secret",
)
@repeatable
def change_webhook_secret(request: HttpRequest, webhook_id: UUID) -> Told:
    """For a day each message carries two signatures, with the new secret and with the former one."""
    caller, found = who(request), _webhook(request, webhook_id)
    settings.may_change(caller)
    secret = webhook_deeds.change_secret(found, caller.actor)
    return shapes.webhook(found) | {"secret": secret}


@router.get(
    "/webhooks/{webhook_id}/messages",
    response=shapes.WebhookMessages,
    operation_id="list_webhook_messages",
    summary="What was sent to a webhook",
)
def list_webhook_messages(request: HttpRequest, webhook_id: UUID, asked: Query[Asked]) -> Told:
    """Of the last 30 days, with what was answered."""
    every = _webhook(request, webhook_id).messages.order_by("-pk")
    if asked.cursor is not None:
        every = every.filter(pk__lt=key_in(asked.cursor))
    found = list(every[: asked.limit + 1])
    shown = found[: asked.limit]
    after = str(shown[-1].pk) if len(found) > asked.limit else None
    return {"items": [shapes.message(one) for one in shown], "next": after}


@router.post(
    "/webhooks/{webhook_id}/messages/{message_id}/redeliver",
    response={202: shapes.WebhookMessage},
    operation_id="redeliver_webhook_message",
    summary="Send a message once more",
)
def redeliver_webhook_message(request: HttpRequest, webhook_id: UUID, message_id: str) -> Status[Told]:
    """Also one that was taken: it has the same id, so that a program knows it again."""
    caller, found = who(request), _webhook(request, webhook_id)
    settings.may_change(caller)
    message = _message(found, message_id)
    webhooks.redeliver(message)
    message.refresh_from_db()
    return Status(202, shapes.message(message))


@router.get(
    "/me/callback-secret",
    response=shapes.CallbackSecret,
    auth=Needs(Scope.FAX_SEND),
    operation_id="get_callback_secret",
    summary="The secret of your faxes' own addresses",
)
def get_callback_secret(request: HttpRequest) -> Told:
    """Messages to the `callback_url` of a fax are signed with it. It is the same for all keys of a person."""
    return {"secret": webhooks.callback_secret(who(request).person)}


def _webhook(request: HttpRequest, uid: UUID) -> Webhook:
    return get_object_or_404(webhook_deeds.seen_by(who(request).person), uid=uid)


def _message(webhook: Webhook, name: str) -> WebhookMessage:
    try:
        uid = UUID(hex=name.removeprefix(_NAME))
    except ValueError:
        raise Http404 from None
    return get_object_or_404(WebhookMessage, webhook=webhook, uid=uid)


def _set_up(row: Webhook, given: Mapping[str, Any], caller: Caller) -> Webhook:
    """Raises Problem with everything that is wrong."""
    settings.may_change(caller)
    told = dict(given)
    number = told.pop("organization", None)
    if number is not None:
        told["organization"] = _organization(number, caller)
    with transaction.atomic():
        form = WebhookForm.filled(told, row, caller.person)
        if not form.is_valid():
            raise Problem(ProblemKind.FIELD_INVALID, faults=tuple(_faults(form)))
        try:
            kept = keep(form, caller.actor)
        except NotKept:
            raise Problem(ProblemKind.FIELD_INVALID, faults=tuple(_faults(form))) from None
    assert isinstance(kept, Webhook)
    return kept


def _organization(number: str, caller: Caller) -> int:
    found = organizations_administered_by(caller.person).filter(number=number).first()
    if found is None:
        raise Problem(
            ProblemKind.FIELD_INVALID,
            f"You administer no organization {number}.",
            "GET /api/v1/organizations lists yours.",
            "organization",
        )
    return found.pk


def _faults(form: WebhookForm) -> Iterator[Fault]:
    for name, errors in form.errors.items():
        for text in errors:
            field = name if name in form.fields else ""
            yield Fault(ProblemKind.FIELD_INVALID, str(text), "", field)
