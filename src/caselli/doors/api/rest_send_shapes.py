"""What a program says of a fax that it hands in, and what it hears of a rehearsal."""

import base64
import binascii
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import AfterValidator, AwareDatetime, BeforeValidator, ConfigDict, Field, StrictBool, StrictInt, StrictStr

from caselli.doors.api.problems import FaultShape
from caselli.doors.api.shapes import WHOLE, Moment
from caselli.intake import terms
from caselli.notice.webhook_rules import LONGEST_URL


def _only_text(value: object) -> object:
    """A number would be taken for seconds since 1970."""
    if not isinstance(value, str | datetime | UUID):
        raise ValueError("write it as a text")  # noqa: TRY004 - pydantic's way to say no
    return value


def _whole_time(value: object) -> object:
    """A date alone would be taken for its midnight."""
    if isinstance(value, str) and "T" not in value.upper() and " " not in value:
        raise ValueError("write it in ISO 8601 with its offset, like 2027-03-01T09:00:00+01:00")
    return value


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("it is not base64 (RFC 4648)") from None


Id = Annotated[UUID, BeforeValidator(_only_text)]
Later = Annotated[AwareDatetime, BeforeValidator(_whole_time), BeforeValidator(_only_text)]
Content = Annotated[StrictStr, AfterValidator(_decoded)]


class _Said(Schema):
    model_config = ConfigDict(extra="forbid")


class NewRecipient(_Said):
    """Somebody the fax goes to."""

    to: StrictStr = Field(
        description="A phone number, best in E.164, or an extension: 211, or 0003*211 of another organization.",
        examples=["+12025550100"],
    )
    name: StrictStr | None = Field(
        None,
        description="For people: kept with the recipient, and sent nowhere.",
        examples=["Dr. Miller"],
        json_schema_extra={"maxLength": terms.LONGEST_NAME},
    )


class NewFile(_Said):
    """A document, in the request itself."""

    name: StrictStr = Field(description="For people; what it is, its content says.", examples=["referral.pdf"])
    content: Content = Field(
        description="The file in base64.", json_schema_extra={"contentEncoding": "base64"}, examples=["SGVsbG8="]
    )


class NewFax(_Said):
    """A fax to be sent."""

    extension: StrictStr | None = Field(
        None,
        description="From which it is sent: 210, or 0003*210. Where the key's person has but one, it need not be said.",
        examples=["210"],
    )
    recipients: list[NewRecipient] = Field(description="Each gets a fate of its own.")
    uploads: list[Id] = Field(
        default=[], description="Files that were uploaded before (POST /uploads); they come before `files`."
    )
    files: list[NewFile] = Field(default=[], description="PDF, JPEG, PNG, TIFF, text or HTML, in their order.")
    send_at: Later | None = Field(
        None,
        description="Not before, a year ahead at most; a time that is over means at once. With its offset from UTC.",
        examples=["2027-03-01T09:00:00+01:00"],
    )
    hold: StrictBool = Field(default=False, description="It waits as approved until somebody says so (POST .../send).")
    priority: Annotated[StrictInt, WHOLE] = Field(
        default=0,
        description="Of the faxes of this extension that wait for a line, the higher go first. Nobody else waits for "
        "them any longer: extensions and organizations take turns.",
        json_schema_extra={"minimum": terms.PRIORITIES[0], "maximum": terms.PRIORITIES[-1]},
    )
    header: StrictStr | None = Field(
        None,
        description="Stands at the top of each page, in place of the extension's header line.",
        examples=["Acme Clinic, Radiology"],
        json_schema_extra={"maxLength": terms.LONGEST_HEADER},
    )
    metadata: dict[StrictStr, StrictStr] = Field(
        default={},
        description="Kept for you and given back: in answers, events and webhooks. Keys of letters, digits, dots, "
        f"hyphens and underscores, {terms.LONGEST_METADATA_KEY} characters at most.",
        examples=[{"order": "4711"}],
        json_schema_extra={
            "maxProperties": terms.MOST_METADATA,
            "additionalProperties": {"type": "string", "maxLength": terms.LONGEST_METADATA_VALUE},
        },
    )
    callback_url: StrictStr | None = Field(
        None,
        description="Hears of this fax alone, as a webhook does.",
        examples=["https://example.com/caselli"],
        json_schema_extra={"maxLength": LONGEST_URL},
    )
    require_approval: StrictBool = Field(
        default=False, description="A second person is asked, also where the organization's policy does not."
    )
    dry_run: StrictBool = Field(default=False, description="Make its pages, say what is wrong, and keep nothing.")


