"""The OpenAPI document (3.1): what ninja finds in the operations, and what holds for all of them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from django.conf import settings
from ninja.openapi.schema import REF_TEMPLATE
from pydantic.json_schema import models_json_schema

from caselli.directory.scopes import WORDS
from caselli.doors.api.caller import Needs
from caselli.doors.api.idempotency import HEADER, REPLAYED
from caselli.doors.api.links import Links
from caselli.doors.api.problem_kinds import PROBLEMS, ProblemKind
from caselli.doors.api.problems import MEDIA_TYPE, FaultShape, ProblemShape

if TYPE_CHECKING:
    from ninja.operation import Operation

TAGS: Mapping[str, str] = MappingProxyType(
    {
        "Faxes": "Send faxes, see what became of them, and act on them.",
        "Uploads": "Files that come before their fax.",
        "Received faxes": "What came in for an extension.",
        "Directory": "Organizations, people, extensions, trunks and preferences.",
        "Events": "What happens, as it happens.",
        "Webhooks": "Addresses of yours that hear of events.",
        "Caller": "Whose key or token it is.",
    }
)
_EVERYWHERE = (401, 403, 429, 500, 503)
_WITH_INPUT = (400, 408, 413, 415, 422)
_DESCRIPTIONS: Mapping[int, str] = MappingProxyType(
    {
        400: "The request cannot be understood.",
        401: "No key or token of ours.",
        403: "A scope is missing, or the person may not.",
        404: "Not there, or not for this key's person.",
        408: "The body came too slowly.",
        409: "Not possible as it stands, or the same request is still at work.",
        413: "Too large.",
        415: "Neither JSON nor a multipart form.",
        422: "A field is missing or wrong; `errors` names each.",
        429: "Asked too often.",
        500: "A mistake of ours.",
        503: "Not now: try again.",
        507: "No room left.",
    }
)
_RATE_HEADERS = {
    "RateLimit-Policy": {"$ref": "#/components/headers/RateLimit-Policy"},
    "RateLimit": {"$ref": "#/components/headers/RateLimit"},
}


def complete(document: dict[str, Any], operations: Mapping[str, "Operation"]) -> dict[str, Any]:
    """``document``: ninja's, changed in place. ``operations``: by their id."""
    for path, methods in document["paths"].items():
        for method, told in methods.items():
            _complete_operation(path, method, told, operations[told["operationId"]])
    components = document["components"]
    _, shapes = models_json_schema(
        [(ProblemShape, "serialization"), (FaultShape, "serialization")], ref_template=REF_TEMPLATE
    )
    components["schemas"] = dict(sorted((components["schemas"] | shapes["$defs"]).items()))
    components["responses"] = {_called(status): _response(status) for status in _DESCRIPTIONS}
    components["headers"] = _headers()
    components["parameters"] = {"IdempotencyKey": _idempotency_key()}
    components["securitySchemes"] = _security_schemes()
    used = {tag for methods in document["paths"].values() for told in methods.values() for tag in told.get("tags", ())}
    Links(document, {name: one.view_func for name, one in operations.items()})
    document["tags"] = [{"name": name, "description": words} for name, words in TAGS.items() if name in used]
    document["servers"] = [{"url": settings.CONFIGURATION.public_url.rstrip("/"), "description": "This server"}]
    return document


def _complete_operation(path: str, method: str, told: dict[str, Any], operation: "Operation") -> None:
    needs = next((one for one in operation.auth_callbacks if isinstance(one, Needs)), None)
    if needs is not None:
        scopes = [one.value for one in needs.scopes]
        told["security"] = [{"ApiKey": []}, {"OAuth": scopes}]
        if scopes:
            told["description"] = f"{told.get('description', '')}\n\nScope: {', '.join(scopes)}.".strip()
    _give_examples(told["parameters"])
    statuses = set(_EVERYWHERE)
    repeatable = bool(getattr(operation.view_func, "repeatable", False))
    if method != "get" or told["parameters"]:
        statuses |= {422}
    if method != "get":
        statuses |= {*_WITH_INPUT, 409}
    if "{" in path or any(one.get("name") == "extension" for one in told["parameters"]):
        statuses |= {404}
    if "requestBody" in told and method == "post":
        statuses |= {404, 507}
    if repeatable:
        told["parameters"] = [*told["parameters"], {"$ref": "#/components/parameters/IdempotencyKey"}]
    for status, answer in told["responses"].items():
        answer.setdefault("headers", {}).update(_RATE_HEADERS)
        if repeatable and 200 <= int(status) < 300:
            answer["headers"][REPLAYED] = {"$ref": f"#/components/headers/{REPLAYED}"}
    answers = {str(status): answer for status, answer in told["responses"].items()}
    answers |= {
        str(status): {"$ref": f"#/components/responses/{_called(status)}"}
        for status in statuses
        if str(status) not in answers
    }
    told["responses"] = dict(sorted(answers.items()))


