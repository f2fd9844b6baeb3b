"""The Sent Faxes page: handing in, and finding again."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from caselli.doors.web.uploads import BoundedUpload
from caselli.store import blobs
from caselli.store.models import Document, Fax, Preferences


def text_of(answer):
    return re.sub(r'<span class="nowrap">([^<]+)</span>', r"\1", answer.content.decode())


def test_the_page_says_where_one_is_and_what_is_allowed(alice, sent_page):
    page = text_of(alice.get(sent_page))
    assert "<h1>Sent Fax Messages from Extension Front desk</h1>" in page
    assert "Up to 5 phone numbers or extensions" in page
    assert "Up to 5 files: PDF, JPG, TXT, TIF, PNG" in page
    assert "No fax has been sent from here yet" in page
    assert "Times are in America/New York" in page


def test_the_limits_of_the_preferences_are_shown(alice, sent_page):
    Preferences.objects.update_or_create(id=1, defaults={"recipients_limit": 7, "files_limit": 2})
    page = text_of(alice.get(sent_page))
    assert "Up to 7 phone numbers" in page
    assert "Up to 2 files" in page


def test_ok_hands_in_approves_and_sends(cast, alice, sent_page, letter):
    answer = alice.post(sent_page, {"recipients": "202-555-0100, 211", "files": [letter()]}, follow=True)
    assert answer.redirect_chain == [(sent_page, 302)]
    assert "Your fax to +1 202-555-0100 and 211 Lab is on its way." in text_of(answer)
    fax = Fax.objects.get()
    assert (fax.shown_status, fax.channel) == ("Scheduled For Sending", "web")
    assert (fax.added_by, fax.approved_by) == (cast.alice, cast.alice)
    assert (fax.added_ip, fax.approved_ip, fax.approved_how) == ("192.0.2.7", "192.0.2.7", "web")


def test_several_files_become_one_fax_in_their_order(alice, sent_page, letter):
    files = [letter("One", "one.png"), letter("Two", "two.png"), SimpleUploadedFile("three.txt", b"Three")]
    alice.post(sent_page, {"recipients": "+12025550100", "files": files})
    fax = Fax.objects.get()
    assert [(one.name, one.kind) for one in fax.documents.all()] == [
        ("one.png", "png"),
        ("two.png", "png"),
        ("three.txt", "text"),
    ]
    assert fax.pages == 3


def test_hold_keeps_it_until_one_says_so(alice, sent_page, letter):
    answer = alice.post(sent_page, {"recipients": "+12025550100", "files": [letter()], "hold": "on"}, follow=True)
    assert "is kept until you send it." in text_of(answer)
    assert Fax.objects.get().shown_status == "Approved"


def test_all_that_is_wrong_is_said_at_once_at_the_top_and_beside_its_field(alice, sent_page):
    answer = alice.post(sent_page, {"recipients": "12, 999999, 211", "hold": "on", "key": "a" * 20})
    assert answer.status_code == 422
    page = text_of(answer)
    assert "<title>Error: Sent Fax Messages" in page
    assert "3 things have to be mended before the fax can go out" in page
    top, _, fields = page.partition('<form method="post" action="/extensions/0003*210/sent"')
    for words in ("There is no extension 12", "“999999”", "There is no file to send."):
        assert words in top
        assert words in fields
    assert 'href="#recipients"' in top
    assert 'href="#files"' in top
    assert Fax.objects.count() == 0


def test_what_was_typed_stays(alice, sent_page):
    page = text_of(alice.post(sent_page, {"recipients": "12, +12025550100", "hold": "on", "key": "a" * 20}))
    assert 'value="12, +12025550100"' in page
    assert 'name="hold" checked' in page
    assert f'name="key" value="{"a" * 20}"' in page


def test_what_was_typed_is_never_believed(alice, sent_page):
    page = text_of(alice.post(sent_page, {"recipients": '"><script>alert(1)</script>', "key": '"><b>'}))
    assert "<script>alert" not in page
    assert "<b>" not in page


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (SimpleUploadedFile("empty.pdf", b""), "empty"),
        (SimpleUploadedFile("letter.pdf", b"MZ\x90\x00 not a document \x00\x01\x02"), "letter.pdf"),
        (SimpleUploadedFile("broken.pdf", b"%PDF-1.7 and then nothing"), "broken.pdf"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_beside_the_field_with_the_remedy(alice, sent_page, file, words):
    answer = alice.post(sent_page, {"recipients": "+12025550100", "files": [file]})
    assert answer.status_code == 422
    fields = text_of(answer).partition('id="files-errors"')[2]
    assert words in fields.partition("</div>")[0]
    assert (Fax.objects.count(), Document.objects.count()) == (0, 0)


def test_more_files_than_allowed_are_refused_and_none_is_kept(alice, sent_page, letter):
    files = [letter(name=f"{number}.png") for number in range(9)]
    answer = alice.post(sent_page, {"recipients": "+12025550100", "files": files})
    assert "A fax takes at most 5 files; these are 9." in text_of(answer)
    assert Fax.objects.count() == 0


def test_a_hundred_files_are_turned_away(alice, sent_page):
    files = [SimpleUploadedFile(f"{number}.txt", b"x") for number in range(101)]
    answer = alice.post(sent_page, {"recipients": "+12025550100", "files": files})
    assert answer.status_code == 413


def test_a_file_over_the_limit_is_refused_and_not_kept_whole(alice, sent_page):
    file = SimpleUploadedFile("huge.txt", b"x" * (27 * 1024 * 1024))
    answer = alice.post(sent_page, {"recipients": "12", "files": [file]})
    page = text_of(answer)
    assert answer.status_code == 422
    assert "huge.txt" in page
    assert "There is no extension 12" in page
    assert Fax.objects.count() == 0


def test_an_upload_is_cut_while_it_streams():
    upload = BoundedUpload(files=1, file_bytes=1000)
    upload.new_file("files", "huge.pdf", "application/pdf", None)
    for place in range(0, 64 * 1000, 1000):
        assert upload.receive_data_chunk(b"x" * 1000, place) is None
    with upload.file_complete(64_000) as kept:
        assert 1000 < kept.size <= 2000
        assert kept.size == len(kept.read())


def test_a_request_far_beyond_any_fax_is_turned_away_at_once(alice, sent_page):
    answer = alice.post(
        sent_page, b"--x--", content_type="multipart/form-data; boundary=x", CONTENT_LENGTH=str(2_000_000_000)
    )
    assert answer.status_code == 413
    assert "Nothing was stored" in text_of(answer)


def test_a_form_that_is_sent_twice_is_one_fax(alice, sent_page, letter):
    key = "0c5b7f6e-9f7f-4c71-8d5d-0c9a4c6f2f11"
    for _ in range(2):
        answer = alice.post(sent_page, {"recipients": "+12025550100", "files": [letter()], "key": key}, follow=True)
        assert "is on its way" in text_of(answer)
    assert Fax.objects.count() == 1


def test_each_fresh_form_has_a_key_of_its_own(alice, sent_page):
    keys = {text_of(alice.get(sent_page)).partition('name="key" value="')[2][:36] for _ in range(3)}
    assert len(keys) == 3


def test_the_script_gets_the_form_alone_when_it_was_refused(alice, sent_page, htmx):
    answer = alice.post(sent_page, {"recipients": ""}, headers=htmx(sent_page))
    page = text_of(answer).strip()
    assert answer.status_code == 422
    assert page.startswith('<section id="upload"')
    assert "Sent Fax History" not in page


def test_the_script_is_led_to_the_page_anew_when_it_was_taken(alice, sent_page, letter, htmx):
    answer = alice.post(sent_page, {"recipients": "+12025550100", "files": [letter()]}, headers=htmx(sent_page))
    assert answer.headers["HX-Redirect"] == sent_page


def test_an_extension_whose_fax_is_off_says_so(cast, alice, sent_page, letter):
    cast.desk.fax_enabled = False
    cast.desk.save()
    assert "Faxing is switched off for extension 210." in text_of(alice.get(sent_page))
    answer = alice.post(sent_page, {"recipients": "+12025550100", "files": [letter()]})
    assert "Faxing is switched off for extension 210." in text_of(answer)


def test_nothing_of_a_refused_fax_is_left_in_the_shelf(alice, sent_page, letter):
    words = "Only ever in a refused fax"
    alice.post(sent_page, {"recipients": "12", "files": [letter(words, "refused.png")]})
    kept = blobs.keep(letter(words).read())
    assert blobs.path(kept).stat().st_nlink == 1
    assert not Document.objects.filter(blob=kept).exists()


@pytest.fixture
def two_faxes(alice, sent_page, letter):
    """To 0100 with one.png, added on the first of March; to 0101 with two.png, added now."""
    for number, name in (("+12025550100", "one.png"), ("+12025550101", "two.png")):
        alice.post(sent_page, {"recipients": number, "files": [letter(name=name)]})
    Fax.objects.filter(documents__name="one.png").update(added_at="2026-03-01T04:30:00Z")


@pytest.fixture
def found(two_faxes, alice, sent_page):
    def names(**fields):
        page = text_of(alice.get(sent_page, fields))
        return {one for one in ("one.png", "two.png") if f">{one}<" in page}

    return names


def test_a_search_by_number(found):
    assert found() == {"one.png", "two.png"}
    assert found(to="555 0100") == {"one.png"}


def test_a_search_by_the_day_in_the_zone_of_the_extension(found):
    # 04:30 UTC on the first of March is half past eleven in New York the evening before.
    assert found(since="2026-02-28", until="2026-02-28") == {"one.png"}
    assert found(since="2026-03-01") == {"two.png"}


def test_filters_combine(found):
    assert found(to="0101", until="2026-03-01") == set()


def test_a_wrong_search_finds_nothing(found):
    assert found(since="yesterday") == set()


def test_the_search_stays_in_its_fields(two_faxes, alice, sent_page):
    page = text_of(alice.get(sent_page, {"to": "0100", "since": "2026-02-28", "status": "Sent"}))
    assert 'value="0100"' in page
    assert 'value="2026-02-28"' in page
    assert "<option selected>Sent</option>" in page
    assert "No fax matches" in page


def test_errors_of_a_search_stand_beside_their_fields(two_faxes, alice, sent_page):
    page = text_of(alice.get(sent_page, {"to": "Bob", "since": "1.3.2026", "until": "2026-02-30"}))
    assert "“Bob” has no digits" in page.partition('id="to-error"')[2].partition("</div>")[0]
    assert "write it like 2026-11-20" in page.partition('id="since-error"')[2].partition("</div>")[0]
    assert "not a day of the calendar" in page.partition('id="until-error"')[2].partition("</div>")[0]
    assert "Nothing was searched" in page


def test_a_search_that_starts_after_its_end_is_told_so(alice, sent_page):
    page = text_of(alice.get(sent_page, {"since": "2026-03-02", "until": "2026-03-01"}))
    assert "2026-03-02 is later than 2026-03-01" in page


def test_leafing_keeps_the_search(alice, sent_page, make_fax, cast):
    for _ in range(52):
        make_fax("+12025550100")
    page = text_of(alice.get(sent_page, {"to": "0100"}))
    assert page.count('class="c-info"') == 50
    older = page.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    assert older.startswith("?to=0100&older=")
    page = text_of(alice.get(sent_page + older.partition("#")[0]))
    assert page.count('class="c-info"') == 2
    assert 'rel="prev"' in page
    assert 'rel="next"' not in page


def test_the_page_costs_as_many_queries_for_thirty_faxes_as_for_one(cast, alice, sent_page, make_fax, run_calls):
    def cost():
        make_fax("+12025550100", "+12025550107", f"{cast.lab.extended}", "+12025550120", "+12025550121")
        run_calls()
        with CaptureQueriesContext(connection) as asked:
            alice.get(sent_page)
        return len(asked)

    for_one = cost()
    for _ in range(28):
        make_fax("+12025550100", "+12025550107", f"{cast.lab.extended}", "+12025550120", "+12025550121")
    assert cost() <= for_one <= 24


def test_nobody_sends_from_an_extension_of_somebody_else(cast, browser_of, sent_page, letter):
    answer = browser_of(cast.bob).post(sent_page, {"recipients": "+12025550100", "files": [letter()]})
    assert answer.status_code == 404
    assert Fax.objects.count() == 0


def test_cancel_goes_back_without_sending(cast, alice, sent_page):
    page = text_of(alice.get(sent_page))
    form = page.partition('<h2 id="upload-name"')[2].partition("</form>")[0]
    assert f'<a class="button" href="{reverse("extension", args=[cast.desk.extended])}" data-cancel>Cancel</a>' in form
