"""Two administrators at once: the later save does not silently undo the other's."""

import threading

import pytest
from browsing import filled
from django.db import connection
from django.test import Client
from django.urls import reverse

from caselli.store.models import AuditEntry, Extension, Organization, Role, Trunk, User


@pytest.fixture
def organization(cast, at):
    return at("organization", cast.clinic.pk)


def test_a_field_that_both_changed_is_told_with_both_values(cast, admin, olivia, organization, fill, troubles):
    opened = filled(admin.get(organization))
    fill(olivia, organization, name="Olivia’s Clinic")
    answer = admin.post(organization, opened | {"name": "Admin’s Clinic"})
    (field, sentence), *others = troubles(answer)
    assert (field, others) == ("Name", [])
    assert "“Olivia’s Clinic”" in sentence
    assert "“Admin’s Clinic”" in sentence
    assert Organization.objects.get(pk=cast.clinic.pk).name == "Olivia’s Clinic"
    again = filled(answer)
    assert again["name"] == "Admin’s Clinic"
    assert admin.post(organization, again).status_code == 302
    assert Organization.objects.get(pk=cast.clinic.pk).name == "Admin’s Clinic"


def test_a_field_left_alone_takes_the_value_of_now(cast, admin, olivia, organization, fill, troubles):
    opened = filled(admin.get(organization))
    fill(olivia, organization, busy_wait="77", approve_all="on")
    answer = admin.post(organization, opened | {"name": "Admin’s Clinic"})
    told = dict(troubles(answer))
    assert "from “180” to “77”" in told["Seconds to wait after busy"]
    assert "from “off” to “on”" in told["A second person approves every fax"]
    admin.post(organization, filled(answer))
    kept = Organization.objects.get(pk=cast.clinic.pk)
    assert (kept.name, kept.busy_wait, kept.approve_all) == ("Admin’s Clinic", 77, True)


def test_both_writing_the_same_is_no_trouble(admin, olivia, organization, fill):
    opened = filled(admin.get(organization))
    fill(olivia, organization, name="New Clinic")
    assert admin.post(organization, opened | {"name": "New Clinic"}).status_code == 302
    assert AuditEntry.objects.count() == 1


def test_a_form_that_says_not_what_it_was_filled_with_keeps_nothing(cast, admin, at, organization, troubles):
    opened = filled(admin.get(organization))
    rival = filled(admin.get(at("organization", cast.rival.pk)))
    for seen in ("", "forged", rival["seen"]):
        answer = admin.post(organization, opened | {"name": "Forged", "seen": seen})
        assert "Nothing is kept yet" in troubles(answer)[0][1]
    assert Organization.objects.get(pk=cast.clinic.pk).name == "Acme Clinic"


def test_lines_of_a_text_are_the_same_however_a_browser_ends_them(cast, admin, browser_of, at):
    settings = at("extension-settings", cast.desk.extended)
    alice = browser_of(cast.alice)
    alice.post(settings, filled(alice.get(settings)) | {"authorized": "a@acme.example\r\nb@acme.example"})
    opened = filled(admin.get(settings))
    alice.post(settings, filled(alice.get(settings)) | {"authorized": "c@acme.example"})
    sent = opened["authorized"].replace("\n", "\r\n")
    answer = admin.post(settings, opened | {"authorized": sent})
    assert "from “a@acme.example, b@acme.example” to “c@acme.example”" in answer.context["shown"].troubles[0].text
    assert filled(answer)["authorized"] == "c@acme.example"


def test_a_password_that_another_one_changed_is_never_shown(cast, admin, at, fill):
    trunk = at("trunk", cast.trunk.pk)
    opened = filled(admin.get(trunk))
    fill(admin, trunk, password="first-secret")
    answer = admin.post(trunk, opened | {"password": "second-secret"})
    assert [one.label for one in answer.context["shown"].troubles] == ["Password"]
    assert "secret" not in answer.content.decode()
    assert Trunk.objects.get(pk=cast.trunk.pk).password == "first-secret"


def test_what_was_removed_meanwhile_does_not_come_back(cast, admin, at):
    trunk = at("trunk", cast.trunk.pk)
    opened = filled(admin.get(trunk))
    admin.post(at("trunk-remove", cast.trunk.pk))
    assert admin.post(trunk, opened | {"name": "Ghost"}).status_code == 404
    assert not Trunk.objects.exists()


def test_of_two_who_add_the_same_the_second_is_told(cast, admin, at, fill, troubles):
    add = f"{at('extension-add')}?organization={cast.clinic.pk}"
    new = {"number": "250", "name": "Ward", "owner": str(cast.alice.pk)}
    assert fill(admin, add, **new).status_code == 302
    assert troubles(fill(admin, add, **new)) == [("Number", "250 is Ward already. Choose another number.")]
    assert Extension.objects.filter(number="250").count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_saves_in_the_same_moment_one_is_kept_and_one_is_told():
    ada = User.objects.create_user("ada", role=Role.ADMINISTRATOR)
    clinic = Organization.objects.create(number="0003", name="Acme Clinic", country="US")
    page, together, answers = reverse("organization", args=[clinic.pk]), threading.Barrier(2), {}

    def save(name):
        try:
            browser = Client()
            browser.force_login(ada)
            opened = filled(browser.get(page))
            together.wait(60)
            answers[name] = browser.post(page, opened | {"name": name}).status_code
        finally:
            connection.close()

    threads = [threading.Thread(target=save, args=[name]) for name in ("First", "Second")]
    for one in threads:
        one.start()
    for one in threads:
        one.join(120)
    assert sorted(answers.values()) == [302, 422]
    assert answers[Organization.objects.get().name] == 302