class ReadRecipient(Schema):
    """How a recipient is understood."""

    given: str = Field(description="As it was written.", examples=["202-555-0100"])
    to: str = Field(description="E.164, or an extension with its organization.", examples=["+12025550100"])
    kind: Literal["number", "extension"]
    name: str | None = Field(description="What you call it, or what the extension is called.")


class Warned(Schema):
    """What will be otherwise than one may think."""

    slug: Literal["awaits_approval", "time_is_over"]
    detail: str


class Rehearsal(Schema):
    """What would become of the fax. Nothing was kept."""

    accepted: bool = Field(description="It would be taken. Else `errors` says why not.")
    pages: int | None = Field(description="Null where they cannot be made.", examples=[2])
    seconds: float | None = Field(description="On the line for each number, about.", examples=[62.0])
    recipients: list[ReadRecipient] = Field(description="Those that can be sent to.")
    warnings: list[Warned]
    errors: list[FaultShape]


class Upload(Schema):
    """A file that waits for its fax, for a day."""

    id: UUID
    extension: str = Field(description="For faxes from there.", examples=["0003*210"])
    name: str = Field(examples=["referral.pdf"])
    size: int = Field(description="Bytes.", examples=[48213])
    pages: int = Field(description="It becomes so many pages.", examples=[2])
    seconds: float = Field(description="On the line, if it is sent alone, about.", examples=[62.0])
    uploaded_at: Moment
    ends_at: Moment = Field(description="Then it is erased.")


def _inlined(told: dict[str, Any]) -> dict[str, Any]:
    """A schema without references: it stands where no component can be named."""
    parts = told.pop("$defs", {})

    def whole(one: Any) -> Any:
        if isinstance(one, list):
            return [whole(each) for each in one]
        if not isinstance(one, dict):
            return one
        if "$ref" in one:
            return whole(parts[one["$ref"].rpartition("/")[2]])
        return {name: whole(value) for name, value in one.items()}

    found: dict[str, Any] = whole(told)
    return found


_FILES = {"type": "array", "items": {"type": "string", "contentMediaType": "application/octet-stream"}}


def as_json() -> dict[str, Any]:
    return _inlined(NewFax.model_json_schema())


def as_form() -> dict[str, Any]:
    """The same in a form: what repeats is repeated, what has parts is written in JSON."""
    told = as_json()
    fields: dict[str, Any] = told["properties"]
    fields["recipients"] = {
        "type": "array",
        "items": {"type": "string"},
        "description": "Repeated: a number or an extension each, or JSON: an object as above, or a list of them.",
        "examples": [["+12025550100"]],
    }
    fields["files"] = {**_FILES, "description": "Repeated: a part with a filename each, in their order."}
    fields["metadata"] = {
        "type": "string",
        "contentMediaType": "application/json",
        "description": f"An object in JSON. {fields['metadata']['description']}",
        "examples": ['{"order": "4711"}'],
    }
    return told


def upload_form() -> dict[str, Any]:
    extension = as_json()["properties"]["extension"]
    file = {"type": "string", "contentMediaType": "application/octet-stream", "description": "A part with a filename."}
    return {
        "type": "object",
        "properties": {"extension": extension, "file": file},
        "required": ["file"],
        "additionalProperties": False,
    }