def _give_examples(parameters: list[dict[str, Any]]) -> None:
    """They are listed as in JSON Schema; OpenAPI wants them by name, or one."""
    for parameter in parameters:
        if isinstance(parameter.get("examples"), list):
            parameter["example"] = parameter.pop("examples")[0]


def _called(status: int) -> str:
    return f"Problem{status}"


def _response(status: int) -> dict[str, Any]:
    slugs = [one for one in ProblemKind if PROBLEMS[one].status == status]
    headers = dict(_RATE_HEADERS)
    if status in {429, 503}:
        headers["Retry-After"] = {"$ref": "#/components/headers/Retry-After"}
    if status == 401:
        headers["WWW-Authenticate"] = {"$ref": "#/components/headers/WWW-Authenticate"}
    content: dict[str, Any] = {"schema": {"$ref": "#/components/schemas/ProblemShape"}}
    if slugs:
        content["example"] = _example(slugs[0])
    return {"description": _DESCRIPTIONS[status], "headers": headers, "content": {MEDIA_TYPE: content}}


def _example(kind: ProblemKind) -> dict[str, Any]:
    about = PROBLEMS[kind]
    one = {"slug": kind.value, "detail": about.meaning, "remedy": about.remedy, "field": None}
    return {
        "type": f"https://fax.example.com/docs/problems#{kind.value}",
        "title": about.title,
        "status": about.status,
        "instance": "/api/v1/faxes",
        **one,
        "errors": [one | {"subject": None}],
    }


def _headers() -> dict[str, Any]:
    text, number = {"type": "string"}, {"type": "integer", "minimum": 0}
    return {
        "RateLimit-Policy": {
            "description": "Requests (`q`) in seconds (`w`).",
            "schema": text,
            "example": '"caller";q=1200;w=60',
        },
        "RateLimit": {
            "description": "Requests that are left (`r`), and the seconds (`t`) until all are again.",
            "schema": text,
            "example": '"caller";r=1199;t=1',
        },
        "Retry-After": {"description": "Seconds to wait.", "schema": number, "example": 2},
        "WWW-Authenticate": {
            "description": "How to authenticate.",
            "schema": text,
            "example": 'Bearer realm="Caselli"',
        },
        REPLAYED: {
            "description": "`true`: this is the answer of an earlier request with the same Idempotency-Key.",
            "schema": text,
            "example": "true",
        },
    }


def _idempotency_key() -> dict[str, Any]:
    return {
        "name": HEADER,
        "in": "header",
        "required": False,
        "description": (
            "Makes it safe to repeat this request: for 24 hours the same key with the same body gets the same answer, "
            "with another body 422, and 409 while the first one is still at work."
        ),
        "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
        "example": "8e03978e-40d5-43e8-bc93-6894a57f9324",
    }


def _security_schemes() -> dict[str, Any]:
    scopes = {scope.value: words for scope, words in WORDS.items()}
    flow = {"tokenUrl": "/oauth/token.php", "scopes": scopes}
    return {
        "ApiKey": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "caselli_...",
            "description": "A key, made under Account, API keys, or by `caselli key create`.",
        },
        "OAuth": {
            "type": "oauth2",
            "description": "A token of OAuth 2.0, sent as a bearer too.",
            "flows": {
                "clientCredentials": flow,
                "authorizationCode": flow
                | {"authorizationUrl": "/oauth/authorize.php", "refreshUrl": "/oauth/token.php"},
            },
        },
    }
