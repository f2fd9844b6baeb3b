"""Manage extensions, and the overview of one."""

from caselli.store.models import Extension


def test_one_sees_ones_own_extensions(alice):
    page = alice.get("/extensions").content.decode()
    assert "Front desk" in page
    assert "Lab" not in page


def test_an_extension_leads_to_its_overview_and_that_to_its_pages_and_back(alice, sent_page):
    overview = "/extensions/0003*210"
    assert f'href="{overview}"' in alice.get("/extensions").content.decode()
    page = alice.get(overview).content.decode()
    for address in (sent_page, f"{overview}/received", "/extensions"):
        assert f'href="{address}"' in page
    assert "Send Fax" in page
    assert "Alice, Acme Clinic" in page


def test_an_administrator_finds_extensions_by_number_name_owner_and_organization(cast, browser_of):
    browser = browser_of(cast.admin)

    def found(words):
        page = browser.get("/extensions", {"find": words}).content.decode()
        return {one.extended for one in Extension.objects.all() if f"/extensions/{one.extended}/sent" in page}

    assert found("") == {"0003*210", "0003*211", "0004*310"}
    assert found("0003*211") == {"0003*211"}
    assert found("desk") == {"0003*210"}
    assert found("charlie") == {"0004*310"}
    assert found("acme 21") == {"0003*210", "0003*211"}
    assert found("nobody") == set()


def test_who_has_no_extension_is_told_what_to_do(cast, browser_of):
    cast.lab.owner = cast.alice
    cast.lab.save()
    assert "Ask your administrator" in browser_of(cast.bob).get("/extensions").content.decode()


def test_a_number_that_is_not_there_is_not_found(alice):
    for address in ("/extensions/0003*999", "/extensions/0003", "/extensions/0003*210*1", "/extensions/x*y"):
        assert alice.get(address).status_code == 404
