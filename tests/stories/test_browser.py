"""The product in a real browser, against a whole Caselli: from the login to *Sent*, by script and without."""

import json
import re
import time

import pytest
from paper import letter
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
PATIENCE = 120_000
"""Milliseconds for a fax of some pages, on a machine that does other things too."""
SENT = "/extensions/0003*210/sent"


def row_of(page, document):
    return page.locator("tbody.one").filter(has_text=document)


def test_a_newcomer_sends_a_fax_and_watches_it_arrive(visit, tmp_path):
    page = visit("alice")
    page.get_by_role("link", name="210 Front desk").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Extension 210 Front desk")
    page.get_by_role("link", name="Send Fax").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sent Fax Messages from Extension Front desk")

    page.get_by_label("Send fax to").fill("+1 202 555 0100")
    page.get_by_label("Fax files", exact=True).set_input_files(letter(tmp_path, pages=3, name="newcomer"))
    page.get_by_role("button", name="OK").click()
    expect(page.locator("#messages")).to_contain_text("Your fax to +1 202-555-0100 is on its way.")

    row = row_of(page, "newcomer.pdf")
    page.evaluate("window.neverReloaded = true")
    expect(row.locator(".c-status")).to_contain_text("Scheduled For Sending")
    expect(row.locator(".notes")).to_contain_text(re.compile("Sending, page [23] of 3"), timeout=PATIENCE)
    expect(row.locator(".c-status")).to_have_text("Sent", timeout=PATIENCE)
    assert page.evaluate("window.neverReloaded")

    row.get_by_role("link", name="Fax info").click()
    expect(page.locator(".initiated")).to_have_text("Caselli initiated the call to send the fax to +1 202-555-0100.")
    expect(page.locator(".call")).to_contain_text("3 of 3")
    page.get_by_text("Pages and messages of this call").click()
    ladder = page.locator(".ladder")
    expect(ladder).to_contain_text("INVITE")
    expect(ladder).to_contain_text("MCF")

    page.get_by_role("link", name="Page 1").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Page 1 of 3")
    page.wait_for_load_state()  # until then no script listens
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("heading", level=1)).to_have_text("Page 2 of 3")
    picture = page.get_by_alt_text("Page 2 of the fax")
    expect(picture).not_to_have_js_property("naturalWidth", 0)
    assert picture.evaluate("image => image.naturalWidth") >= 600

    page.get_by_role("link", name="Answering machine").click()
    received = page.locator(".machine li").filter(has_text="+1 202-555-0100").first
    expect(received).to_contain_text("Received 3 pages")
    received.get_by_role("link").click()
    expect(page.get_by_alt_text("Page 1 of the fax")).to_be_visible()


def test_fax_info_moves_by_itself_and_keeps_open_what_was_unfolded(visit, tmp_path):
    page = visit("alice")
    page.goto(SENT)
    page.get_by_label("Send fax to").fill("+1 202 555 0101")
    page.get_by_label("Fax files", exact=True).set_input_files(letter(tmp_path, name="busy"))
    page.get_by_role("button", name="OK").click()
    row_of(page, "busy.pdf").get_by_role("link", name="Fax info").click()
    expect(page.locator("#told .call").first).to_contain_text("The line was busy.", timeout=PATIENCE)
    page.get_by_text("Pages and messages of this call").last.click()
    expect(page.locator("#told h1 + .sub .pill")).to_have_text("Send Failed", timeout=PATIENCE)
    expect(page.locator("#told .call")).to_have_count(3)
    expect(page.locator("#call-1-1 .ladder")).to_contain_text("486")
    expect(page.locator("#news")).to_have_text("Fax to +1 202-555-0101: Send Failed.")


