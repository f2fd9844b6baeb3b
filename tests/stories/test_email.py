"""A fax by mail, from the mail program to the report: nobody signs in."""

import re
from pathlib import Path
from smtplib import SMTPDataError

import pytest
from mails import mail_to, mailed, words
from paper import letter
from playwright.sync_api import expect
from readable import PHONE, trouble_in

PATIENCE = 120_000
ALICE = "alice@acme.example"


@pytest.fixture
def open_link(chromium):
    """Open the link of a mail on a phone, as somebody who has no login."""
    contexts = []

    def open_it(mail):
        context = chromium.new_context(viewport=PHONE, color_scheme="dark")
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(re.search(r"http://\S+/confirm/\S+", words(mail))[0])
        return page

    yield open_it
    for context in contexts:
        context.close()


@pytest.mark.browser
def test_a_pdf_is_mailed_approved_by_the_link_and_reported(demo, visit, open_link, tmp_path):
    box = Path(demo["mail"])
    message_id = mailed(demo, "+1 202 555 0100", letter(tmp_path, pages=2, name="signed form"))
    asked = mail_to(box, ALICE, "+1 202-555-0100, 2 pages")
    assert asked["In-Reply-To"] == message_id
    page = open_link(asked)
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text("Shall this fax be sent?")
    expect(page.locator("main")).to_contain_text("+1 202-555-0100")
    expect(page.locator("main")).to_contain_text("2 pages, about")
    expect(page.get_by_role("img", name=re.compile("page", re.IGNORECASE)).first).to_be_visible()
    assert trouble_in(page) == []
    page.reload()
    expect(page.get_by_role("button", name="Approve and send")).to_be_in_viewport()
    page.get_by_role("button", name="Approve and send").click()
    expect(page.locator("main")).to_contain_text("The far machine confirmed every page.", timeout=PATIENCE)
    assert trouble_in(page) == []
    report = mail_to(box, ALICE, "Sent: signed form.pdf to +1 202-555-0100")
    (attached,) = report.iter_attachments()
    assert attached.get_content_type() == "application/pdf"
    assert attached.get_content().startswith(b"%PDF-")

    alice = visit("alice")
    alice.goto("/extensions/0003*210/sent")
    row = alice.locator("tbody.one").filter(has_text="signed form.pdf")
    expect(row.locator(".c-status")).to_have_text("Sent")
    expect(row).to_contain_text("email link")
    row.get_by_role("link", name="Fax info").click()
    expect(alice.locator("main")).to_contain_text("127.0.0.1")
    expect(alice.locator("main")).to_contain_text(ALICE)


@pytest.mark.browser
def test_what_arrived_in_part_is_sent_again_by_the_link_but_not_at_once(demo, open_link, tmp_path):
    mailed(demo, "210: +1 202 555 0107, 211", letter(tmp_path, name="in part"))
    page = open_link(mail_to(Path(demo["mail"]), ALICE, "+1 202-555-0107, 0003*211"))
    page.get_by_role("button", name="Approve and send").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(
        "It has arrived at 1 of 2 recipients", timeout=PATIENCE
    )
    told = mail_to(Path(demo["mail"]), ALICE, "Partially Sent: in part.pdf")
    assert "There is no such number." in words(told)
    again = open_link(told)
    again.get_by_role("button", name="Send the rest again").click()
    expect(again.get_by_role("alert")).to_contain_text(re.compile("seconds|minute"))


@pytest.mark.browser
def test_who_says_no_is_believed(demo, open_link, tmp_path):
    mailed(demo, "+1 202 555 0141", letter(tmp_path, name="not mine"))
    page = open_link(mail_to(Path(demo["mail"]), ALICE, "+1 202-555-0141"))
    page.get_by_role("button", name="Do not send").click()
    expect(page.locator("main")).to_contain_text("Canceled")
    expect(page.get_by_role("button", name="Approve and send")).to_have_count(0)


@pytest.mark.parametrize(
    ("sender", "subject", "why"),
    [
        ("mallory@elsewhere.example", "+1 202 555 0100", "mallory@elsewhere.example"),
        (ALICE, "Re: our meeting", "Re:"),
        (ALICE, "", "subject"),
        (ALICE, "555", "555"),
    ],
)
def test_a_mail_that_will_not_do_is_refused_while_it_is_handed_over(demo, tmp_path, sender, subject, why):
    with pytest.raises(SMTPDataError) as refused:
        mailed(demo, subject, letter(tmp_path), sender=sender)
    assert 500 <= refused.value.smtp_code < 600
    assert why in refused.value.smtp_error.decode()
