"""The upload form in a real browser: recipients as chips, pages before OK, nothing lost when it is refused."""

import os
import signal
import socket
import time
from contextlib import suppress

import pytest
from paper import letter
from playwright.sync_api import expect
from readable import trouble_in

pytestmark = pytest.mark.browser
SENT = "/extensions/0003*210/sent"
DRAWN = "new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)))"
PATIENCE = 120_000
"""Milliseconds for documents to become pages, on a machine that does other things too."""


@pytest.fixture(scope="module")
def signed_in(chromium, caselli):
    """Where the pages are, and the state of a browser in which Alice is signed in."""
    demo = caselli.told("demo")
    context = chromium.new_context(base_url=demo["web"])
    page = context.new_page()
    page.goto("/login")
    page.get_by_label("Login").fill("alice")
    page.get_by_label("Password").fill(next(one["password"] for one in demo["users"] if one["login"] == "alice"))
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/extensions")
    state = context.storage_state()
    context.close()
    return {"base_url": demo["web"], "storage_state": state}


@pytest.fixture
def visit(chromium, signed_in):
    """The Sent Faxes page as Alice sees it. Nothing may be said in the browser's console."""
    contexts, complaints = [], []

    def open_page(**options):
        context = chromium.new_context(**signed_in, **({"viewport": {"width": 1280, "height": 900}} | options))
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(f"{message.text} {message.location['url']}"))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(SENT)
        return page

    yield open_page
    for context in contexts:
        context.close()
    # The browser notes what was refused (422), or could not be reached in a test of just that; and a picture of a
    # staged page that was still on its way when OK handed the file in.
    ours = ("status of 422", "ERR_", "/staged/")
    assert [one for one in complaints if not any(words in one for words in ours)] == []


def field(page):
    return page.get_by_label("Send fax to")


def choose(page, *files):
    page.get_by_label("Fax files", exact=True).set_input_files(files)


def options(page):
    return page.get_by_role("listbox").get_by_role("option")


def chips(page):
    return page.locator(".chip-words")


def names(page):
    return page.locator(".chosen .file-name")


def test_recipients_become_chips_by_the_keyboard_and_are_read_at_once(visit):
    page = visit()
    field(page).press_sequentially("202 555 0100,la")
    expect(options(page)).to_have_text(["211 Lab"])
    field(page).press("ArrowDown")
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        field(page).press("b")  # what is chosen stays so when the same is offered anew
    page.evaluate(DRAWN)
    expect(options(page)).to_have_attribute("aria-selected", "true")
    expect(field(page)).to_have_attribute("aria-activedescendant", options(page).get_attribute("id"))
    field(page).press("Enter")
    expect(chips(page)).to_have_text(["+1 202-555-0100", "211 Lab"])
    expect(page.get_by_role("listbox")).to_be_hidden()

    field(page).press_sequentially("555")
    field(page).press("Enter")
    expect(page.locator("#recipients-errors")).to_contain_text("There is no extension 555 that takes faxes.")
    expect(field(page)).to_have_attribute("aria-invalid", "true")
    field(page).press("Backspace")
    expect(chips(page)).to_have_text(["+1 202-555-0100", "211 Lab"])
    expect(page.locator("#recipients-errors")).to_have_text("")
    expect(field(page)).not_to_have_attribute("aria-invalid", "true")

    page.get_by_role("button", name="Remove +1 202-555-0100").press("Enter")
    expect(chips(page)).to_have_text(["211 Lab"])
    expect(field(page)).to_be_focused()


def test_leaving_the_field_makes_a_chip_and_too_many_are_said(visit):
    page = visit()
    most = int(page.locator("[data-recipients]").get_attribute("data-most"))
    field(page).fill("Lab")
    field(page).press("Tab")
    expect(chips(page)).to_have_text(["211 Lab"])
    field(page).fill(", ".join(f"+1 202 555 01{number:02}" for number in range(most)) + ",")
    expect(chips(page)).to_have_count(most + 1)
    expect(page.locator("#recipients-errors")).to_contain_text(f"these are {most + 1}.")


def test_a_file_is_shown_as_the_far_end_will_see_it_before_ok_and_goes_as_shown(visit, tmp_path):
    page = visit()
    choose(page, letter(tmp_path, pages=6, name="long"))
    choose(page, letter(tmp_path, words="Other", name="short"))
    expect(names(page)).to_have_text(["long.pdf", "short.pdf"])
    expect(page.locator("[data-file]")).to_have_count(2, timeout=PATIENCE)
    expect(page.locator("[data-total]")).to_contain_text("7 pages, as the far end will see them; about ")
    first = page.get_by_alt_text("Page 1 of long.pdf, as the far end will see it")
    expect(first).not_to_have_js_property("naturalWidth", 0)
    assert first.evaluate("image => image.naturalWidth") >= 96
    page.get_by_text("2 more").click()
    expect(page.get_by_alt_text("Page 6 of long.pdf")).to_be_visible()

    page.get_by_role("button", name="Remove long.pdf").click()
    expect(page.locator("[data-total]")).to_contain_text("1 page, as the far end will see it; about ")
    field(page).fill("211")
    page.get_by_role("button", name="OK").click()
    expect(page.locator("#messages")).to_contain_text("Your fax to 211 Lab is on its way.", timeout=PATIENCE)
    expect(page.locator("tbody.one").first).to_contain_text("short.pdf")
    expect(page.locator("[data-file]")).to_have_count(0)


