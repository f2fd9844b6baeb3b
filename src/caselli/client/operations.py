"""The operations of the OpenAPI document that the client knows: all of them, as a test says."""

from dataclasses import dataclass

from caselli.client.plans import Operation
from caselli.client.shapes import Attempt, Fax, Me, ReceivedFax, Rehearsal, Upload

NOTHING = type(None)


@dataclass(frozen=True, slots=True)
class Faxes:
    items: tuple[Fax, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class Attempts:
    items: tuple[Attempt, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class ReceivedFaxes:
    items: tuple[ReceivedFax, ...]
    next: str | None


GET_ME = Operation("get_me", "GET", "/me", Me)

SEND_FAX = Operation("send_fax", "POST", "/faxes", Fax, keyed=True)
REHEARSE_FAX = Operation("send_fax", "POST", "/faxes", Rehearsal, keyed=True)
LIST_FAXES = Operation("list_faxes", "GET", "/faxes", Faxes)
GET_FAX = Operation("get_fax", "GET", "/faxes/{id}", Fax)
LIST_ATTEMPTS = Operation("list_attempts", "GET", "/faxes/{id}/attempts", Attempts)
GET_FAX_PAGE = Operation("get_fax_page", "GET", "/faxes/{id}/pages/{page}.png", bytes)
GET_FAX_PDF = Operation("get_fax_pdf", "GET", "/faxes/{id}/document.pdf", bytes)
GET_DOCUMENT = Operation("get_document", "GET", "/faxes/{id}/documents/{number}", bytes)
GET_REPORT = Operation("get_report", "GET", "/faxes/{id}/report.pdf", bytes)
CANCEL_FAX = Operation("cancel_fax", "POST", "/faxes/{id}/cancel", Fax, keyed=True)
RESEND_FAX = Operation("resend_fax", "POST", "/faxes/{id}/resend", Fax, keyed=True)
SEND_HELD_FAX = Operation("send_held_fax", "POST", "/faxes/{id}/send", Fax, keyed=True)
APPROVE_FAX = Operation("approve_fax", "POST", "/faxes/{id}/approve", Fax, keyed=True)
DECLINE_FAX = Operation("decline_fax", "POST", "/faxes/{id}/decline", Fax, keyed=True)
RESOLVE_DELIVERY = Operation("resolve_delivery", "POST", "/faxes/{id}/resolve", Fax, keyed=True)

UPLOAD_FILE = Operation("upload_file", "POST", "/uploads", Upload, keyed=True)
GET_UPLOAD = Operation("get_upload", "GET", "/uploads/{upload_id}", Upload)
DELETE_UPLOAD = Operation("delete_upload", "DELETE", "/uploads/{upload_id}", NOTHING)

LIST_RECEIVED_FAXES = Operation("list_received_faxes", "GET", "/extensions/{extension}/received-faxes", ReceivedFaxes)
GET_RECEIVED_FAX = Operation("get_received_fax", "GET", "/received-faxes/{id}", ReceivedFax)
GET_RECEIVED_PAGE = Operation("get_received_page", "GET", "/received-faxes/{id}/pages/{page}.png", bytes)
GET_RECEIVED_PDF = Operation("get_received_pdf", "GET", "/received-faxes/{id}/document.pdf", bytes)
MARK_RECEIVED_FAX = Operation("mark_received_fax", "PATCH", "/received-faxes/{id}", ReceivedFax)
DELETE_RECEIVED_FAX = Operation("delete_received_fax", "DELETE", "/received-faxes/{id}", NOTHING)
