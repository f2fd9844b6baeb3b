"""What the upload form asks while it is filled in: files before OK, recipients as they are made."""

import json
import re
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from caselli.doors.web.forms import UploadForm
from caselli.store.models import BlockedDestination, Extension, Fax, Preferences, StagedFile


@pytest.fixture
def stage_page(cast):
    return reverse("stage", args=[cast.desk.extended])


@pytest.fixture
def stage(alice, stage_page, letter):
    def upload(name="letter.png", words="A letter"):
        answer = alice.post(stage_page, {"files": letter(words, name)})
        assert answer.status_code == 200, answer.content.decode()
        return StagedFile.objects.latest("id")

    return upload


@pytest.fixture
def read(alice, cast):
    """What the server says of these recipients, and of what is being typed."""

    def ask(*recipients, typed=""):
        answer = alice.post(reverse("recipients", args=[cast.desk.extended]), {"recipient": recipients, "typed": typed})
        return json.loads(answer.content)

    return ask


def text_of(answer):
    return re.sub(r'<span class="nowrap">([^<]+)</span>', r"\1", answer.content.decode())


def test_a_file_is_shown_with_its_pages_before_ok(alice, stage_page):
    note = SimpleUploadedFile("note.txt", b"\f".join(b"page %d" % number for number in range(6)))
    item = text_of(alice.post(stage_page, {"files": note}))
    staged = StagedFile.objects.get()
    assert item.startswith("<li")
    assert f'name="staged" value="{staged.uid}"' in item
    assert "6 pages" in item
    assert item.count("<img ") == 6
    assert "<summary>2 more</summary>" in item
    assert f'data-seconds="{staged.seconds - 14.3:.2f}"' in item


def test_its_name_is_never_believed(alice, stage_page, letter):
    assert "<b>x" not in text_of(alice.post(stage_page, {"files": letter(name="<b>x.png")}))


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (SimpleUploadedFile("empty.pdf", b""), "is empty"),
        (SimpleUploadedFile("broken.pdf", b"%PDF-1.7 and then nothing"), "is damaged"),
        (SimpleUploadedFile("huge.txt", b"x" * 26_000_000), "a file may have 25 MB"),
    ],
)
def test_a_file_that_cannot_be_sent_says_why_at_once(alice, stage_page, file, words):
    answer = alice.post(stage_page, {"files": file})
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert not StagedFile.objects.exists()


def test_the_pictures_are_those_of_its_pages(alice, stage):
    one = stage()
    answer = alice.get(reverse("staged-picture", args=[one.uid, 1]), {"width": "192"})
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
    assert alice.get(reverse("staged-picture", args=[one.uid, 2])).status_code == 404


def test_what_one_uploaded_is_seen_by_nobody_else(cast, browser_of, stage):
    one = stage()
    for person in (cast.bob, cast.olivia, cast.admin, cast.charlie):
        assert browser_of(person).get(reverse("staged-picture", args=[one.uid, 1])).status_code == 404
        assert browser_of(person).post(reverse("staged-remove", args=[one.uid])).status_code == 404
    assert StagedFile.objects.exists()


def test_who_lost_the_extension_lost_what_was_uploaded_there(cast, alice, stage):
    one = stage()
    Extension.objects.filter(pk=cast.desk.pk).update(owner=cast.bob)
    assert alice.get(reverse("staged-picture", args=[one.uid, 1])).status_code == 404


def test_a_file_can_be_taken_out_again(alice, stage):
    one = stage()
    assert alice.post(reverse("staged-remove", args=[one.uid])).status_code == 204
    assert not StagedFile.objects.exists()
    assert alice.post(reverse("staged-remove", args=[one.uid])).status_code == 404


def test_staging_needs_the_token_of_the_page(cast, stage_page, letter):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(cast.alice)
    assert browser.post(stage_page, {"files": letter()}).status_code == 403
    assert not StagedFile.objects.exists()


def test_after_signing_out_the_script_loads_the_page_anew(stage_page, letter, htmx):
    assert Client().post(stage_page, {"files": letter()}, headers=htmx()).headers["HX-Refresh"] == "true"


def test_ok_sends_what_was_staged_and_then_what_comes_with_the_form(alice, sent_page, stage, letter):
    second, first = stage("second.png"), stage("first.png")
    form = {"recipients": "+12025550100", "staged": [first.uid, second.uid], "files": [letter(name="third.png")]}
    assert alice.post(sent_page, form).status_code == 302
    assert [one.name for one in Fax.objects.get().documents.all()] == ["first.png", "second.png", "third.png"]
    assert not StagedFile.objects.exists()


def test_each_chip_is_a_field_and_what_is_typed_another(alice, sent_page, stage):
    alice.post(sent_page, {"recipients": ["+12025550100", "Lab", " 0004*310,"], "staged": stage().uid})
    sent_to = [one.destination for one in Fax.objects.get().deliveries.all()]
    assert sent_to == ["+12025550100", "0003*211", "0004*310"]