def test_cancel_gives_up_what_was_uploaded_and_leaving_the_page_does_not(visit, tmp_path):
    (tmp_path / "note.txt").write_text("Dear clinic")
    page = visit()

    def upload_and_click(link):
        page.goto(SENT)
        choose(page, tmp_path / "note.txt")
        picture = page.locator(".chosen img").first
        expect(picture).to_be_visible(timeout=PATIENCE)
        address = picture.get_attribute("src")
        assert page.request.get(address).ok
        link.click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Extension 210 Front desk")
        return address

    kept = upload_and_click(page.locator(".crumbs").get_by_role("link", name="Front desk"))
    given_up = upload_and_click(page.get_by_role("link", name="Cancel"))
    until = time.monotonic() + 60
    while page.request.get(given_up).status != 404:
        assert time.monotonic() < until
    assert page.request.get(kept).ok


def test_files_are_dropped_and_a_bad_one_says_why_and_is_not_sent(visit):
    page = visit()
    page.evaluate("""() => {
      const carried = new DataTransfer();
      carried.items.add(new File(["Dear clinic"], "dropped.txt", {type: "text/plain"}));
      carried.items.add(new File(["%PDF-1.7 and then nothing"], "bad.pdf", {type: "application/pdf"}));
      for (const type of ["dragover", "drop"]) {
        document.querySelector("main").dispatchEvent(
          new DragEvent(type, {dataTransfer: carried, bubbles: true, cancelable: true}));
      }
    }""")
    expect(names(page)).to_have_text(["dropped.txt", "bad.pdf"])
    bad = page.locator("li.refused")
    expect(bad).to_contain_text("“bad.pdf” is damaged", timeout=PATIENCE)
    field(page).fill("211")
    page.get_by_role("button", name="OK").click()
    expect(page.locator("[data-progress]")).to_contain_text("“bad.pdf” cannot be sent: remove it, then press OK again.")
    expect(page.get_by_role("button", name="Remove bad.pdf")).to_be_focused()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="OK").click()
    expect(page.locator("#messages")).to_contain_text("Your fax to 211 Lab is on its way.", timeout=PATIENCE)
    expect(page.locator("tbody.one").first).to_contain_text("dropped.txt")


def test_ok_waits_for_a_file_that_is_still_on_its_way(visit, tmp_path):
    page = visit()
    held = []

    def hold(route):
        held.append(route)

    page.route("**/upload*.js", hold)
    page.route("**/staged", hold)
    with page.expect_request("**/upload*.js"):
        page.reload(wait_until="commit")
    choose(page, letter(tmp_path, name="late"))  # before the script is there
    field(page).fill("211")
    with page.expect_request("**/staged"):
        held.pop().continue_()
    expect(names(page)).to_have_text(["late.pdf"])
    page.get_by_role("button", name="OK").click()
    expect(page.locator("[data-progress]")).to_contain_text("The fax goes out as soon as its files are here")
    held.pop().continue_()
    expect(page.locator("#messages")).to_contain_text("Your fax to 211 Lab is on its way.", timeout=PATIENCE)
    expect(page.locator("tbody.one").first).to_contain_text("late.pdf")


def test_pages_that_come_while_ok_is_pressed_do_not_move_it_away(visit, tmp_path):
    page = visit(viewport={"width": 360, "height": 1600})
    field(page).fill("211")
    waiting = []

    def hold(route):
        waiting.append(route)

    page.route("**/staged", hold)
    with page.expect_request("**/staged"):
        choose(page, letter(tmp_path, pages=6, name="growing"))
    expect(names(page)).to_have_text(["growing.pdf"])
    ok = page.get_by_role("button", name="OK")
    ok.hover()
    page.mouse.down()
    with page.expect_event("requestfinished", lambda request: request.url.endswith("/staged")):
        waiting[0].continue_()
    page.evaluate(DRAWN)
    page.mouse.up()
    expect(page.locator("#messages")).to_contain_text("Your fax to 211 Lab is on its way.", timeout=PATIENCE)
    expect(page.locator("tbody.one").first).to_contain_text("growing.pdf")


