"""What was added by mistake can be removed; what faxes tell of stays, and who asks is told what to do instead."""

import pytest
from django.utils import timezone
from oauth2_provider.models import RefreshToken

from caselli.directory import api_keys, apps
from caselli.directory.app_form import AppKind, Wanted
from caselli.directory.audit import Actor
from caselli.directory.remove import Held, held_by, remove
from caselli.directory.scopes import Scope
from caselli.store.models import AuditEntry, Extension, IncomingMail, Organization, Share, Trunk, User, Webhook

NOBODY = Actor(name="a test")


def removed(thing):
    remove(thing, NOBODY)
    entry = AuditEntry.objects.latest("id")
    return entry.deed, entry.kind, entry.subject


def why(thing):
    with pytest.raises(Held) as held:
        remove(thing, NOBODY)
    assert type(thing).objects.filter(pk=thing.pk).exists()
    return str(held.value)


def test_a_user_an_extension_and_an_organization_that_were_never_used_go(cast):
    assert removed(cast.foreign) == ("removed", "extension", "310 Rival")
    assert removed(cast.charlie) == ("removed", "user", "Charlie (charlie)")
    Trunk.objects.create(organization=cast.rival, name="Own", host="192.0.2.1")
    assert removed(cast.rival) == ("removed", "organization", "0004 Rival Lab")
    assert not Trunk.objects.filter(name="Own").exists()
    assert Organization.objects.get() == cast.clinic


def app_of(person, name):
    return apps.create(person, Wanted(name, AppKind.TRUSTED, frozenset({Scope.FAX_SEND})), NOBODY).app


def test_with_a_user_go_their_keys_and_apps_and_the_audit_list_names_them(cast):
    key, _ = api_keys.make(cast.olivia, NOBODY, name="Orders", scopes=[Scope.FAX_SEND])
    taken_back, _ = api_keys.make(cast.olivia, NOBODY, name="Old", scopes=[Scope.FAX_SEND])
    api_keys.end(taken_back, NOBODY)
    own, others = app_of(cast.olivia, "Billing"), app_of(cast.bob, "Ledger")
    RefreshToken.objects.create(user=cast.olivia, token="a", application=others)
    hook = Webhook.objects.create(
        organization=cast.clinic,
        name="Stays",
        url="https://example.com/",
        created_by=cast.olivia,
        created_at=timezone.now(),
    )
    with_it = remove(cast.olivia, NOBODY)
    assert [(one.counted, one.names) for one in with_it] == [
        ("1 API key", (api_keys.called(key),)),
        ("1 app, with its tokens", (apps.called(own),)),
        ("1 consent, by which an app acts for them", (apps.called(others),)),
    ]
    assert [one["old"] for one in AuditEntry.objects.latest("id").changes] == [one.names[0] for one in with_it]
    hook.refresh_from_db()
    assert hook.created_by is None


def test_with_an_organization_go_its_webhooks_and_trunks(cast):
    empty = Organization.objects.create(number="0009", name="Mistake")
    Trunk.objects.create(organization=empty, name="Own", host="192.0.2.1")
    for name in ("A", "B"):
        Webhook.objects.create(organization=empty, name=name, url="https://example.com/", created_at=timezone.now())
    assert [str(one) for one in remove(empty, NOBODY)] == [
        "2 webhooks, with their logs: A, B",
        "1 trunk of its own: Own",
    ]
    assert AuditEntry.objects.latest("id").changes[0] == {
        "field": "Webhooks, with their logs",
        "old": "A, B",
        "new": "–",
    }


def test_a_refused_mail_goes_with_its_extension_and_one_that_waits_keeps_it(cast):
    now = timezone.now()
    mail = {"via": "smtp", "sender": "charlie@rival.example", "extension": cast.foreign, "received_at": now}
    IncomingMail.objects.create(**mail, state="refused")
    waiting = IncomingMail.objects.create(**mail, blob="0" * 64, next_try_at=now)
    assert "A mail that is to become a fax of it has just come." in why(cast.foreign)
    assert IncomingMail.objects.count() == 2
    waiting.delete()
    assert removed(cast.foreign) == ("removed", "extension", "310 Rival")
    assert not IncomingMail.objects.exists()


def test_who_owns_an_extension_gives_it_to_somebody_else_first(cast):
    assert why(cast.charlie) == (
        "This is the owner of 0004*310. Give it to somebody else first, on the extension’s page."
    )
    for number in range(400, 404):
        Extension.objects.create(organization=cast.rival, number=str(number), name="More", owner=cast.charlie)
    assert "the owner of 0004*310, 0004*400, 0004*401 and others." in why(cast.charlie)


def test_who_approves_the_faxes_of_an_extension_is_replaced_first(cast):
    Extension.objects.filter(pk=cast.foreign.pk).update(approver=cast.bob, owner=cast.charlie)
    Extension.objects.filter(owner=cast.bob).delete()
    assert "approves the faxes of 0004*310. Name somebody else first" in why(cast.bob)


def test_whose_name_stands_in_a_fax_is_switched_off_instead(cast, make_fax):
    fax = make_fax("+12025550100")
    fax.added_by = cast.olivia
    fax.save()
    assert "Switch “May sign in” off instead" in why(cast.olivia)


def test_who_moved_a_fax_on_stays_too(cast, make_fax):
    make_fax("+12025550100").events.create(
        at=timezone.now(), old="released", new="canceled", mover="person", person=cast.olivia
    )
    assert held_by(cast.olivia)


def test_the_last_administrator_stays(cast):
    assert why(cast.admin) == "Nobody else administers this server. Make somebody else an administrator first."
    User.objects.create_user("second", role="administrator")
    assert removed(cast.admin)[0] == "removed"


def test_an_extension_with_faxes_is_switched_off_instead(cast, make_fax):
    make_fax("0003*211")
    assert "Faxes were sent from it" in why(cast.desk)
    assert "Faxes were sent to it" in why(cast.lab)
    assert "“Fax is on” off in its fax settings" in why(cast.lab)


def test_with_an_extension_goes_with_whom_it_was_shared(cast):
    Share.objects.create(extension=cast.desk, user=cast.bob)
    remove(cast.desk, NOBODY)
    assert not Share.objects.exists()


def test_an_organization_is_emptied_first_and_with_faxes_switched_off_instead(cast, make_fax):
    assert why(cast.rival) == (
        "It still has 1 user and 1 extension. Remove them first: the extensions, then the users."
    )
    make_fax("+12025550100")
    assert "Switch “In service” off instead" in why(cast.clinic)
