"""What becomes of a fax is told by mail; in the demo the mails lie in a folder."""

from pathlib import Path

from mails import mail_to, words
from paper import letter


def test_a_fax_to_a_colleague_is_told_to_the_colleague(caselli, tmp_path):
    demo = caselli.told("demo")
    caselli.send("211", letter(tmp_path, pages=2, name="for-bob"))
    mail = mail_to(Path(demo["mail"]), "bob@acme.example", "Fax received from 0003*210, 2 pages")
    assert f"Look at it: {demo['web']}/received/" in words(mail)


def test_a_fax_that_failed_is_told_to_who_sent_it_with_the_reason_and_the_way_to_send_it_again(caselli, tmp_path):
    demo = caselli.told("demo")
    fax = caselli.send("+12025550107", letter(tmp_path, name="to-nobody"))
    mail = mail_to(Path(demo["mail"]), "alice@acme.example", "Send Failed: to-nobody")
    text = words(mail)
    assert "There is no such number." in text
    assert "Check the number with the recipient." in text
    assert f"{demo['web']}/faxes/{fax}" in text
