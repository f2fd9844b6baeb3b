"""Choosing a password: by invitation, by a link from a mail, and on one's own page."""

import re

import pytest
from django.test import Client

from caselli.directory import invite
from caselli.directory.audit import Actor
from caselli.store.models import AuditEntry

GOOD = "four quiet fax machines"


@pytest.fixture
def new_user(cast):
    cast.bob.email = "Bob@acme.example"
    cast.bob.set_unusable_password()
    cast.bob.save()
    return cast.bob


def link_in(mail):
    return re.search(r"https?://\S+?(/account/forgotten/\S+-\S+)", mail.body)[1]


def choose(browser, link, password=GOOD):
    form = browser.get(link)
    return browser.post(form.url, {"password1": password, "password2": password})


def test_an_invitation_lets_a_new_user_choose_a_password_and_in(cast, new_user, letterbox, browser, sign_in):
    invite.invite(new_user, Actor(cast.olivia, "192.0.2.7"))
    (mail,) = letterbox
    assert mail.to == ["Bob@acme.example"]
    assert "Your login: bob" in mail.body
    assert "Olivia (olivia) has made an account for you" in mail.body
    assert choose(browser, link_in(mail)).url == "/extensions"
    assert browser.get("/extensions").status_code == 200
    assert sign_in(Client(), "bob", GOOD).url == "/extensions"


def test_invitations_are_in_the_audit_list(cast, new_user, letterbox):
    invite.invite(new_user, Actor(cast.olivia, "192.0.2.7"))
    entry = AuditEntry.objects.latest("id")
    assert (entry.person, entry.kind, entry.subject, entry.organization) == (
        cast.olivia,
        "user",
        "Bob (bob)",
        cast.clinic,
    )
    assert entry.changes == [{"field": "Invitation", "old": "–", "new": "sent to Bob@acme.example"}]


def test_a_link_works_once(cast, new_user, letterbox, browser):
    invite.invite(new_user, Actor(cast.olivia))
    choose(browser, link_in(letterbox[0]))
    assert "This link has ended" in Client().get(link_in(letterbox[0])).content.decode()


def test_a_link_ends_after_three_days_and_with_another_mail_address(cast, new_user, letterbox, settings):
    invite.invite(new_user, Actor(cast.olivia))
    settings.PASSWORD_RESET_TIMEOUT = -1
    assert "This link has ended" in Client().get(link_in(letterbox[0])).content.decode()
    settings.PASSWORD_RESET_TIMEOUT = 3 * 86_400
    new_user.email = "else@acme.example"
    new_user.save()
    assert "This link has ended" in Client().get(link_in(letterbox[0])).content.decode()


def test_a_forged_link_opens_nothing(new_user):
    for link in ("1-abc-def", f"{new_user.pk}-d0-0", "zzzzzzzzzzzzz-a-b"):
        page = Client().get(f"/account/forgotten/{link}")
        assert "This link has ended" in page.content.decode(), link


def test_who_has_no_address_or_is_switched_off_gets_no_mail(cast, letterbox):
    with pytest.raises(invite.NotSent, match="has no mail address"):
        invite.invite(cast.alice, Actor(cast.olivia))
    cast.alice.email = "alice@acme.example"
    cast.clinic.enabled = False
    with pytest.raises(invite.NotSent, match="switched off"):
        invite.reset(cast.alice, Actor(cast.olivia))
    assert letterbox == []
    assert not AuditEntry.objects.exists()


def test_a_forgotten_password_is_chosen_anew_by_mail(cast, new_user, letterbox, browser):
    answer = browser.post("/account/forgotten", {"email": "bob@acme.example"}, follow=True)
    assert "Look into your mail" in answer.content.decode()
    (mail,) = letterbox
    assert "Somebody, probably you, has asked for a new password" in mail.body
    assert choose(browser, link_in(mail)).url == "/extensions"


def test_nobody_learns_which_addresses_are_known(cast, new_user, letterbox, browser):
    def ask(address):
        return browser.post("/account/forgotten", {"email": address}, follow=True).content

    assert ask("bob@acme.example") == ask("nobody@acme.example")
    assert [one.to for one in letterbox] == [["Bob@acme.example"]]


def test_asking_again_and_again_is_stopped(new_user, letterbox, browser):
    codes = [browser.post("/account/forgotten", {"email": "bob@acme.example"}).status_code for _ in range(6)]
    assert codes == [302] * 5 + [429]
    assert len(letterbox) == 5


@pytest.mark.parametrize("password", ["short", "password123", "1234567890"])
def test_weak_passwords_are_refused_in_words(cast, new_user, letterbox, browser, password):
    invite.invite(new_user, Actor(cast.olivia))
    page = choose(browser, link_in(letterbox[0]), password).content.decode()
    assert "<title>Error: Choose a password" in page
    assert "password is too" in page


def test_the_second_factor_is_asked_after_a_link_too(cast, with_app, letterbox, browser):
    cast.alice.email = "alice@acme.example"
    cast.alice.save()
    invite.reset(cast.alice, Actor(cast.olivia))
    assert choose(browser, link_in(letterbox[0])).url == "/login/second-factor"
    assert browser.get("/extensions").url.startswith("/login")


def test_a_changed_password_signs_out_everywhere_else(cast, browser, sign_in):
    elsewhere = Client()
    sign_in(elsewhere, "alice")
    sign_in(browser, "alice")
    answer = browser.post(
        "/account/password", {"oldpassword": "secret", "password1": GOOD, "password2": GOOD}, follow=True
    )
    assert "Your password is changed." in answer.content.decode()
    assert answer.redirect_chain == [("/account", 302)]
    assert elsewhere.get("/extensions").url.startswith("/login")
    entry = AuditEntry.objects.latest("id")
    assert (entry.person, entry.ip, entry.changes[0]["field"]) == (cast.alice, "192.0.2.9", "Password")


def test_the_old_password_must_be_right(cast, browser, sign_in):
    sign_in(browser, "alice")
    page = browser.post("/account/password", {"oldpassword": "guess", "password1": GOOD, "password2": GOOD})
    assert "That is not your password of today" in page.content.decode()
