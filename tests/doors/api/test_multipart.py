"""Multipart forms as old clients write them: no part is left out, and nothing is read that is not there."""

import base64
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caselli.doors.api.multipart import MultipartError, boundary_of, parts

BOUNDARY = b"------------325343636"


def form(*written, end=b"--\r\n"):
    """``written``: each a head, without the empty line, and a content."""
    body = b"".join(b"--" + BOUNDARY + b"\r\n" + head + b"\r\n\r\n" + content + b"\r\n" for head, content in written)
    return body + b"--" + BOUNDARY + end


class Slow:
    """Gives out so many bytes at a time."""

    def __init__(self, body, size):
        self._body, self._size = io.BytesIO(body), size

    def read(self, size=-1):
        return self._body.read(min(size, self._size))


def read(body, size=1 << 16):
    return [(head.name, head.filename, b"".join(content)) for head, content in parts(Slow(body, size), BOUNDARY)]


def only(head, content=b"x"):
    ((name, filename, came),) = read(form((head, content)))
    assert came == content
    return name, filename


@given(
    st.lists(st.binary().map(lambda one: one.replace(b"--" + BOUNDARY, b"")), max_size=4),
    st.integers(min_value=1, max_value=70),
)
def test_every_content_comes_whole_however_it_is_cut(contents, size):
    head = b'Content-Disposition: form-data; name="files"; filename="a.pdf"'
    assert read(form(*((head, one) for one in contents)), size) == [("files", "a.pdf", one) for one in contents]


@pytest.mark.parametrize("size", [1, 7, 1 << 16])
def test_a_part_without_content_may_share_its_empty_line_with_the_boundary(size):
    """As RFC 2046 allows, and some clients write it."""
    head = b'Content-Disposition: form-data; name="%s"\r\n\r\n'
    mark = b"--" + BOUNDARY
    body = mark + b"\r\n" + head % b"a" + mark + b"\r\n" + head % b"b" + b"x\r\n" + mark + b"\r\n" + head % b"c"
    assert read(body + mark + b"--\r\n", size) == [("a", None, b""), ("b", None, b"x"), ("c", None, b"")]


@pytest.mark.parametrize(
    ("disposition", "name", "filename"),
    [
        (b'form-data; name="request"', "request", None),
        (b'form-data; name="request";', "request", None),
        (b'form-data; name="files"; filename="/path/to/file/fax.txt"', "files", "fax.txt"),
        (b'form-data; name="files"; filename="C:\\tmp\\new fax.txt"', "files", "new fax.txt"),
        (b'form-data; name="files[0]"; filename="a.pdf"', "files[0]", "a.pdf"),
        (b'form-data; name="my letter (2).pdf"; filename="phpA1b2"', "my letter (2).pdf", "phpA1b2"),
        (b"form-data; name=files; filename=a.pdf", "files", "a.pdf"),
        (b'form-data; filename="a; name=b.pdf"; name="files"', "files", "a; name=b.pdf"),
        (b'form-data; name="files"; filename="a \\"b\\".pdf"', "files", 'a "b".pdf'),
        (b'form-data; filename="a.pdf"', "", "a.pdf"),
        (b'form-data; name=""; filename="a.pdf"', "", "a.pdf"),
        (b'form-data; name="files"; filename=""', "files", None),
        ('form-data; name="files"; filename="naïve.pdf"'.encode(), "files", "naïve.pdf"),
        ('form-data; name="files"; filename="naïve.pdf"'.encode("latin-1"), "files", "naïve.pdf"),
        (b"form-data; name=\"files\"; filename*=UTF-8''na%C3%AFve.pdf", "files", "naïve.pdf"),
        (b"form-data; name=\"files\"; filename*=no-such-charset''a.pdf", "files", "a.pdf"),
    ],
)
def test_how_parts_are_named(disposition, name, filename):
    assert only(b"Content-Disposition: " + disposition) == (name, filename)


@pytest.mark.parametrize(
    "more", [b"", b"\r\nContent-Type: application/octet-stream", b"\r\nContent-Type;application/octet-stream"]
)
def test_what_else_stands_in_the_head_does_not_matter(more):
    assert only(b'content-disposition:form-data; name="files"; filename="a"' + more) == ("files", "a")
    assert only(b'Content-Disposition: form-data;\r\n name="files";\r\n\tfilename="a"' + more) == ("files", "a")


def test_a_part_without_a_head_is_a_part():
    assert read(b"--" + BOUNDARY + b"\r\n\r\nwords\r\n--" + BOUNDARY + b"--") == [("", None, b"words")]


def test_what_stands_before_and_behind_is_passed_over():
    body = b"Hello\r\n" + form((b'Content-Disposition: form-data; name="a"', b"1")) + b"\r\nGoodbye"
    assert read(body) == [("a", None, b"1")]


@pytest.mark.parametrize("end", [b"--", b"--\r\n", b"", b"\r\n"])
def test_how_it_ends_is_forgiven(end):
    assert read(form((b'Content-Disposition: form-data; name="a"', b"1"), end=end)) == [("a", None, b"1")]


def test_what_is_not_read_of_a_part_is_passed_over():
    head = b'Content-Disposition: form-data; name="a"'
    found = [one.name for one, _ in parts(io.BytesIO(form((head, b"x" * 200_000), (head, b"y"))), BOUNDARY)]
    assert found == ["a", "a"]


@pytest.mark.parametrize("size", [1, 7, 1 << 16])
def test_base64_is_read(size):
    head = b'Content-Disposition: form-data; name="a"; filename="b"\r\nContent-Transfer-Encoding: base64'
    body = form((head, base64.encodebytes(bytes(range(256)))))
    assert read(body, size) == [("a", "b", bytes(range(256)))]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "breaks off"),
        (b"no form at all", "breaks off"),
        (form((b"A: b", b"x"))[:-30], "breaks off"),
        (form((b"A: " + b"b" * 20_000, b"x")), "headers of a part are too long"),
        (form(*[(b"A: b", b"x")] * 201), "more than 200 parts"),
        (form((b"Content-Transfer-Encoding: base64", b"####")), "base64 cannot be read"),
        (form((b"Content-Transfer-Encoding: base64", b"AAA")), "base64 breaks off"),
    ],
)
def test_what_is_broken_is_said(body, why):
    with pytest.raises(MultipartError, match=why):
        read(body)


@pytest.mark.parametrize(
    ("written", "boundary"),
    [
        ("multipart/form-data; boundary=abc", b"abc"),
        ('multipart/form-data; charset=utf-8; boundary="a b"', b"a b"),
        ("multipart/form-data;boundary=----WebKitFormBoundary7MA4YWxk", b"----WebKitFormBoundary7MA4YWxk"),
    ],
)
def test_the_boundary_is_read(written, boundary):
    assert boundary_of(written) == boundary


@pytest.mark.parametrize(
    "written", ["multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=ä"]
)
def test_a_form_without_a_boundary_is_none(written):
    with pytest.raises(MultipartError):
        boundary_of(written)
