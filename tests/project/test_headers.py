"""What a browser sends by HTTP/2, as the pages read it."""

from a2wsgi.wsgi import build_environ

from caselli.project.headers import as_wsgi_tells_them


def read(*headers):
    scope = {"method": "GET", "path": "/", "query_string": b"", "http_version": "2", "headers": list(headers)}
    return build_environ(as_wsgi_tells_them(scope), None)


def test_cookies_in_headers_of_their_own_are_one_cookie_header():
    got = read((b"cookie", b"csrftoken=a"), (b"accept", b"*/*"), (b"cookie", b"sessionid=b"))
    assert got["HTTP_COOKIE"] == "csrftoken=a; sessionid=b"
    assert got["HTTP_ACCEPT"] == "*/*"


def test_without_cookies_there_is_no_cookie_header():
    assert "HTTP_COOKIE" not in read((b"accept", b"*/*"))


def test_an_underscore_does_not_pass_for_a_hyphen():
    got = read((b"x_forwarded_for", b"198.51.100.7"), (b"x-forwarded-for", b"192.0.2.1"), (b"remote_user", b"admin"))
    assert got["HTTP_X_FORWARDED_FOR"] == "192.0.2.1"
    assert "HTTP_REMOTE_USER" not in got
