"""The client and the server, as they speak with one another."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from paper import letter

from caselli.client import File, Problem, Recipient
from caselli.directory.scopes import Scope
from caselli.fax.outcome import CallEnd, CallReport, PageReport
from caselli.queue import report
from caselli.queue.claim import claim
from caselli.store.models import Delivery, Fax

TEXT = File("hello.txt", b"Hello")


def call(*pages, end=CallEnd.COMPLETED, **more):
    """The dialer calls what waits; ``pages``: those that are confirmed."""
    for one in claim("dialer"):
        report.dialled(one.attempt_id)
        report.ended(one.attempt_id, CallReport(end, pages=tuple(PageReport(n, confirmed=True) for n in pages), **more))


def test_whose_key_it_is(cast, program):
    me = program(cast.alice, Scope.FAX_READ, sandbox=True).me()
    assert (me.login, me.organization.number, me.by, me.sandbox) == ("alice", "0003", "key", True)
    assert me.scopes == ("fax:read",)


def test_a_fax_with_everything_that_can_be_said_of_it(cast, program, tmp_path):
    at = timezone.now().replace(microsecond=0) + timedelta(days=1)
    fax = program(cast.alice).faxes.send(
        [Recipient("+1 202 555 0100", "Dr. Miller"), "211"],
        [letter(tmp_path), TEXT],
        extension="210",
        send_at=at,
        priority=3,
        header="Acme Radiology",
        metadata={"order": "4711"},
    )
    assert (fax.extension, fax.channel, fax.recipients, fax.pages) == ("0003*210", "api", 2, 2)
    assert (fax.send_at, fax.priority, fax.header, fax.metadata) == (at, 3, "Acme Radiology", {"order": "4711"})
    assert [(one.to, one.name, one.status) for one in fax.deliveries] == [
        ("+12025550100", "Dr. Miller", "waiting"),
        ("0003*211", None, "waiting"),
    ]
    assert fax.moves
    assert not fax.sent
    assert [one.name for one in fax.documents] == ["letter.pdf", "hello.txt"]


def test_what_is_wrong_is_told_field_by_field(cast, program):
    with pytest.raises(Problem) as told:
        program(cast.alice).faxes.send(["hello", "211"], TEXT, extension="210")
    assert (told.value.slug, told.value.status) == ("recipient_invalid", 422)
    assert [(one.field, one.subject) for one in told.value.errors] == [("recipients[0].to", "hello")]
    assert not Fax.objects.exists()


def test_a_rehearsal_keeps_nothing(cast, program):
    rehearsal = program(cast.alice).faxes.rehearse(["+12025550100"], TEXT, extension="210")
    assert (rehearsal.accepted, rehearsal.pages, rehearsal.errors) == (True, 1, ())
    assert [(one.given, one.to) for one in rehearsal.recipients] == [("+12025550100", "+12025550100")]
    assert not Fax.objects.exists()


def test_the_same_key_is_the_same_fax(cast, program):
    client = program(cast.alice)
    first, second = (
        client.faxes.send("+12025550100", TEXT, extension="210", idempotency_key="order 4711") for _ in range(2)
    )
    assert first.id == second.id
    assert client.faxes.send("+12025550100", TEXT, extension="210").id != first.id


def test_a_file_may_come_first(cast, program):
    client = program(cast.alice)
    upload = client.uploads.add(TEXT, extension="210")
    assert (upload.name, upload.pages) == ("hello.txt", 1)
    assert client.uploads.get(upload.id) == upload
    assert client.faxes.send("+12025550100", uploads=[upload], extension="210").pages == 1
    with pytest.raises(Problem) as told:
        client.uploads.remove(upload.id)
    assert told.value.slug == "not_found"


def test_lists_go_on_over_their_pages(cast, program, make_fax):
    for _ in range(5):
        make_fax("+12025550100")
    client = program(cast.alice)
    every = list(client.faxes.list(extension="210", limit=2))
    assert [one.id for one in every] == [str(one.uid) for one in Fax.objects.order_by("-added_at", "-id")]
    assert list(client.faxes.list(status="sent", until=datetime.now(UTC))) == []


def test_a_fax_with_its_calls_its_papers_and_its_decisions(cast, program, make_fax):
    fax = str(make_fax("+12025550107").uid)
    client = program(cast.alice)
    call(end=CallEnd.REJECTED, sip_code=404)
    now = client.faxes.wait(fax)
    assert (now.status, now.can) == ("send_failed", ("cancel", "resend"))
    (attempt,) = client.faxes.attempts(now, ladder=False)
    assert (attempt.cause, attempt.sip_code, attempt.ladder) == ("no_such_number", 404, None)
    assert client.faxes.resend(now).status == "scheduled"
    call(1)
    assert client.faxes.get(fax).sent
    assert [one.status for one in client.faxes.watch(fax)] == ["sent"]
    with pytest.raises(Problem) as told:
        client.faxes.cancel(fax)
    assert (told.value.slug, told.value.status) == ("step_impossible", 409)


def test_papers_are_bytes(cast, program):
    client = program(cast.alice)
    fax = client.faxes.send("+12025550100", TEXT, extension="210")
    assert client.faxes.page(fax, 1, width=96).startswith(b"\x89PNG")
    assert client.faxes.pdf(fax).startswith(b"%PDF-")
    assert client.faxes.report(fax.id).startswith(b"%PDF-")
    assert client.faxes.document(fax, 1) == b"Hello"


def test_held_faxes_and_those_that_wait_for_a_yes(cast, program):
    alice = program(cast.alice)
    held = alice.faxes.send("+12025550100", TEXT, extension="210", hold=True)
    assert (held.status, held.moves, alice.faxes.wait(held)) == ("approved", False, held)
    assert alice.faxes.send_held(held).status == "scheduled"
    first, second = (
        alice.faxes.send("+12025550100", TEXT, extension="210", require_approval=True, metadata={"n": n}) for n in "12"
    )
    assert (first.status, alice.faxes.wait(first).can) == ("not_approved", ("cancel",))
    olivia = program(cast.olivia)
    assert {one.id for one in olivia.faxes.list(waits_for_me=True)} == {first.id, second.id}
    assert olivia.faxes.approve(first, seen=olivia.faxes.get(first).content).status == "scheduled"
    declined = olivia.faxes.decline(second, "Wrong patient")
    assert (declined.status, declined.reason is not None) == ("canceled", True)


def test_what_became_of_an_unknown_one(cast, program, make_fax):
    fax = make_fax("+12025550108")
    Delivery.objects.update(status="unknown", cause="unknown")
    assert program(cast.alice).faxes.resolve(str(fax.uid), 1, arrived=True).deliveries[0].delivered


def test_an_inbox(cast, program, make_fax):
    program(cast.alice).faxes.send("211", TEXT, extension="210")
    bob = program(cast.bob)
    (fax,) = bob.received.list("211")
    assert (fax.sender, fax.pages, fax.read_at) == ("0003*210", 1, None)
    assert bob.received.page(fax, 1).startswith(b"\x89PNG")
    assert bob.received.pdf(fax).startswith(b"%PDF-")
    assert bob.received.mark(fax).read_at is not None
    assert bob.received.get(fax.id).read_at is not None
    bob.received.delete(fax)
    assert list(bob.received.list("0003*211")) == []


def test_what_happened_is_told_in_order(cast, program, make_fax):
    fax = make_fax("+12025550100")
    call(1)
    client = program(cast.alice)
    events = list(client.events.list(extension="210"))
    assert [one.type for one in events][-2:] == ["delivery.delivered", "fax.sent"]
    assert {one.fax.id for one in events} == {str(fax.uid)}
    assert events[-2].delivery.to == "+12025550100"
    assert events[-1].delivery is None
    assert list(client.events.list(after=events[-2].id, kinds=["fax.sent"])) == [events[-1]]


def test_the_directory_is_read_and_changed(cast, program):
    olivia = program(cast.olivia)
    assert [one.extension for one in olivia.extensions.list()] == ["0003*210", "0003*211"]
    made = olivia.users.add(login="dora", email="dora@example.com", role="user")
    assert (made.login, olivia.users.get("dora")) == ("dora", made)
    added = olivia.extensions.add(number="212", name="Ward", owner="dora")
    assert added.extension == "0003*212"
    limited = olivia.extensions.change_fax_settings("212", delete_after_days=30, header_line="Ward 3")
    assert (limited.delete_after_days, limited.header_line) == (30, "Ward 3")
    assert olivia.extensions.change_fax_settings("212", delete_after_days=None).delete_after_days is None
    olivia.extensions.remove("212")
    with pytest.raises(Problem):
        olivia.extensions.get("212")
    admin = program(cast.admin)
    assert admin.preferences.change(files_limit=3).files_limit == 3
    trunk = admin.trunks.add(name="Second", host="sip.example.com")
    assert admin.trunks.change(trunk.id, channels=2).channels == 2
    blocked = admin.blocked_destinations.add("+1900", reason="premium numbers")
    assert [one.prefix for one in admin.blocked_destinations.list()] == ["+1900"]
    admin.blocked_destinations.remove(blocked.id)


def test_what_is_somebody_elses_is_not_there(cast, program, make_fax):
    fax = make_fax("+12025550100")
    with pytest.raises(Problem) as told:
        program(cast.charlie).faxes.get(str(fax.uid))
    assert (told.value.slug, told.value.status) == ("not_found", 404)
