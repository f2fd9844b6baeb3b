"""Headers as WSGI can tell them: one of each name, and no two names that become the same one."""

from collections.abc import MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]


def as_wsgi_tells_them(scope: Scope) -> Scope:
    """By HTTP/2 browsers send each cookie in a header of its own (RFC 9113, 8.2.3): joined by "; ", as it says there,
    because the bridge to WSGI joins by commas. Names with an underscore go: they would pass for those with a hyphen,
    and nobody's ``X_Forwarded_For`` is to stand beside the one that our proxy wrote.
    """
    cookies = b"; ".join(value for name, value in scope["headers"] if name == b"cookie")
    rest = [(name, value) for name, value in scope["headers"] if name != b"cookie" and b"_" not in name]
    return {**scope, "headers": [*rest, (b"cookie", cookies)] if cookies else rest}
