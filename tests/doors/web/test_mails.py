"""The mails that went out: each person of the demo sees their own, as plain text, with nothing active in it."""

from dataclasses import replace
from email.message import EmailMessage

import pytest
from django.urls import reverse
from django.utils import timezone

from caselli.notice import outbox
from caselli.project.configuration import Relay
from caselli.store.models import OutgoingMail, User


@pytest.fixture
def demo(settings, tmp_path, cast):
    """A home with a demo, whose people have addresses."""
    settings.CONFIGURATION = replace(
        settings.CONFIGURATION, home=tmp_path, public_url="http://127.0.0.1:8470", smtp_relay=None
    )
    (tmp_path / "demo-password").write_text("secret")
    for user in (cast.alice, cast.bob, cast.charlie, cast.olivia):
        User.objects.filter(pk=user.pk).update(email=f"{user.username}@acme.example")
    return tmp_path


@pytest.fixture
def keep(demo):
    """Send a mail, into a file; its row."""

    def put(to="alice@acme.example", text="Good day.", subject="Hello", html="", attached=None):
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = "Caselli <fax@acme.example>", to, subject
        mail.set_content(text) if text else mail.set_content(html, subtype="html")
        if attached:
            mail.add_attachment(attached[1], *attached[0].split("/"), filename=attached[2])
        put_down = outbox.put(mail, mail.as_bytes(), ("fax@acme.example", [to]))
        assert outbox.send(put_down.pk)
        return OutgoingMail.objects.get(pk=put_down.pk)

    return put


def page_of(browser, mail):
    return browser.get(reverse("mail", args=[mail.uid])).content.decode()


def test_each_person_of_the_demo_sees_the_mails_to_them(cast, keep, browser_of):
    hers, his = keep(subject="For Alice"), keep("bob@acme.example", subject="For Bob")
    page = browser_of(cast.alice).get("/mail").content.decode()
    assert "For Alice" in page
    assert "For Bob" not in page
    assert browser_of(cast.alice).get(reverse("mail", args=[his.uid])).status_code == 404
    assert browser_of(cast.olivia).get(reverse("mail", args=[hers.uid])).status_code == 404
    everything = browser_of(cast.admin).get("/mail").content.decode()
    assert "For Alice" in everything
    assert "For Bob" in everything


def test_elsewhere_only_the_administrator_finds_the_page(cast, keep, demo, browser_of):
    keep("charlie@acme.example")
    assert browser_of(cast.charlie).get("/mail").status_code == 404
    (demo / "demo-password").unlink()
    assert browser_of(cast.alice).get("/mail").status_code == 404
    assert ">Mail</a>" not in browser_of(cast.alice).get("/extensions").content.decode()
    assert ">Mail</a>" in browser_of(cast.admin).get("/extensions").content.decode()


def test_with_a_relay_only_the_administrator_sees_what_became_of_each(cast, keep, settings, browser_of):
    keep()
    mail = OutgoingMail.objects.create(
        added_at=timezone.now(), recipients=["a@b.example"], subject="Waits", error="451 later", content=b"\r\nHello"
    )
    OutgoingMail.objects.create(added_at=timezone.now(), subject="Gone", state="sent")
    settings.CONFIGURATION = replace(settings.CONFIGURATION, smtp_relay=Relay("relay.example", 25))
    assert browser_of(cast.alice).get("/mail").status_code == 404
    admin = browser_of(cast.admin)
    assert "Waits for another try: 451 later" in admin.get("/mail").content.decode()
    assert "Hello" in page_of(admin, mail)
    gone = OutgoingMail.objects.get(subject="Gone")
    assert "handed over to the mail server" in page_of(admin, gone)
    assert admin.get(reverse("mail-source", args=[gone.uid])).status_code == 404


def test_only_our_own_addresses_are_links(alice, keep):
    page = page_of(
        alice,
        keep(
            text="See http://127.0.0.1:8470/faxes/1. Not http://127.0.0.1:8470.evil.example/x"
            " nor http://127.0.0.1:84700/y nor https://evil.example/ nor javascript:alert(1)"
        ),
    )
    assert '<a href="http://127.0.0.1:8470/faxes/1">' in page
    text = page.partition('class="mail-text"')[2].partition("</section>")[0]
    assert text.count("<a ") == 1


def test_nothing_in_a_mail_is_active(alice, keep):
    mail = keep(text="<script>alert(1)</script>", attached=("text/html", b"<script>alert(2)</script>", "page.html"))
    page = page_of(alice, mail)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
    answer = alice.get(reverse("mail-attachment", args=[mail.uid, 1]))
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"] == 'attachment; filename="page.html"'
    assert "sandbox" in answer["Content-Security-Policy"]
    assert alice.get(reverse("mail-attachment", args=[mail.uid, 2])).status_code == 404


def test_a_mail_without_plain_text_is_offered_for_download(alice, keep):
    mail = keep(text="", html="<b>Hello</b>")
    assert "no plain text" in page_of(alice, mail)
    answer = alice.get(reverse("mail-source", args=[mail.uid]))
    assert answer["Content-Disposition"].startswith("attachment")
    assert b"<b>Hello</b>" in answer.content


def test_a_mail_whose_file_was_removed_says_so(alice, keep):
    mail = keep()
    outbox.file_of(mail).unlink()
    assert "Its file was removed" in page_of(alice, mail)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"Content-Type: text/plain; charset=klingon\r\n\r\n\xff",
                                     b"Content-Type: multipart/mixed; boundary=\r\n\r\n--\r\n"])  # fmt: skip
def test_a_file_that_is_no_mail_does_no_harm(alice, keep, content):
    mail = keep()
    outbox.file_of(mail).write_bytes(content)
    assert page_of(alice, mail)


def test_many_mails_come_in_pages(alice, keep):
    for number in range(52):
        OutgoingMail.objects.create(
            added_at=timezone.now(), recipients=["alice@acme.example"], subject=f"Mail {number}", state="kept"
        )
    first = alice.get("/mail")
    assert first.content.decode().count('class="subject"') == 50
    second = alice.get(f"/mail?older={first.context['older']}").content.decode()
    assert second.count('class="subject"') == 2


def test_without_mails_one_is_told_when_they_come(alice, demo):
    assert "No mail yet" in alice.get("/mail").content.decode()
