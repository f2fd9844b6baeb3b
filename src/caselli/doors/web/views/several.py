"""Several faxes of one extension, chosen in Sent Fax History: cancel them, send them again, or download their pages."""

import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from tempfile import TemporaryFile
from uuid import UUID

from django.contrib import messages
from django.db.models import Prefetch, prefetch_related_objects
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.views.decorators.http import require_POST

from caselli.directory.access import faxes_of, may_act
from caselli.documents.preview import pages_pdf
from caselli.doors.web import seen, words
from caselli.doors.web.times import zone_of
from caselli.doors.web.views.pages import as_attachment
from caselli.fax.refusals import Refusal
from caselli.history.search import PAGE_SIZE
from caselli.queue import decide
from caselli.store import blobs
from caselli.store.models import Delivery, Extension, Fax, User

_NAMED = 3
"""Of the faxes that refuse for one reason, so many are told by name."""
Verb = Callable[[Sequence[Fax], User | None, str | None], dict[int, Refusal]]
_VERBS: dict[str, tuple[Verb, str, str]] = {
    "resend": (
        decide.resend_several,
        "1 fax goes out again, to those only who have not got it.",
        "{} faxes go out again, to those only who have not got them.",
    ),
    "cancel": (
        decide.cancel_several,
        "What could still be stopped of 1 fax is cancelled.",
        "What could still be stopped of {} faxes is cancelled.",
    ),
}


@require_POST
@seen.signed_in
def several(request: HttpRequest, extended: str) -> HttpResponseBase:
    """``fax``: the uids that were ticked; ``deed``: ``resend``, ``cancel`` or ``download``."""
    extension = seen.extension(request, extended)
    chosen = _chosen(request, extension)
    deed = request.POST.get("deed", "")
    if deed in _VERBS and not may_act(seen.person(request), extension):
        raise Http404
    if not chosen:
        messages.error(request, "No fax was chosen. Tick some in the history first.")
    elif deed == "download":
        response = _pages_of(chosen, extension)
        if response is not None:
            return response
        messages.error(request, "The pages of these faxes have been erased: there is nothing to download.")
    elif deed in _VERBS:
        _do(request, chosen, *_VERBS[deed])
    else:
        raise Http404
    return _back(request, extension)


def _chosen(request: HttpRequest, extension: Extension) -> list[Fax]:
    uids: list[UUID] = []
    for text in request.POST.getlist("fax")[:PAGE_SIZE]:
        try:
            uids.append(UUID(text))
        except ValueError:
            raise Http404 from None
    found = faxes_of(extension).filter(uid__in=uids)
    return list(found.order_by("added_at", "id"))


def _do(request: HttpRequest, chosen: Sequence[Fax], verb: Verb, one: str, many: str) -> None:
    """Each fax for itself: what one of them refuses holds up no other, and is told with the fax."""
    refused = verb(chosen, seen.person(request), seen.ip(request))
    done = len(chosen) - len(refused)
    if done:
        messages.success(request, one if done == 1 else many.format(done))
    alike: dict[str, list[Fax]] = defaultdict(list)
    for fax in chosen:
        if refusal := refused.get(fax.pk):
            alike[refusal.sentence].append(fax)
    for sentence, those in alike.items():
        messages.error(request, f"{_named(those)}: {sentence}")


def _named(faxes: Sequence[Fax]) -> str:
    """By whom they go to; of many the first ones."""
    told = faxes[:_NAMED]
    prefetch_related_objects(told, Prefetch("deliveries", Delivery.objects.select_related("to_extension")))
    names = [f"the fax to {words.addressees(list(fax.deliveries.all()))}" for fax in told]
    if len(faxes) > len(names):
        names.append(f"{len(faxes) - len(names)} more")
    named = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return named[0].upper() + named[1:]


def _pages_of(chosen: Iterable[Fax], extension: Extension) -> FileResponse | None:
    """One PDF a fax in a ZIP file; None where all of them are erased."""
    file = TemporaryFile()  # noqa: SIM115 - the response closes it
    count = 0
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:  # the pages are compressed already
        for fax in chosen:
            if not fax.pages_blob:
                continue
            try:
                content = pages_pdf(blobs.path(fax.pages_blob))
            except OSError:
                continue
            count += 1
            added = fax.added_at.astimezone(zone_of(extension.zone))
            archive.writestr(f"{added:%Y-%m-%d %H%M} {str(fax.uid)[:8]}.pdf", content)
    if not count:
        file.close()
        return None
    file.seek(0)
    response = FileResponse(file, content_type="application/zip")
    as_attachment(response, f"faxes of {extension.number} {extension.name}.zip")
    return response


def _back(request: HttpRequest, extension: Extension) -> HttpResponse:
    return redirect(seen.way_back(request) or resolve_url("sent", extension.extended))
