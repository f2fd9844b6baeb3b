"""Every operation of /api/v1: the scope it takes, and a request to it that makes sense. Two matrices read this table
(test_foreign.py, test_scopes.py); they fail until a new operation has its line here.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http.response import HttpResponseBase
from django.test import Client

from caselli.directory.scopes import Scope

SEND, READ, APPROVE, CANCEL = Scope.FAX_SEND, Scope.FAX_READ, Scope.FAX_APPROVE, Scope.FAX_CANCEL
ADMIN = Scope.ADMIN


@dataclass(frozen=True)
class Operation:
    """``of``: the object for each name in the address; ``json``, ``form`` and ``query`` may name objects in braces.

    ``lists``: it lists what the caller sees. Neither ``of`` nor ``names`` nor ``lists``: no object is asked for.
    """

    scope: Scope | None = None
    of: Mapping[str, str] = field(default_factory=dict)
    json: Any = None
    form: Mapping[str, Any] | None = None
    query: str = ""
    lists: bool = False

    @property
    def names_an_object(self) -> bool:
        return bool(self.of) or "{" in f"{self.json}{self.form}{self.query}".replace("{'", "")


FAX, RECEIVED, EXTENSION = {"id": "fax"}, {"id": "received"}, {"extension": "extension"}
USER, ORGANIZATION, TRUNK, BLOCKED = {"login": "user"}, {"number": "organization"}, {"id": "trunk"}, {"id": "blocked"}
WEBHOOK = {"webhook_id": "webhook"}
FILE = {"name": "empty.txt", "content": ""}

OPERATIONS = {
    "get_me": Operation(),
    "list_faxes": Operation(READ, query="?extension={extension}", lists=True),
    "get_fax": Operation(READ, FAX),
    "list_attempts": Operation(READ, FAX),
    "get_fax_page": Operation(READ, FAX | {"page": "one"}),
    "get_fax_pdf": Operation(READ, FAX),
    "get_document": Operation(READ, FAX | {"number": "one"}),
    "get_report": Operation(READ, FAX),
    "send_fax": Operation(SEND, json={"extension": "{extension}", "recipients": [{"to": "211"}], "files": [FILE]}),
    "cancel_fax": Operation(CANCEL, FAX),
    "resend_fax": Operation(SEND, FAX),
    "send_held_fax": Operation(SEND, FAX),
    "approve_fax": Operation(APPROVE, FAX, {}),
    "decline_fax": Operation(APPROVE, FAX, {"reason": "no"}),
    "resolve_delivery": Operation(SEND, FAX, {"recipient": 1, "arrived": True}),
    "upload_file": Operation(SEND, form={"extension": "{extension}", "file": FILE}),
    "get_upload": Operation(SEND, {"upload_id": "upload"}),
    "delete_upload": Operation(SEND, {"upload_id": "upload"}),
    "list_received_faxes": Operation(READ, EXTENSION),
    "get_received_fax": Operation(READ, RECEIVED),
    "get_received_page": Operation(READ, RECEIVED | {"page": "one"}),
    "get_received_pdf": Operation(READ, RECEIVED),
    "mark_received_fax": Operation(READ, RECEIVED, {"read": True}),
    "delete_received_fax": Operation(CANCEL, RECEIVED),
    "list_extensions": Operation(lists=True),
    "get_extension": Operation(None, EXTENSION),
    "add_extension": Operation(ADMIN, json={"number": "299", "name": "New", "owner": "nobody"}),
    "change_extension": Operation(ADMIN, EXTENSION, {"name": "Another"}),
    "remove_extension": Operation(ADMIN, EXTENSION),
    "get_fax_settings": Operation(ADMIN, EXTENSION),
    "change_fax_settings": Operation(ADMIN, EXTENSION, {"station_id": "210"}),
    "list_users": Operation(ADMIN, lists=True),
    "get_user": Operation(ADMIN, USER),
    "add_user": Operation(ADMIN, json={"login": "zoe", "email": "zoe@acme.example"}),
    "change_user": Operation(ADMIN, USER, {"first_name": "Another"}),
    "remove_user": Operation(ADMIN, USER),
    "invite_user": Operation(ADMIN, USER),
    "list_organizations": Operation(ADMIN, lists=True),
    "get_organization": Operation(ADMIN, ORGANIZATION),
    "add_organization": Operation(ADMIN, json={"number": "0099", "name": "New"}),
    "change_organization": Operation(ADMIN, ORGANIZATION, {"name": "Another"}),
    "remove_organization": Operation(ADMIN, ORGANIZATION),
    "list_trunks": Operation(ADMIN, lists=True),
    "get_trunk": Operation(ADMIN, TRUNK),
    "add_trunk": Operation(ADMIN, json={"name": "New", "host": "sip.example.com"}),
    "change_trunk": Operation(ADMIN, TRUNK, {"channels": 3}),
    "remove_trunk": Operation(ADMIN, TRUNK),
    "list_blocked_destinations": Operation(ADMIN, lists=True),
    "block_destination": Operation(ADMIN, json={"prefix": "+1901"}),
    "unblock_destination": Operation(ADMIN, BLOCKED),
    "list_webhooks": Operation(ADMIN, lists=True),
    "add_webhook": Operation(ADMIN, json={"name": "New", "url": "https://orders.example.com/hook"}),
    "get_webhook": Operation(ADMIN, WEBHOOK),
    "change_webhook": Operation(ADMIN, WEBHOOK, {"name": "Another"}),
    "remove_webhook": Operation(ADMIN, WEBHOOK),
    "test_webhook": Operation(ADMIN, WEBHOOK),
    "change_webhook_secret": Operation(ADMIN, WEBHOOK),
    "list_webhook_messages": Operation(ADMIN, WEBHOOK),
    "redeliver_webhook_message": Operation(ADMIN, WEBHOOK | {"message_id": "message"}),
    "get_callback_secret": Operation(SEND),
    "list_events": Operation(READ, query="?extension={extension}", lists=True),
    "get_preferences": Operation(ADMIN),
    "change_preferences": Operation(ADMIN, json={"files_limit": 6}),
}


def addresses(document: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Method and address of every operation in an OpenAPI document."""
    return {
        told["operationId"]: (method, path)
        for path, methods in document["paths"].items()
        for method, told in methods.items()
    }


def ask(client: Client, method: str, path: str, of: Operation, objects: Mapping[str, Any]) -> HttpResponseBase:
    """The request, with these objects in its address and body."""
    path = path.format(**{name: objects[one] for name, one in of.of.items()}) + of.query.format(**objects)
    if of.form is not None:
        parts = {
            name: one.format(**objects) if isinstance(one, str) else SimpleUploadedFile(one["name"], b"")
            for name, one in of.form.items()
        }
        answer = client.post(path, parts)
    elif of.json is not None:
        body = json.dumps(of.json).replace("{extension}", str(objects["extension"]))
        answer = client.generic(method.upper(), path, body, content_type="application/json")
    else:
        answer = client.generic(method.upper(), path)
    if answer.streaming:
        b"".join(answer)  # to its end, where the file is closed
    return answer