def test_a_refused_form_keeps_what_was_uploaded_also_without_script(alice, sent_page, letter, stage):
    before = stage("before.png")
    form = {"recipients": "12", "staged": before.uid, "files": [letter(name="with.png"), letter(name="other.png")]}
    page = text_of(alice.post(sent_page, form))
    kept = [str(one.uid) for one in StagedFile.objects.order_by("id")]
    assert len(kept) == 3
    assert [page.index(f'name="staged" value="{uid}"') for uid in kept] == sorted(
        page.index(f'name="staged" value="{uid}"') for uid in kept
    )
    assert "3 pages, as the far end will see them; about" in page

    form = {"recipients": "211", "staged": kept, "remove": kept[1]}
    assert alice.post(sent_page, form).status_code == 302
    assert [one.name for one in Fax.objects.get().documents.all()] == ["before.png", "other.png"]
    assert not StagedFile.objects.exists()


def test_of_several_files_the_good_ones_are_kept(alice, sent_page, letter):
    files = [letter(name="good.png"), SimpleUploadedFile("bad.pdf", b"%PDF-1.7 and then nothing")]
    page = text_of(alice.post(sent_page, {"recipients": "211", "files": files}))
    assert StagedFile.objects.get().name == "good.png"
    assert "“bad.pdf” is damaged" in page


def test_files_and_staged_ones_are_counted_together(alice, sent_page, stage, letter):
    Preferences.objects.update_or_create(id=1, defaults={"files_limit": 2})
    form = {"recipients": "211", "staged": [stage("1.png").uid, stage("2.png").uid], "files": [letter()]}
    page = text_of(alice.post(sent_page, form))
    assert "A fax takes at most 2 files; these are 3." in page
    assert StagedFile.objects.count() == 2


def test_a_stranger_of_a_file_is_said_to_be_gone(alice, sent_page):
    page = text_of(alice.post(sent_page, {"recipients": "211", "staged": [uuid.uuid4(), "not an id"]}))
    assert "is not kept any more" in page


def test_a_staged_form_that_is_sent_twice_is_one_fax(alice, sent_page, stage):
    form = {"recipients": "211", "staged": stage().uid, "key": "0c5b7f6e-9f7f-4c71-8d5d-0c9a4c6f2f11"}
    assert [alice.post(sent_page, form).status_code for _ in range(2)] == [302, 302]
    assert Fax.objects.count() == 1


def test_a_form_reads_a_bounded_number_of_ids():
    class Posted(dict):
        def getlist(self, name):
            return self.get(name, [])

    ids = [str(uuid.uuid4()) for _ in range(1000)]
    assert len(UploadForm.read(Posted(staged=ids)).staged) == 100


def test_each_recipient_is_told_as_it_was_read(read):
    told = read("202 555 0100", "211", "0004*310", "lab")
    assert [one.get("shown") for one in told["recipients"]] == [
        "+1 202-555-0100",
        "211 Lab",
        "0004*310 Rival",
        None,
    ]
    assert told["recipients"][3]["wrong"] == "“lab” is the same recipient as “211”."
    assert told["wrong"] == ""


def test_a_name_is_read_as_its_extension(read):
    assert read("Lab")["recipients"] == [{"given": "Lab", "shown": "211 Lab"}]


def test_what_is_wrong_is_told_with_its_remedy(cast, read):
    BlockedDestination.objects.create(organization=cast.clinic, prefix="+1900", reason="Too dear")
    bob, blocked = read("Bob", "+1 900 555 0100")["recipients"]
    assert bob["wrong"] == "“Bob” is not a phone number."
    assert bob["remedy"].startswith("Write it like +1")
    assert "are blocked: Too dear" in blocked["wrong"]


def test_too_many_are_told_as_they_are_made(cast, read):
    Preferences.objects.update_or_create(id=1, defaults={"recipients_limit": 1})
    assert "at most 1 recipient; these are 2" in read("211", "+12025550100")["wrong"]
    assert "these are 100." in read(*["211"] * 100)["wrong"]


def test_whom_one_may_mean_is_found_by_number_or_name(cast, read):
    Extension.objects.create(organization=cast.clinic, number="215", name="Night Lab", owner=cast.bob)
    Extension.objects.create(
        organization=cast.clinic, number="219", name="Lab, closed", owner=cast.bob, fax_enabled=False
    )
    Extension.objects.create(organization=cast.rival, number="212", name="Lab", owner=cast.charlie)
    named = [{"number": "211", "name": "Lab"}, {"number": "215", "name": "Night Lab"}]
    assert read(typed="la")["suggestions"] == named
    assert read(typed="21")["suggestions"] == named
    assert read(typed="zz")["suggestions"] == []
    assert read()["suggestions"] == []


def test_what_is_typed_is_read_too(read):
    assert read("211", typed="202 555 0100")["typed"] == {"given": "202 555 0100", "shown": "+1 202-555-0100"}
    assert "wrong" in read("211", typed="Lab")["typed"]
    assert len(read("211", typed="Lab")["recipients"]) == 1


def test_from_an_organization_that_is_off_the_form_says_so(cast, browser_of, sent_page):
    cast.clinic.enabled = False
    cast.clinic.save()
    assert "Acme Clinic is switched off" in text_of(browser_of(cast.admin).get(sent_page))


def test_a_picture_that_comes_too_late_takes_no_sentence_from_the_page(alice, stage, sent_page):
    one = stage()
    answer = alice.post(sent_page, {"recipients": "+12025550100", "staged": [one.uid]})
    assert answer.status_code == 302
    assert alice.get(reverse("staged-picture", args=[one.uid, 1])).status_code == 404
    assert "Your fax to +1 202-555-0100 is on its way." in text_of(alice.get(sent_page))
