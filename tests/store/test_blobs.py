import os
import time

import pytest

from caselli.store import blobs, sweep


def test_what_is_kept_can_be_read_by_its_name():
    digest = blobs.keep(b"a page")
    assert blobs.path(digest).read_bytes() == b"a page"
    assert blobs.keep(b"a page") == digest


def test_a_file_is_kept_as_its_bytes_are(tmp_path):
    (tmp_path / "page").write_bytes(b"a page of a file")
    assert blobs.keep(tmp_path / "page") == blobs.keep(b"a page of a file")


def test_several_are_kept_in_their_order_and_one_of_them_twice_is_one(tmp_path):
    (tmp_path / "page").write_bytes(b"of a file")
    names = blobs.keep_all([b"first", tmp_path / "page", b"first"])
    assert [blobs.path(one).read_bytes() for one in names] == [b"first", b"of a file", b"first"]
    assert names[0] == names[2]
    assert blobs.keep_all([]) == []


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "a" * 63])
def test_only_the_name_of_a_blob_leads_to_a_path(name):
    with pytest.raises(ValueError, match="not the name of a blob"):
        blobs.path(name)


def test_a_failed_copy_leaves_nothing(tmp_path):
    before = set(blobs.folder().rglob("*")) if blobs.folder().exists() else set()
    with pytest.raises(FileNotFoundError):
        blobs.keep_all([b"one that could be read", tmp_path / "missing"])
    assert {one for one in blobs.folder().rglob("*") if one.is_file()} <= before


def test_what_no_fax_refers_to_is_swept_once_it_is_old(make_fax):
    fax = make_fax("+12025550100")
    stray = blobs.keep(b"belongs to nobody")
    old = time.time() - 2 * sweep.OLD_ENOUGH
    os.utime(blobs.path(stray), (old, old))
    os.utime(blobs.path(fax.pages_blob), (old, old))
    young = blobs.keep(b"just coming in")
    assert sweep.orphans() >= 1
    assert not blobs.path(stray).exists()
    assert blobs.path(young).exists()
    assert blobs.path(fax.pages_blob).exists()
