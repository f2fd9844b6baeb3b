"""A program empties an inbox."""

from doors.api.things import received

from caselli.directory.scopes import Scope
from caselli.store.models import ReceivedFax, Share

INBOX = "/api/v1/extensions/211/received-faxes"
ONE = "/api/v1/received-faxes"


def test_an_inbox_is_read_page_by_page_while_it_is_emptied(cast, program_of):
    faxes = [received(cast.lab) for _ in range(3)]
    program, found, cursor = program_of(cast.bob), [], ""
    for _ in faxes:
        answer = program.get(f"{INBOX}?limit=1{cursor}").json()
        found += [one["id"] for one in answer["items"]]
        assert program.delete(f"{ONE}/{found[-1]}").status_code == 204
        cursor = f"&cursor={answer['next']}"
    assert found == [one.pk for one in reversed(faxes)]
    assert answer["next"] is None
    assert program.get(INBOX).json() == {"items": [], "next": None}


def test_a_received_fax_is_looked_at_and_marked(cast, program_of):
    fax = received(cast.lab)
    program = program_of(cast.bob)
    told = program.get(f"{ONE}/{fax.pk}").json()
    assert (told["extension"], told["sender"], told["pages"], told["read_at"]) == ("0003*211", "0003*211", 2, None)
    assert program.get(f"{ONE}/{fax.pk}/pages/2.png?width=96").content.startswith(b"\x89PNG")
    assert program.get(f"{ONE}/{fax.pk}/document.pdf").content.startswith(b"%PDF")
    assert program.get("/api/v1/extensions/211").json()["unread"] == 1
    read = program.patch(f"{ONE}/{fax.pk}", {"read": True}, content_type="application/json").json()
    assert read["read_at"].endswith("Z")
    unread = program.patch(f"{ONE}/{fax.pk}", {"read": False}, content_type="application/json").json()
    assert unread["read_at"] is None


def test_who_may_only_look_deletes_nothing(cast, program_of):
    fax = received(cast.lab)
    Share.objects.create(extension=cast.lab, user=cast.alice)
    assert program_of(cast.alice).get(f"{ONE}/{fax.pk}").status_code == 200
    assert program_of(cast.alice).delete(f"{ONE}/{fax.pk}").json()["slug"] == "not_allowed"
    assert program_of(cast.bob, Scope.FAX_READ).delete(f"{ONE}/{fax.pk}").json()["slug"] == "scope_missing"
    assert ReceivedFax.objects.get().blob
