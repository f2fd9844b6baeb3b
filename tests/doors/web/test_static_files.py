"""Styles and scripts: kept by browsers for good, anew after an upgrade, never half."""

import gzip
import re
from urllib.request import urlopen

import pytest
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.test import Client

from caselli.doors.web import static_files

FOR_GOOD = "public, max-age=31536000, immutable"


@pytest.fixture
def own_folder(tmp_path, settings):
    """With one style sheet in it; the finders know it."""
    sheet = tmp_path / "sheet.css"
    sheet.write_text("body { color: black }")
    settings.STATICFILES_DIRS = [tmp_path]
    finders.get_finder.cache_clear()
    yield sheet
    finders.get_finder.cache_clear()


@pytest.mark.django_db
def test_all_that_a_page_names_is_kept_for_good():
    page = Client().get("/login").content.decode()
    named = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', page))
    assert len(named) > 10
    assert {Client().get(one).headers["Cache-Control"] for one in named} == {FOR_GOOD}


def test_what_a_script_imports_lies_beside_it_and_is_kept_for_good():
    script = static("web/upload.js")
    imported = re.findall(r'import "\./([^"]+)"', Client().get(script).content.decode())
    assert imported == ["recipients.js"]
    answer = Client().get(f"{script.rpartition('/')[0]}/{imported[0]}")
    assert answer.headers["Cache-Control"] == FOR_GOOD
    assert answer.headers["Content-Type"] == "text/javascript"


def test_what_an_older_page_names_is_the_file_of_now_and_not_kept():
    answer = Client().get("/static/0123456789ab/web/base.css")
    assert answer.content == Client().get(static("web/base.css")).content
    assert answer.headers["Cache-Control"] == "no-cache"
    again = Client().get("/static/web/base.css", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_it_is_packed_for_browsers_that_can_unpack_it():
    plain = Client().get(static("web/base.css"))
    packed = Client().get(static("web/base.css"), headers={"Accept-Encoding": "gzip, br"})
    assert gzip.decompress(packed.content) == plain.content
    assert int(packed.headers["Content-Length"]) == len(packed.content) < len(plain.content)
    assert packed.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize("name", ["web/nothing.css", "../settings.py", "%2e%2e/%2e%2e/settings.py", "", "web"])
def test_what_is_no_static_file_is_not_found(name):
    assert Client().get(f"/static/{name}").status_code == 404


def test_a_template_that_names_a_missing_file_is_a_mistake():
    with pytest.raises(ValueError, match=r"no static file 'web/nothing\.css'"):
        static("web/nothing.css")


def test_a_file_that_is_edited_meanwhile_stays_whole_and_the_next_start_has_another_address(own_folder):
    before = static_files.read()
    own_folder.write_text("body { color: black; background: white }")
    assert before.files["sheet.css"].content == b"body { color: black }"
    assert static_files.read().stamp != before.stamp
    own_folder.write_text("body { color: black }")
    assert static_files.read().stamp == before.stamp


def test_a_browser_in_the_tests_gets_them_too(live_server):
    with urlopen(live_server.url + static("web/base.css")) as answer:
        assert answer.headers["Cache-Control"] == FOR_GOOD
