"""Apps in the browser: registered, shown, changed, removed; and what one let apps of others do, taken back."""

import re

import pytest
from django.urls import reverse
from doors.api.oauth import DONE, app_of, ask

from caselli.directory import apps
from caselli.directory.app_form import AppKind
from caselli.directory.scopes import Scope
from caselli.store.models import App, AuditEntry

TRUSTED = {"name": "Billing", "kind": "trusted", "scopes": ["fax:send"]}
ASKING = {"name": "Portal", "kind": "consent", "scopes": ["fax:read"], "redirect_uris": f"{DONE}\nhttp://127.0.0.1/"}


def secret_in(page):
    return re.findall(r'<code class="secret">([A-Za-z0-9]{48})</code>', page.content.decode())


def test_a_registered_app_shows_its_secret_once_and_it_works(cast, alice):
    page = alice.post(reverse("app-add"), TRUSTED)
    app, (secret,) = App.objects.get(), secret_in(page)
    assert (app.user, app.name, app.scopes) == (cast.alice, "Billing", ["fax:send"])
    assert "no-store" in page["Cache-Control"]
    assert ask(apps.Made(app, secret)).status_code == 200
    later = alice.get(reverse("app", args=[app.pk])).content.decode()
    assert app.client_id in later
    assert secret not in later


def test_an_app_with_consent_keeps_its_addresses(alice):
    assert secret_in(alice.post(reverse("app-add"), ASKING))
    app = App.objects.get()
    assert app.redirect_uris.split() == [DONE, "http://127.0.0.1/"]
    assert app.client_type == "confidential"


def test_an_app_without_a_secret_gets_none(alice):
    page = alice.post(reverse("app-add"), ASKING | {"kind": "public"})
    assert page.status_code == 200
    assert not secret_in(page)
    app = App.objects.get()
    assert (app.client_secret, app.client_type) == ("", "public")
    assert alice.get(reverse("app-secret", args=[app.pk])).status_code == 404


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"name": " "}, "The app has no name."),
        ({"name": "x" * 61}, "Write at most 60 characters"),
        ({"scopes": []}, "Choose at least one."),
        ({"scopes": ["admin"]}, "Alice administers nothing. Leave out the scope admin."),
        ({"redirect_uris": DONE}, "A trusted app asks nobody"),
        ({"kind": "consent"}, "Write where the browser goes"),
    ],
)
def test_what_is_wrong_is_told_beside_its_field_and_what_was_typed_stays(alice, given, words):
    page = alice.post(reverse("app-add"), TRUSTED | given)
    assert page.status_code == 422
    assert page.content.decode().count(words) == 2  # above the form, and beside the field
    assert not App.objects.exists()


@pytest.mark.parametrize(
    "address",
    [
        "http://app.example.com/done",
        "https://*.example.com/done",
        "https://app.example.com/done#here",
        "https://bob@app.example.com/done",
        "app.example.com/done",
        "javascript:alert(1)",
        "myapp://done",
        "https:///done",
        "https://app.example.com:99999/",
        "https://app.example.com/\u00e9",
    ],
)
def test_addresses_that_could_lead_elsewhere_are_refused(alice, address):
    page = alice.post(reverse("app-add"), ASKING | {"redirect_uris": address})
    assert page.status_code == 422
    assert "cannot be used" in page.content.decode()


@pytest.mark.parametrize("address", ["http://localhost:8080/cb", "http://[::1]/cb", "https://app.example.com/a?b=c"])
def test_addresses_that_are_safe_are_kept(alice, address):
    alice.post(reverse("app-add"), ASKING | {"redirect_uris": address})
    assert App.objects.get().redirect_uris == address


def test_an_app_is_changed_but_not_its_kind(cast, alice):
    app = app_of(cast.alice).app
    address = reverse("app", args=[app.pk])
    answer = alice.post(address, TRUSTED | {"name": "Invoices", "kind": "public"})
    assert answer.url == address
    app.refresh_from_db()
    assert (app.name, app.scopes, app.client_type) == ("Invoices", ["fax:send"], "confidential")
    entry = AuditEntry.objects.latest("id")
    assert (entry.kind, entry.deed, entry.organization) == ("app", "changed", cast.clinic)
    assert [one["field"] for one in entry.changes] == ["Name", "Scopes"]


def test_a_new_secret_is_asked_for_first_and_ends_the_old_one(cast, alice):
    made = app_of(cast.alice)
    address = reverse("app-secret", args=[made.app.pk])
    alice.get(address)
    assert ask(made).status_code == 200
    (secret,) = secret_in(alice.post(address))
    assert ask(made).status_code == 401
    assert ask(made, client_secret=secret).status_code == 200


def test_removing_asks_first(cast, alice):
    app = app_of(cast.alice).app
    address = reverse("app-remove", args=[app.pk])
    assert "Remove Billing?" in alice.get(address).content.decode()
    assert App.objects.exists()
    assert alice.post(address).url == reverse("apps")
    assert not App.objects.exists()
    assert AuditEntry.objects.latest("id").deed == "removed"


def test_secrets_are_in_no_audit_entry(cast, alice):
    (secret,) = secret_in(alice.post(reverse("app-add"), TRUSTED))
    (second,) = secret_in(alice.post(reverse("app-secret", args=[App.objects.get().pk])))
    told = str(list(AuditEntry.objects.values_list()))
    assert "another secret" in told
    assert secret not in told
    assert second not in told


def test_administrators_see_the_apps_of_their_people_and_others_do_not(cast, browser_of):
    app_of(cast.alice, name="Desk program")
    app_of(cast.charlie, name="Rival program")
    olivia, bob = (browser_of(one).get(reverse("apps")).content.decode() for one in (cast.olivia, cast.bob))
    admin = browser_of(cast.admin).get(reverse("apps")).content.decode()
    assert ("Desk program" in olivia, "Rival program" in olivia) == (True, False)
    assert ("Desk program" in bob, "Rival program" in bob) == (False, False)
    assert ("Desk program" in admin, "Rival program" in admin) == (True, True)


def test_an_app_whose_account_has_no_power_says_so(cast, browser_of):
    app_of(cast.alice)
    cast.alice.is_active = False
    cast.alice.save()
    assert "Out of power" in browser_of(cast.olivia).get(reverse("apps")).content.decode()


def test_an_administrators_app_may_administer(cast, browser_of):
    page = browser_of(cast.admin).post(reverse("app-add"), TRUSTED | {"scopes": [one.value for one in Scope]})
    assert page.status_code == 200
    assert set(App.objects.get().scopes) == set(Scope)


def test_the_account_page_leads_there(alice):
    assert reverse("apps") in alice.get(reverse("mfa_index")).content.decode()


def test_names_are_shown_as_they_are(cast, alice):
    app_of(cast.alice, AppKind.CONSENT, name="<b>Bold</b>")
    page = alice.get(reverse("apps")).content.decode()
    assert "&lt;b&gt;Bold" in page
    assert "<b>Bold" not in page