def test_a_held_fax_goes_by_a_click_on_its_status(visit, tmp_path):
    page = visit("alice")
    page.goto(SENT)
    page.get_by_label("Send fax to").fill("211")
    page.get_by_label("Fax files", exact=True).set_input_files(letter(tmp_path, name="held"))
    page.get_by_label("Hold until I say so").check()
    page.get_by_role("button", name="OK").click()
    row = row_of(page, "held.pdf")
    row.get_by_role("button", name=re.compile("Approved.*Send the fax to 211 Lab")).click()
    expect(row.locator(".c-status")).to_have_text("Sent")
    expect(page.locator("#messages")).to_have_text("The fax is on its way.")

    page = visit("bob")
    page.goto("/extensions/0003*211/received")
    with page.expect_response(re.compile("/read$")):  # who leaves before it has not read the fax
        page.locator("tr.unread").first.get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Fax from 0003*210 Front desk")
    page.goto("/extensions/0003*211/received")
    expect(page.locator("tbody tr").first).to_have_class("read")


def test_a_row_that_moves_while_a_button_of_it_is_pressed_keeps_still_until_then(visit, caselli, tmp_path):
    held = caselli.ask("send", "--from", "210", "--to", "211", "--hold", str(letter(tmp_path, name="moving")))
    assert held.returncode == 0, held.stderr
    page = visit("alice")
    page.goto(SENT)
    row = row_of(page, "moving.pdf")
    row.get_by_role("button", name=re.compile("Approved.*Send the fax to 211 Lab")).hover()
    page.mouse.down()
    with page.expect_response(re.compile("/row$")):
        row.evaluate("row => htmx.trigger(row, 'moved')")
    page.evaluate("new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)))")
    with page.expect_response(re.compile("/row$")):  # what it was to become is asked for once more
        page.mouse.up()
    expect(row.locator(".c-status")).to_have_text("Sent")


def test_a_row_that_moves_while_its_deed_is_under_way_still_gets_the_answer_and_its_message(visit, caselli, tmp_path):
    held = caselli.ask("send", "--from", "210", "--to", "211", "--hold", str(letter(tmp_path, name="under way")))
    assert held.returncode == 0, held.stderr
    page = visit("alice")
    page.goto(SENT)
    row = row_of(page, "under way.pdf")
    deeds = []

    def keep(deed):
        deeds.append(deed)

    page.route("**/faxes/*/send", keep)
    with page.expect_request("**/faxes/*/send"):
        row.get_by_role("button", name=re.compile("Approved.*Send the fax to 211 Lab")).click()
    with page.expect_response(re.compile("/row$")):
        row.evaluate("row => htmx.trigger(row, 'moved')")
    page.evaluate("new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)))")
    deeds.pop().continue_()
    expect(page.locator("#messages")).to_have_text("The fax is on its way.")
    expect(row.locator(".c-status")).to_have_text("Sent")


def test_what_moves_while_its_row_is_being_fetched_is_fetched_once_more(visit, caselli, tmp_path):
    held = caselli.ask("send", "--from", "210", "--to", "211", "--hold", str(letter(tmp_path, name="late")), "--json")
    page = visit("alice")
    page.goto(SENT)
    row = row_of(page, "late.pdf")
    page.evaluate("""new Promise((connected) => {
      const stream = new EventSource(document.body.dataset.listen);
      window.heard = new Promise((heard) => stream.addEventListener("fax", heard));
      stream.addEventListener("all", connected);
    })""")
    before = page.request.get(row.get_attribute("hx-get"), headers={"HX-Request": "true"})
    fetches = []

    def keep(fetch):
        fetches.append(fetch)

    page.route(re.compile("/row$"), keep, times=1)
    with page.expect_request(re.compile("/row$")):
        row.evaluate("row => htmx.trigger(row, 'moved')")
    assert caselli.ask("send-held", json.loads(held.stdout)["id"]).returncode == 0
    page.evaluate("heard.then(() => new Promise((asked) => setTimeout(asked, 300)))")
    fetches.pop().fulfill(response=before)
    expect(row.locator(".c-status")).to_have_text("Sent")


