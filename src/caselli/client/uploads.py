"""``client.uploads``: files that come before their fax."""

from caselli.client import operations
from caselli.client.effects import Plan
from caselli.client.given import Files, parts_of
from caselli.client.plans import ask
from caselli.client.shapes import Upload
from caselli.client.verbs import Group, S, verb


class Uploads(Group[S]):
    @verb
    def add(self, file: Files, *, extension: str | None = None) -> Plan[Upload]:
        """Keep one file for a day, or say what is wrong with it. :meth:`Faxes.send` takes it as one of ``uploads``."""
        return ask(operations.UPLOAD_FILE, self._patience, {"extension": extension}, parts_of(file, "file"))

    @verb
    def get(self, upload_id: str) -> Plan[Upload]:
        """404 (``not_found``) once a fax has used it up, or its day is over."""
        return self._ask(operations.GET_UPLOAD, upload_id=upload_id)

    @verb
    def remove(self, upload_id: str) -> Plan[None]:
        """Before its day is over."""
        return self._ask(operations.DELETE_UPLOAD, upload_id=upload_id)
