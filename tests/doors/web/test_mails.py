"""The mails that went out: each person of the demo sees their own, as plain text, with nothing active in it; and those
that came in, for who administers.
"""

import re
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from caselli.notice import outbox
from caselli.project.configuration import Relay
from caselli.store.models import OutgoingMail, Preferences, User


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


class TestIncoming:
    @pytest.fixture
    def listed(self, cast, browser_of):
        """The list in words, as this person sees it; Olivia, where nobody is named."""

        def read(person=None, **search):
            answer = browser_of(person or cast.olivia).get(reverse("incoming-mails"), search)
            assert answer.status_code == 200
            return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode().partition("<main")[2])).split())

        return read

    def test_it_tells_what_came_from_whom_which_way_and_for_whom(self, mailed, listed):
        mailed(dmarc="pass")
        page = listed()
        assert "from alice@acme.example for 210 Front desk" in page
        assert "by SMTP from 192.0.2.25 (mail.acme.example), 87 kB; DMARC pass" in page

    def test_what_became_a_fax_leads_to_it_and_has_its_status(self, cast, mailed, browser_of, listed):
        mail = mailed()
        assert "Not approved" in listed()
        page = browser_of(cast.olivia).get(reverse("incoming-mails")).content.decode()
        assert f'<a href="{reverse("fax", args=[mail.fax.uid])}">' in page

    def test_what_was_refused_says_why(self, mail_in, listed):
        mail_in(state="refused", refusal="file_damaged", words="fax.pdf cannot be read. Save it anew.")
        assert "Refused fax.pdf cannot be read. Save it anew." in listed()

    def test_what_waits_says_what_the_trouble_is_and_when_it_is_tried_again(self, mail_in, listed):
        mail_in()
        assert "About to be read" in listed()
        mail_in(words="The disk is full.", next_try_at=timezone.now() + timedelta(minutes=9))
        assert re.search(r"Waits for another try The disk is full\. Next try at \d\d:\d\d\.", listed())

    def test_each_sees_what_came_for_the_extensions_they_administer(self, cast, mail_in, browser_of, listed):
        mail_in(subject="For the clinic")
        mail_in(subject="For the rival", sender="charlie@rival.example", extension=cast.foreign)
        assert "For the clinic" in listed()
        assert "For the rival" not in listed()
        everything = listed(cast.admin)
        assert "from charlie@rival.example for 310 Rival, Rival Lab" in everything
        assert "For the clinic" in everything
        for one in (cast.alice, cast.charlie):
            assert browser_of(one).get(reverse("incoming-mails")).status_code == 404

    def test_a_sender_is_found_however_it_is_written(self, mail_in, listed):
        mail_in(subject="Hers")
        mail_in(subject="His", sender="bob@acme.example")
        page = listed(find="ALICE@")
        assert "Hers" in page
        assert "His" not in page
        assert "No mail from a sender like that" in listed(find="nobody")

    def test_many_come_in_pages_with_the_search_kept(self, cast, mail_in, browser_of):
        for number in range(52):
            mail_in(subject=f"Mail {number}")
        olivia = browser_of(cast.olivia)
        with CaptureQueriesContext(connection) as many:
            first = olivia.get(reverse("incoming-mails"), {"find": "alice@"}).content.decode()
        assert sum('SELECT "store_incomingmail"' in one["sql"] for one in many) == 1
        assert first.count('class="subject"') == 50
        older = unescape(re.search(r'rel="next" href="([^"]+)"', first)[1])
        rest = olivia.get(reverse("incoming-mails") + older).content.decode()
        assert rest.count('class="subject"') == 2
        assert 'href="?find=alice%40"' in rest

    def test_an_empty_list_says_how_it_fills(self, cast, listed):
        assert "Switch it on in the server fax preferences" in listed(cast.admin)
        assert "The administrator of this server can switch it on." in listed()
        Preferences.objects.update_or_create(id=1, defaults={"email_accepted": True, "fax_address": "fax@acme.example"})
        assert "A mail to fax@acme.example becomes a fax" in listed()

    def test_who_sees_both_kinds_is_led_from_one_to_the_other(self, cast, browser_of):
        admin, olivia = browser_of(cast.admin), browser_of(cast.olivia)
        assert 'href="/mail/incoming"' in admin.get("/mail").content.decode()
        assert 'href="/mail"' in admin.get("/mail/incoming").content.decode()
        assert '<a href="/mail/incoming">Mail</a>' in olivia.get("/extensions").content.decode()

    def test_nothing_of_a_mail_is_active(self, cast, mail_in, browser_of):
        mail_in(state="refused", subject="<script>alert(1)</script>", words="<img src=x>", helo="<b>")
        page = browser_of(cast.admin).get("/mail/incoming").content.decode()
        for text in ("<script>alert", "<img src=x", "<b>"):
            assert text not in page
