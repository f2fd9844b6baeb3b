"""``client.received``: what came in for an extension."""

from caselli.client import operations
from caselli.client.effects import Plan
from caselli.client.faxes import PageWidth
from caselli.client.plans import every
from caselli.client.shapes import ReceivedFax
from caselli.client.verbs import Group, S, listing, verb


class Received(Group[S]):
    @listing(ReceivedFax)
    def list(self, extension: str, *, limit: int | None = None) -> Plan[None]:
        """The inbox of an extension, newest first."""
        return every(operations.LIST_RECEIVED_FAXES, self._patience, {"extension": extension, "limit": limit})

    @verb
    def get(self, fax: ReceivedFax | int) -> Plan[ReceivedFax]:
        """Looking at it does not mark it as read."""
        return self._ask(operations.GET_RECEIVED_FAX, id=id_of(fax))

    @verb
    def page(self, fax: ReceivedFax | int, page: int, *, width: PageWidth | None = None) -> Plan[bytes]:
        """A page as PNG, the line's own pixels, or in smooth grey of that width."""
        return self._ask(operations.GET_RECEIVED_PAGE, id=id_of(fax), page=page, width=width)

    @verb
    def pdf(self, fax: ReceivedFax | int) -> Plan[bytes]:
        """All pages as they came down the line."""
        return self._ask(operations.GET_RECEIVED_PDF, id=id_of(fax))

    @verb
    def mark(self, fax: ReceivedFax | int, *, read: bool = True) -> Plan[ReceivedFax]:
        """As read, or as if nobody had read it yet."""
        return self._ask(operations.MARK_RECEIVED_FAX, id=id_of(fax), read=read)

    @verb
    def delete(self, fax: ReceivedFax | int) -> Plan[None]:
        """Its pages are erased; the record stays with the sender."""
        return self._ask(operations.DELETE_RECEIVED_FAX, id=id_of(fax))


def id_of(fax: ReceivedFax | int) -> int:
    return fax.id if isinstance(fax, ReceivedFax) else fax