def test_an_upload_that_the_server_never_got_is_tried_again(visit, tmp_path):
    page = visit()
    page.route("**/staged", lambda route: route.abort())
    choose(page, letter(tmp_path, name="lost"))
    expect(page.locator("li.stalled")).to_contain_text("The server could not be reached. Nothing was lost here.")
    page.unroute("**/staged")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("[data-file]")).to_have_count(1, timeout=PATIENCE)


def test_nothing_is_lost_when_the_server_begins_anew_in_between(visit, caselli, tmp_path):
    page = visit()
    field(page).fill("211")
    choose(page, letter(tmp_path, name="survivor"))
    expect(page.locator("[data-file]")).to_have_count(1, timeout=PATIENCE)
    web = caselli.process_of("web")
    os.kill(web, signal.SIGKILL)
    _wait_for_another(caselli, web)
    page.get_by_role("button", name="OK").click()
    expect(page.locator("#messages")).to_contain_text("Your fax to 211 Lab is on its way.", timeout=PATIENCE)
    expect(page.locator("tbody.one").first).to_contain_text("survivor.pdf")


def _wait_for_another(caselli, web):
    """Until a process that is not this one serves the pages."""
    host, _, port = caselli.environment["CASELLI_WEB"].partition(":")
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        with suppress(OSError, AssertionError), socket.create_connection((host, int(port))):
            if caselli.process_of("web") != web:
                return
    raise AssertionError("nobody serves the pages any more")


def test_a_refused_form_keeps_recipients_files_and_wishes(visit, tmp_path):
    page = visit()
    field(page).fill("555, 211")
    page.get_by_label("Hold until I say so").check()
    choose(page, letter(tmp_path, name="kept"))
    page.get_by_role("button", name="OK").click()
    summary = page.get_by_role("alert").filter(has_text="One thing has to be mended")
    expect(summary).to_be_focused(timeout=PATIENCE)
    expect(chips(page)).to_have_text(["555", "211 Lab"])
    expect(names(page)).to_have_text(["kept.pdf"])
    expect(page.get_by_alt_text("Page 1 of kept.pdf")).to_be_visible()
    page.get_by_role("button", name="Remove 555").click()
    page.get_by_role("button", name="OK").click()
    expect(page.locator("#messages")).to_contain_text(
        "Your fax to 211 Lab is kept until you send it.", timeout=PATIENCE
    )
    expect(page.locator("tbody.one").first).to_contain_text("kept.pdf")


def test_without_script_a_refused_form_keeps_its_files_too(visit, tmp_path):
    page = visit(java_script_enabled=False)
    field(page).fill("555, Lab")
    choose(page, letter(tmp_path, name="one"), letter(tmp_path, words="Other", name="two"))
    page.get_by_role("button", name="OK").click()
    expect(page.get_by_role("alert")).to_contain_text("There is no extension 555", timeout=PATIENCE)
    expect(field(page)).to_have_value("555, Lab")
    expect(names(page)).to_have_text(["one.pdf", "two.pdf"])
    expect(page.locator("[data-total]")).to_contain_text("2 pages, as the far end will see them")
    page.get_by_label("Leave out one.pdf").check()
    field(page).fill("Lab")
    page.get_by_role("button", name="OK").click()
    expect(page.locator("#messages")).to_contain_text("Your fax to 211 Lab is on its way.", timeout=PATIENCE)
    row = page.locator("tbody.one").first
    expect(row).to_contain_text("two.pdf")
    expect(row).not_to_contain_text("one.pdf")


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
def test_the_form_is_accessible_and_fits_in_all_its_states(visit, tmp_path, width, scheme):
    page = visit(viewport={"width": width, "height": 800}, color_scheme=scheme)
    found = {"empty": trouble_in(page)}
    field(page).press_sequentially("+1 202 555 0100, 555, 21")
    expect(options(page).first).to_be_visible()
    field(page).press("ArrowDown")
    found["choices"] = trouble_in(page)
    field(page).press("Escape")
    bad = tmp_path / "a document with a name that is far too long for any phone that people carry.pdf"
    bad.write_bytes(b"%PDF-1.7 and then nothing")
    choose(page, letter(tmp_path, pages=6, name="good"), bad)
    expect(page.locator("[data-file]")).to_have_count(1, timeout=PATIENCE)
    expect(page.locator("li.refused")).to_be_visible(timeout=PATIENCE)
    page.get_by_text("2 more").click()
    found["files"] = trouble_in(page)
    page.get_by_role("button", name="Remove a document").click()
    page.get_by_role("button", name="OK").click()
    expect(page.get_by_role("alert").filter(has_text="to be mended")).to_be_visible()
    found["refused"] = trouble_in(page)
    assert {state: trouble for state, trouble in found.items() if trouble} == {}
