"""Addresses that do what the tests of the API's own machinery need: behind the same door as the real ones."""

from django.urls import include, path
from ninja import File, Form, Router, Schema, Status, UploadedFile

from caselli.directory.scopes import Scope
from caselli.doors.api import idempotency
from caselli.doors.api.caller import Needs
from caselli.doors.api.idempotency import repeatable
from caselli.doors.api.problem_kinds import ProblemKind
from caselli.doors.api.problems import Problem
from caselli.doors.api.rest import Rest
from caselli.fax.refusals import Refusal, RefusalKind, Refusals

DONE = []
"""What was done, a line each."""
router = Router(tags=["Faxes"])


class Recipient(Schema, extra="forbid"):
    to: str


class Order(Schema, extra="forbid"):
    recipients: list[Recipient]
    pages: int = 1


@router.post("/orders", response={202: dict}, auth=Needs(Scope.FAX_SEND))
@repeatable
def order(request, body: Order):
    DONE.append((idempotency.submission_key(request), body.recipients[0].to))
    match body.recipients[0].to:
        case "refused":
            raise Refusal(RefusalKind.NO_TRUNK, "recipients", "No trunk leads there.", "Add one.", "refused")
        case "failed":
            raise RuntimeError("a mistake of ours")
        case "twice":
            one = Refusal(RefusalKind.FILE_TOO_LARGE, "files", "It is too large.", "Send less.", "a.pdf")
            raise Refusals((one, Refusal(RefusalKind.RECIPIENT_INVALID, "recipients", "No number.", "Write one.")))
    return Status(202, {"number": len(DONE)})


@router.post("/forms", response=dict)
@repeatable
def form(request, to: Form[str], file: File[UploadedFile]):
    DONE.append((to, file.read()))
    return {"number": len(DONE)}


@router.get("/conflict")
def conflict(request):
    raise Problem(ProblemKind.CONFLICT, "It is so already.")


@router.get("/found/{int:number}", response=dict)
def found(request, number: int, page: int = 1):
    return {"number": number, "page": page}


trial = Rest("trial")
trial.add_router("", router)
urlpatterns = [path("api/v1/", trial.urls), path("", include("caselli.doors.web.urls"))]