def test_what_happened_before_the_page_could_listen_is_fetched_as_soon_as_it_does(visit, caselli, tmp_path):
    held = caselli.ask("send", "--from", "210", "--to", "211", "--hold", str(letter(tmp_path, name="early")), "--json")
    page = visit("alice")
    streams = []

    def keep(stream):
        streams.append(stream)

    page.route("**/live?*", keep, times=1)
    with page.expect_request("**/live?*"):
        page.goto(SENT)
    assert caselli.ask("send-held", json.loads(held.stdout)["id"]).returncode == 0
    row = row_of(page, "early.pdf")
    expect(row.get_by_role("button", name=re.compile("Send the fax to 211 Lab"))).to_be_visible()
    streams.pop().continue_()
    expect(row.locator(".c-status")).to_have_text("Sent")


def test_what_comes_by_another_door_is_announced(visit, caselli, tmp_path):
    page = visit("alice")
    page.goto(SENT)
    expect(page.locator("#fresh")).to_be_hidden()
    caselli.send("211", letter(tmp_path, name="elsewhere"))
    page.get_by_text("There is news that is not on this page: show it").click()
    expect(row_of(page, "elsewhere.pdf").locator(".c-status")).to_have_text("Sent")


def test_all_of_it_works_without_script(visit, tmp_path):
    page = visit("alice", java_script_enabled=False)
    page.goto(SENT)
    page.get_by_label("Send fax to").fill("12")
    page.get_by_role("button", name="OK").click()
    expect(page.get_by_role("alert")).to_contain_text("2 things have to be mended")
    expect(page.get_by_label("Send fax to")).to_have_value("12")

    page.get_by_label("Send fax to").fill("+1 202 555 0107")
    page.get_by_label("Fax files", exact=True).set_input_files(letter(tmp_path, name="plain"))
    page.get_by_role("button", name="OK").click()
    expect(page.locator("#messages")).to_contain_text("Your fax to +1 202-555-0107 is on its way.")

    row = row_of(page, "plain.pdf")
    deadline = time.monotonic() + PATIENCE / 1000
    while "Send Failed" not in row.locator(".c-status").inner_text():
        assert time.monotonic() < deadline
        page.reload()
    expect(row.locator(".notes")).to_contain_text("There is no such number. Check the number with the recipient.")
    row.get_by_role("button", name=re.compile("^Cancel")).click()
    expect(page.locator("#messages")).to_contain_text("What can still be stopped is cancelled.")
    expect(row.locator(".c-status")).to_have_text("Canceled")


def test_the_appearance_changes_at_once_and_stays(visit):
    page = visit("alice", color_scheme="light")
    ground = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)
    page.locator("summary .who").click()
    with page.expect_response("**/appearance"):
        page.get_by_role("button", name="Dark").click()
    dark = page.evaluate(ground)
    assert dark != light
    page.reload()
    assert page.evaluate(ground) == dark


def test_a_keyboard_is_enough(visit):
    page = visit("alice")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.goto(SENT)
    page.get_by_label("Send fax to").focus()
    page.keyboard.press("Tab")
    expect(page.get_by_label("Fax files", exact=True)).to_be_focused()


def test_nobody_must_know_the_unknown(caselli, visit, tmp_path):
    fax = caselli.send("+12025550108", letter(tmp_path, pages=1, name="unknown"))
    page = visit("alice")
    caselli.wait_for(fax, lambda told: told["status"] == "Send Failed", PATIENCE / 1000)
    page.goto(f"/faxes/{fax}")
    expect(page.locator(".why")).to_contain_text("the fax may have arrived")
    expect(page.get_by_role("button", name="Send again")).to_be_visible()
    page.get_by_role("button", name="It arrived").click()
    expect(page.locator("#messages")).to_have_text("Noted: the fax has arrived.")
    expect(page.locator("#told h1 + .sub .pill")).to_have_text("Sent")
    expect(page.locator(".why")).to_have_text("A person confirmed that it arrived.")
